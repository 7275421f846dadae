import { describe, expect, it } from 'vitest'
import { requestsOf, timersLeft } from '../support/hooks.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

/** The customer says one thing from 0 to 1 s, is answered until 2.2 s, and is silent until `untilSeconds`. */
const silence = (untilSeconds: number) => `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: ${untilSeconds}, say: "I am back.", lasts: 1 }]`
const replies = `
model: [{ when: Hello, reply: "Hi." }, { when: back, reply: "Good." }]`

/** An assistant with these timeout hooks, and no other end of a silence. */
const assistant = (...hooks: string[]) => `
assistant: { silenceTimeoutSeconds: 3600, hooks: [${hooks.join(', ')}] }`
const hook = (options: string, does: string, more = '') =>
  `{ on: customer.speech.timeout, options: { ${options} }, do: [${does}]${more} }`
const say = (text: string) => `{ type: say, exact: "${text}" }`

/** When hooks were triggered, in seconds since the customer stopped speaking at 1 s. */
function triggers(call: SimulatedCall): number[] {
  return call.all('hook.triggered').map(({ atMs }) => (atMs - 1000) / 1000)
}

function spoken(call: SimulatedCall): string[] {
  return call
    .all('assistant.speech.started')
    .filter(({ source }) => source === 'hook' || source === 'idle')
    .map(({ text }) => text)
}

const invalid = (yaml: string) => expect(runSimulation(yaml)).rejects.toThrow

describe('idle messages by hooks', () => {
  it('[idle-by-hooks, idle-timeout-waits, idle-clock] come so long after the customer stopped speaking', async () => {
    const call = await runSimulation(
      assistant(hook('timeoutSeconds: 10', say('Are you there?'))) + silence(15) + replies,
    )
    expect(triggers(call)).toEqual([10])
    expect(call.all('assistant.speech.started').map(({ text, atMs }) => [text, atMs])).toEqual([
      ['Hi.', 1900],
      ['Are you there?', 11_300],
      ['Good.', 16_900],
    ])
  })

  it('[idle-exact, idle-exact-is-strict] are spoken word for word, and no model is asked', async () => {
    const call = await runSimulation(
      assistant(hook('timeoutSeconds: 10', say('Hm: 3 of 4?'))) + silence(15) + replies,
    )
    expect(call.all('assistant.speech.stopped')[1]).toMatchObject({ spokenText: 'Hm: 3 of 4?' })
    expect(call.all('model.requested').map(({ atMs }) => atMs)).toEqual([1100, 16_100])
  })

  it('[idle-prompt, idle-prompt-takes-model-time] are written by the model, which takes its time', async () => {
    const prompt = '{ type: say, prompt: "Ask whether the customer is there." }'
    const call = await runSimulation(`${assistant(hook('timeoutSeconds: 10', prompt)) + silence(15)}
model: [{ reply: "Hi." }, { reply: "Do you still need me?" }, { reply: "Good." }]`)
    const asked = requestsOf(call)[1]
    expect(asked).toEqual([
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'Hi.' },
      { role: 'system', content: 'Ask whether the customer is there.' },
    ])
    expect(call.all('assistant.speech.started')[1]).toMatchObject({
      text: 'Do you still need me?',
      source: 'hook',
      atMs: 11_000 + 500 + 300,
    })
  })

  it('[idle-prompt-transcript, idle-prompt-names-silence] get the conversation in the place of {{transcript}}', async () => {
    const prompt = '{ type: say, prompt: "Nothing for 20 s. So far:\\n{{transcript}}\\nOffer help." }'
    const call = await runSimulation(`${assistant(hook('timeoutSeconds: 20', prompt)) + silence(25)}
model: [{ reply: "Hi." }, { reply: "Can I help?" }, { reply: "Good." }]`)
    expect(requestsOf(call)[1]?.at(-1)?.content).toBe(
      'Nothing for 20 s. So far:\nUser: Hello.\nAI: Hi.\nOffer help.',
    )
  })

  it('[idle-language-by-prompt] follow a prompt that names the language, whatever the model writes', async () => {
    const prompt = '{ type: say, prompt: "In the language of {{transcript}}: ask for a sign of life." }'
    const call = await runSimulation(`${assistant(hook('timeoutSeconds: 10', prompt))}
caller: [{ at: 0, say: "Hola.", lasts: 1 }, { at: 15, say: "Ya.", lasts: 1 }]
model: [{ reply: "Buenas." }, { reply: "¿Sigues ahí?" }, { reply: "Bien." }]`)
    expect(requestsOf(call)[1]?.at(-1)?.content).toContain('User: Hola.\nAI: Buenas.')
    expect(spoken(call)).toEqual(['¿Sigues ahí?'])
  })

  it('[idle-message-is-fetched, idle-one-of-several, idle-exact-shape] are one of a list, drawn by the call’s seed', async () => {
    const list = '{ type: say, exact: ["One?", "Two?", "Three?"] }'
    const yaml = assistant(hook('timeoutSeconds: 2, triggerMaxCount: 10', list)) + silence(22) + replies
    const said = spoken(await runSimulation(yaml))
    expect(said).toHaveLength(10)
    expect(new Set(said)).toEqual(new Set(['One?', 'Two?', 'Three?']))
    expect(spoken(await runSimulation(yaml))).toEqual(said)
    expect(
      spoken(
        await runSimulation(
          assistant(hook('timeoutSeconds: 10', '{ type: say, exact: "One?" }')) + silence(15) + replies,
        ),
      ),
    ).toEqual(['One?'])
  })

  it('[idle-language-specific] of a Spanish assistant are Spanish', async () => {
    const list = ['¿Estás ahí?', '¿Te ayudo?']
    const call = await runSimulation(
      assistant(hook('timeoutSeconds: 10', `{ type: say, exact: ${JSON.stringify(list)} }`)) +
        silence(15) +
        replies,
    )
    expect(list).toContain(spoken(call)[0])
    expect(triggers(call)).toEqual([10])
  })

  it('[idle-say-then-end-call] followed by endCall are spoken to their end before the call is over', async () => {
    const call = await runSimulation(
      assistant(
        hook('timeoutSeconds: 10', `${say('Goodbye then.')}, { type: tool, tool: { type: endCall } }`),
      ) +
        silence(60) +
        replies,
    )
    const stopped = call.all('assistant.speech.stopped')[1]
    expect(stopped).toMatchObject({ spokenText: 'Goodbye then.', reason: 'completed' })
    expect(call.first('call.ended').atMs).toBeGreaterThanOrEqual(stopped?.atMs ?? 0)
    expect(call.endedReason).toBe('assistant-ended-call')
  })
})

describe('the clock of a silence', () => {
  const short = assistant(hook('timeoutSeconds: 5', say('There?')))

  it('[idle-clock-openapi] starts with the assistant’s last word under the API document’s reading', async () => {
    const call = await runSimulation(short + silence(8) + replies, 'openapi')
    const [answer] = call.all('assistant.speech.stopped')
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([(answer?.atMs ?? 0) + 5000])
    expect((await runSimulation(short + silence(8) + replies)).first('hook.triggered').atMs).toBe(6000)
  })

  it('[idle-clock-before-first-words] starts with the end of the first message, or with the call', async () => {
    const first = short.replace(
      '{ ',
      '{ firstMessageMode: assistant-speaks-first, firstMessage: "Welcome.", ',
    )
    const opened = await runSimulation(`${first}
caller: [{ at: 8, say: "Hello.", lasts: 1 }]${replies}`)
    const [welcome] = opened.all('assistant.speech.stopped')
    expect(opened.first('hook.triggered').atMs).toBe((welcome?.atMs ?? 0) + 5000)
    const waiting = await runSimulation(`${short}
caller: [{ at: 7.5, say: "Hello.", lasts: 1 }]${replies}`)
    expect(waiting.first('hook.triggered').atMs).toBe(5000)
  })

  it('[idle-messages-do-not-restart-clock] goes on through messages of hooks', async () => {
    const hooks = [
      hook('timeoutSeconds: 10', say('A rather long question, is it not?')),
      hook('timeoutSeconds: 20', say('Well?')),
    ]
    expect(triggers(await runSimulation(assistant(...hooks) + silence(25) + replies))).toEqual([10, 20])
  })

  it('[idle-never-over-the-assistant] starts anew with the end of speech that a hook would have talked into', async () => {
    const long = 'x'.repeat(60)
    const call = await runSimulation(`${short}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 14, say: "Yes.", lasts: 1 }]
model: [{ reply: "${long}." }, { reply: "Good." }]`)
    const [answer] = call.all('assistant.speech.stopped')
    expect(answer?.atMs).toBe(8000)
    expect(call.first('hook.triggered').atMs).toBe(8000 + 5000)
    const prepared = await runSimulation(`
latencies: { transcriberMs: 0, modelMs: 7000, voiceMs: 300 }${short + silence(16) + replies}`)
    const [late] = prepared.all('assistant.speech.stopped')
    expect(prepared.first('hook.triggered').atMs).toBe((late?.atMs ?? 0) + 5000)
  })

  it('[idle-longer-timeout-fewer] is over less often the longer it goes', async () => {
    const counts = []
    for (const timeout of [4, 8, 16]) {
      const yaml =
        assistant(hook(`timeoutSeconds: ${timeout}, triggerMaxCount: 10`, say('Hm?'))) + silence(34) + replies
      counts.push(triggers(await runSimulation(yaml)).length)
    }
    expect(counts).toEqual([8, 4, 2])
  })

  it('[idle-recommended-timeouts] is read at 5, 10, 20 and 30 s by hooks of these times', async () => {
    const hooks = [5, 10, 20, 30].map(seconds => hook(`timeoutSeconds: ${seconds}`, say('Hm?')))
    expect(triggers(await runSimulation(assistant(...hooks) + silence(40) + replies))).toEqual([
      5, 10, 20, 30,
    ])
  })

  it('is at zero again when the customer has spoken, and a message that is not heard yet is taken back', async () => {
    const call = await runSimulation(`${short}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 6.2, say: "Yes.", lasts: 0.5 }, { at: 10, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Good." }, { reply: "Bye." }]`)
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([6000])
    expect(call.first('hook.skipped')).toMatchObject({ atMs: 6200, reason: 'the customer spoke' })
    expect(spoken(call)).toEqual([])
  })

  it('starts again after a message that is longer than its time', async () => {
    const call = await runSimulation(
      assistant(hook('timeoutSeconds: 1, triggerMaxCount: 2', say('Are you still there?'))) +
        silence(12) +
        replies,
    )
    const [, ended] = call.all('assistant.speech.stopped')
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([3200, (ended?.atMs ?? 0) + 1000])
  })
})

describe('how often', () => {
  it('[idle-basic-setup, idle-count-default, idle-skipped-is-told] a lone hook repeats in one silence, three times', async () => {
    const call = await runSimulation(
      assistant(hook('timeoutSeconds: 10', say('Are you still there?'))) + silence(55) + replies,
    )
    expect(triggers(call)).toEqual([10, 20, 30])
    expect(spoken(call)).toEqual(Array(3).fill('Are you still there?'))
    expect(call.all('hook.skipped').map(({ atMs, reason }) => [(atMs - 1000) / 1000, reason])).toEqual([
      [40, 'triggerMaxCount reached'],
      [50, 'triggerMaxCount reached'],
    ])
    expect(timersLeft(call)).toEqual([])
  })

  it('[idle-timeout-default] a hook without a time waits 7.5 s', async () => {
    const yaml = assistant(`{ on: customer.speech.timeout, do: [${say('Hm?')}] }`) + silence(12) + replies
    expect(triggers(await runSimulation(yaml))).toEqual([7.5])
  })

  const twoSilences = `
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { at: 40, say: "I am back.", lasts: 1 }
  - { at: 80, say: "Bye.", lasts: 1 }
model: [{ reply: "Hi." }, { reply: "Good." }, { reply: "Bye." }]`

  it('[idle-count-reset, idle-example, idle-reset-setup] the count begins again with onUserSpeech', async () => {
    const list = '{ type: say, exact: ["There?", "Anything else?", "I am here."] }'
    const three = hook(
      'timeoutSeconds: 10, triggerMaxCount: 3, triggerResetMode: onUserSpeech',
      list,
      ', name: idle_message_check',
    )
    const call = await runSimulation(assistant(three) + twoSilences)
    expect(triggers(call)).toEqual([10, 20, 30, 50, 60, 70])
    expect(call.first('hook.triggered').name).toBe('idle_message_check')
    const five = hook('timeoutSeconds: 15, triggerMaxCount: 5, triggerResetMode: onUserSpeech', say('Hello?'))
    const patient = await runSimulation(
      assistant(five) + twoSilences.replace('at: 40', 'at: 100').replace('at: 80', 'at: 200'),
    )
    expect(triggers(patient)).toEqual([15, 30, 45, 60, 75, 115, 130, 145, 160, 175])
  })

  it('[idle-count-kept, idle-count-per-call, idle-reset-default] it goes on through the call with never, and without a mode', async () => {
    for (const mode of ['', ', triggerResetMode: never']) {
      const call = await runSimulation(
        assistant(hook(`timeoutSeconds: 10, triggerMaxCount: 4${mode}`, say('Hm?'))) + twoSilences,
      )
      expect(triggers(call)).toEqual([10, 20, 30, 50])
      expect(call.all('hook.skipped').map(({ atMs }) => (atMs - 1000) / 1000)).toEqual([60, 70])
    }
  })

  it.each([
    ['idle-timeout-range', 'timeoutSeconds: 0.5', 'timeoutSeconds'],
    ['idle-timeout-range', 'timeoutSeconds: 1001', 'timeoutSeconds'],
    ['idle-count-range', 'timeoutSeconds: 5, triggerMaxCount: 0', 'triggerMaxCount'],
    ['idle-count-range', 'timeoutSeconds: 5, triggerMaxCount: 11', 'triggerMaxCount'],
    ['idle-count-range', 'timeoutSeconds: 5, triggerMaxCount: 1.5', 'triggerMaxCount'],
    ['idle-reset-values', 'timeoutSeconds: 5, triggerResetMode: always', 'triggerResetMode'],
  ])('[%s] %s is refused with its path', async (_rule, options, field) => {
    await invalid(assistant(hook(options, say('Hm?'))))(`hooks[0].options.${field}`)
  })

  it.each([
    ['idle-timeout-range', 'timeoutSeconds: 1'],
    ['idle-timeout-range', 'timeoutSeconds: 1000'],
    ['idle-count-range', 'timeoutSeconds: 5, triggerMaxCount: 1'],
    ['idle-count-range', 'timeoutSeconds: 5, triggerMaxCount: 10'],
    ['idle-reset-values', 'timeoutSeconds: 5, triggerResetMode: onUserSpeech'],
  ])('[%s] %s is taken', async (_rule, options) => {
    await expect(runSimulation(assistant(hook(options, say('Hm?'))))).resolves.toBeDefined()
  })

  it('[idle-end-after-30-seconds] three hooks ask at 10 s and 20 s, and end the call at 30 s', async () => {
    const options = (seconds: number) =>
      `timeoutSeconds: ${seconds}, triggerMaxCount: 3, triggerResetMode: onUserSpeech`
    const call = await runSimulation(`${assistant(
      hook(options(10), say('Are you still there?')),
      hook(options(20), '{ type: say, prompt: "No answer for 20 s. From {{transcript}}, ask once more." }'),
      hook(options(30), `${say('I will end the call now.')}, { type: tool, tool: { type: endCall } }`),
    )}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 90, say: "Too late.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Do you need help?" }]`)
    expect(triggers(call)).toEqual([10, 20, 30])
    expect(spoken(call)).toEqual(['Are you still there?', 'Do you need help?', 'I will end the call now.'])
    expect(requestsOf(call)[1]?.at(-1)?.content).toContain('AI: Are you still there?')
    expect(call.endedReason).toBe('assistant-ended-call')
    expect(timersLeft(call)).toEqual([])
  })
})

describe('tool calls and transfers', () => {
  const working = (tool: string, toolMs: number) => `
assistant:
  silenceTimeoutSeconds: 3600
  hooks: [${hook('timeoutSeconds: 5', say('There?'))}]
  model: { provider: openai, model: gpt-4o, tools: [${tool}] }
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: ${toolMs} }`

  it('[idle-paused-during-tools, idle-never-interrupts-processing] hold the clock while they run', async () => {
    const look =
      '{ type: function, function: { name: look }, messages: [{ type: request-start, content: "" }] }'
    const call = await runSimulation(`${working(look, 20_000)}
caller: [{ at: 0, say: "Look.", lasts: 1 }, { at: 40, say: "Thanks.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: "Found." }, { reply: "Fine." }]`)
    const done = call.first('tool.completed').atMs
    expect(done).toBe(21_600)
    // 0.6 s of the silence had passed when the tool began; the answer is heard until 23 s.
    expect(call.first('hook.triggered').atMs).toBe(1000 + 5000 + 20_000)
  })

  it('[idle-paused-during-transfers, idle-never-interrupts-processing] as transfers do', async () => {
    const transfer =
      '{ type: transferCall, destinations: [{ type: number, number: "+15551234567", message: "" }] }'
    const call = await runSimulation(`${working(transfer, 20_000)}
caller: [{ at: 0, say: "A person, please.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: "+15551234567" } }] }]`)
    expect(call.all('transfer.started')).toHaveLength(1)
    expect(call.first('call.ended').atMs).toBeGreaterThan(20_000)
    expect(call.all('hook.triggered')).toEqual([])
  })
})

describe('legacy idle messages', () => {
  const plan = (fields: string, top = '') => `
assistant: { silenceTimeoutSeconds: 3600, ${top}messagePlan: { idleMessages: ["Still there?"]${fields} } }`

  it('[api-message-plan-defaults] wait 10 s, are spoken three times, and do not begin again', async () => {
    const call = await runSimulation(`${plan('')}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 45, say: "Back.", lasts: 1 }, { at: 80, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Good." }, { reply: "Bye." }]`)
    expect(triggers(call)).toEqual([10, 20, 30])
    expect(call.all('assistant.speech.started')[1]).toMatchObject({ text: 'Still there?', source: 'idle' })
  })

  it.each([
    ['under messagePlan', plan(', idleTimeoutSeconds: 25')],
    [
      'at the top',
      `
assistant: { silenceTimeoutSeconds: 3600, idleMessages: ["Still there?"], idleTimeoutSeconds: 25 }`,
    ],
  ])('[idle-legacy-timeout] wait idleTimeoutSeconds, %s', async (_place, yaml) => {
    expect(triggers(await runSimulation(yaml + silence(60) + replies))).toEqual([25, 50])
  })

  it('[idle-legacy-count] are spoken idleMessageMaxSpokenCount times', async () => {
    const call = await runSimulation(plan(', idleMessageMaxSpokenCount: 5') + silence(75) + replies)
    expect(triggers(call)).toEqual([10, 20, 30, 40, 50])
    await invalid(plan(', idleMessageMaxSpokenCount: 0'))('messagePlan.idleMessageMaxSpokenCount')
  })

  it('[idle-legacy-reset] begin again with idleMessageResetCountOnUserSpeechEnabled', async () => {
    const call =
      await runSimulation(`${plan(', idleMessageMaxSpokenCount: 1, idleMessageResetCountOnUserSpeechEnabled: true')}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 29, say: "Back.", lasts: 1 }, { at: 50, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Good." }, { reply: "Bye." }]`)
    expect(triggers(call)).toEqual([10, 39])
  })

  it('[api-silence-timeout-message] silenceTimeoutMessage is spoken before a silence ends the call', async () => {
    const call = await runSimulation(`
assistant: { silenceTimeoutSeconds: 10, messagePlan: { silenceTimeoutMessage: "I hang up now." } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 60, say: "Late.", lasts: 1 }]
model: [{ reply: "Hi." }]`)
    expect(call.all('assistant.speech.stopped')[1]).toMatchObject({
      spokenText: 'I hang up now.',
      reason: 'completed',
    })
    expect(call.endedReason).toBe('silence-timed-out')
    const other = await runSimulation(`
assistant: { messagePlan: { silenceTimeoutMessage: "I hang up now." } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]`)
    expect(spoken(other)).toEqual([])
    expect(other.endedReason).toBe('customer-ended-call')
  })
})
