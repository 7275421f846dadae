import { describe, expect, it } from 'vitest'
import { createSilentOutput } from '../../src/audio/devices/silent-output.ts'
import { createPlayback } from '../../src/audio/plane/playback.ts'
import { VirtualClock } from '../../src/engine/ports/clock.virtual.ts'
import { step } from '../../src/engine/step.ts'
import { requestsOf } from '../support/hooks.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

const hello = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }]`
/** The answer to it is heard from 1900 ms to 5900 ms: forty characters. */
const talk = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Bye.", lasts: 1 }]
model: [{ reply: "I am going to tell you all there is now." }, { reply: "Bye." }]`
const send = (at: number, message: string) => `{ at: ${at}, send: { ${message} } }`
const control = (...lines: string[]) => `\ncontrol: [${lines.join(', ')}]`
const verb = (at: number, name: string) => send(at, `type: control, control: ${name}`)

/** When and what the assistant was heard saying. */
function speech(call: SimulatedCall): [number, number, string][] {
  const stops = call.all('assistant.speech.stopped')
  return call
    .all('assistant.speech.started')
    .map(({ atMs }, place) => [atMs, stops[place]?.atMs ?? Number.NaN, stops[place]?.spokenText ?? ''])
}

describe('say', () => {
  it('[api-control-say] speaks its content as it is, without asking the model', async () => {
    const call = await runSimulation(hello + control(send(5, 'type: say, content: "Call {{name}}: now!"')))
    expect(speech(call)[1]).toEqual([5300, 7200, 'Call {{name}}: now!'])
    expect(call.all('assistant.speech.started')[1]).toMatchObject({ source: 'say' })
    expect(call.all('model.requested').map(({ atMs }) => atMs)).toEqual([1100, 21100])
    expect(call.first('call.ended').artifact.transcript).toContain('AI: Call {{name}}: now!')
  })

  it('[api-control-say-message] takes its text as message as well, but not twice', async () => {
    const call = await runSimulation(hello + control(send(5, 'type: say, message: "One moment."')))
    expect(speech(call)[1]).toEqual([5300, 6400, 'One moment.'])
    for (const fields of ['', ', content: "a", message: "b"'])
      await expect(runSimulation(hello + control(send(5, `type: say${fields}`)))).rejects.toThrow(
        'control[0].send: give either content or message',
      )
  })

  it.each([
    ['true', ', endCallAfterSpoken: true', 'assistant-ended-call-after-message-spoken', 6500],
    ['false', ', endCallAfterSpoken: false', 'customer-ended-call', 22300],
    ['not set', '', 'customer-ended-call', 22300],
  ])('[api-control-say-ends] with endCallAfterSpoken %s', async (_case, field, reason, endMs) => {
    const call = await runSimulation(hello + control(send(5, `type: say, content: "Please hold."${field}`)))
    expect(speech(call)[1]).toEqual([5300, 6500, 'Please hold.'])
    expect(call.first('call.ended')).toMatchObject({ endedReason: reason, atMs: endMs })
  })

  it.each([
    ['not set', '', [5900, 'I am going to tell you all there is now.'], 5900],
    ['false', ', interruptAssistantEnabled: false', [5900, 'I am going to tell you all there is now.'], 5900],
    ['true', ', interruptAssistantEnabled: true', [3000, 'I am going'], 3300],
  ])(
    '[api-control-say-interrupts-default] with interruptAssistantEnabled %s',
    async (_case, field, first, secondMs) => {
      const call = await runSimulation(talk + control(send(3, `type: say, content: "Stop now."${field}`)))
      expect(speech(call).slice(0, 2)).toEqual([
        [1900, ...first],
        [secondMs, secondMs + 900, 'Stop now.'],
      ])
      expect(
        call.first('call.ended').artifact.messages.map(message => 'message' in message && message.message),
      ).toEqual(['Hello.', first[1], 'Stop now.', 'Bye.', 'Bye.'])
      expect(call.all('interruption')).toEqual([])
    },
  )

  it('[api-control-say-interrupts-default] cuts off what is being said alone: an answer that waits behind it stays', async () => {
    const call = await runSimulation(
      `${talk}${control(
        send(3, 'type: add-message, message: { role: user, content: "And hurry." }'),
        send(5.5, 'type: say, content: "Stop now.", interruptAssistantEnabled: true'),
      )}
model: [{ reply: "I am going to tell you all there is now." }, { reply: "I hurry." }, { reply: "Bye." }]`.replace(
        talk.slice(talk.indexOf('\nmodel')),
        '',
      ),
    )
    expect(speech(call).map(([, , text]) => text)).toEqual([
      'I am going to tell you all there is',
      'Stop now.',
      'I hurry.',
      'Bye.',
    ])
  })

  it('[api-control-say-interrupts-default] stops the model that is still writing what is cut off', async () => {
    const call = await runSimulation(talk + control(send(3, 'type: say, content: "Stop now."')))
    const place = call.inputs.findIndex(({ type }) => type === 'control')
    const { plan, state } = call.at(place)
    const replyId = state.speaking.queue[0]?.replyId ?? ''
    const times = { turn: 1, speechEndMs: 1000, turnEndedMs: 1100 }
    const active = {
      workId: 'w',
      replyId,
      model: 0,
      text: '',
      times,
      requestedMs: 1100,
      firstTokenSeen: true,
    }
    const cut = (name: string) => {
      const message = { type: 'say', content: 'Stop now.', interruptAssistantEnabled: true } as const
      const reply = { ...state.reply, active: { ...active, replyId: name } }
      return step(plan, { ...state, reply }, { type: 'control', message, atMs: 3000 })
    }
    expect(cut(replyId).commands).toContainEqual({ type: 'cancel', workId: 'w' })
    expect(cut(replyId).state.reply.active).toBeNull()
    expect(cut('another').state.reply.active).not.toBeNull()
  })

  it.each([
    ['not set', '', [{ ignored: false, reason: '' }], 'One'],
    ['true', ', interruptionsEnabled: true', [{ ignored: false, reason: '' }], 'One'],
    [
      'false',
      ', interruptionsEnabled: false',
      [{ ignored: true, reason: 'not interruptible' }],
      'One moment please, I look.',
    ],
  ])(
    '[api-control-say-interruptible] with interruptionsEnabled %s',
    async (_case, field, interruptions, heard) => {
      const call = await runSimulation(`
caller: [{ at: 1, say: "But I want to go on", lasts: 1 }]
model: [{ reply: "Go on." }]${control(send(0, `type: say, content: "One moment please, I look."${field}`))}`)
      expect(call.all('interruption')).toMatchObject(interruptions)
      expect(speech(call)[0]?.[2]).toBe(heard)
    },
  )
})

describe('muting', () => {
  it('[api-control-mute-assistant] silences the assistant until it is unmuted, and time goes on', async () => {
    const loud = await runSimulation(talk)
    const muted = await runSimulation(
      talk + control(verb(2.5, 'mute-assistant'), verb(4, 'unmute-assistant'), verb(5, 'unmute-assistant')),
    )
    expect(speech(muted)).toEqual(speech(loud))
    const told = muted.observations.flatMap(({ type, atMs }) => (/muted$/.test(type) ? [[type, atMs]] : []))
    expect(told).toEqual([
      ['assistant.muted', 2500],
      ['assistant.unmuted', 4000],
    ])
    expect(muted.commands().filter(({ type }) => type === 'line.mute')).toEqual([
      { type: 'line.mute', side: 'assistant', muted: true },
      { type: 'line.mute', side: 'assistant', muted: false },
    ])
  })

  it('[api-control-mute-assistant] takes its sound away, not its length', async () => {
    const clock = new VirtualClock()
    const heard: number[] = []
    const drained: number[] = []
    const output = createPlayback(createSilentOutput({ clock }), samples => heard.push(...samples))
    await output.open({
      started: () => {},
      drained: () => drained.push(clock.now()),
      cleared: () => {},
      failed: () => {},
    })
    const chunk = { utteranceId: 'u', workId: 'w' }
    output.append(chunk, { type: 'pcm', samples: new Int16Array(16_000).fill(1000), sampleRate: 16_000 })
    output.completeChunk(chunk)
    output.play('u')
    output.finish('u')
    clock.at(200, () => output.mute(true))
    clock.at(600, () => output.mute(false))
    await new Promise<void>(resolve => {
      clock.at(1500, () => {
        clock.stop()
        resolve()
      })
      clock.start()
    })
    const loudMs = heard.filter(sample => sample !== 0).length / 16
    expect(Math.abs(loudMs - 600)).toBeLessThanOrEqual(20)
    expect(Math.abs((drained[0] ?? 0) - 1000)).toBeLessThanOrEqual(40)
  })

  it('[api-control-mute-customer] keeps the customer from being heard: neither sound nor words count', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Good day, this is quite a long greeting." }
caller: [{ at: 2, say: "Stop, listen to me", lasts: 1 }, { at: 6, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]${control(verb(1, 'mute-customer'), verb(5, 'unmute-customer'))}`)
    expect(speech(call)[0]).toEqual([300, 4300, 'Good day, this is quite a long greeting.'])
    expect(call.all('customer.speech.started').map(({ atMs }) => atMs)).toEqual([6000])
    expect(call.all('transcript').filter(({ role }) => role === 'user')).toMatchObject([
      { transcript: 'Hello.' },
    ])
    expect(call.all('interruption')).toEqual([])
  })

  it('[api-control-mute-customer] ends what is being said, and lets it begin again, at its own moments', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "One two three four five six.", lasts: 6 }]
model: [{ reply: "Hi." }, { reply: "Ho." }]${control(verb(2.5, 'mute-customer'), verb(4.5, 'unmute-customer'))}`)
    expect(call.all('customer.speech.started').map(({ atMs }) => atMs)).toEqual([0, 4500])
    expect(call.all('customer.speech.stopped').map(({ atMs }) => atMs)).toEqual([2500, 6000])
    expect(call.all('turn.ended').map(({ atMs, text }) => [atMs, text])).toEqual([
      [2600, 'One two'],
      [6100, 'five six.'],
    ])
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it.each([
    [500, 'the words come while it lasts'],
    [3000, 'the words come when it is over'],
  ])(
    '[api-control-mute-customer] drops words of that time that come %d ms later: %s',
    async transcriberMs => {
      const call = await runSimulation(`
latencies: { transcriberMs: ${transcriberMs}, modelMs: 500, voiceMs: 300 }
caller: [{ at: 2, say: "Never mind.", lasts: 1 }, { at: 8, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]${control(verb(1, 'mute-customer'), verb(5, 'unmute-customer'))}`)
      expect(call.all('turn.ended').map(({ text }) => text)).toEqual(['Hello.'])
    },
  )

  it('[api-control-mute-customer] leaves out, whoever listens, what was said in that time and nothing else', async () => {
    const call = await runSimulation(hello)
    const { plan, state: before } = call.at(call.inputs.findIndex(({ type }) => type === 'transcript'))
    const steer = (name: 'mute-customer' | 'unmute-customer', atMs: number) =>
      ({ type: 'control', message: { type: 'control', control: name }, atMs }) as const
    const words = (audioMs: number, atMs: number) =>
      ({
        type: 'transcript',
        transcriptType: 'final',
        text: `said at ${audioMs}`,
        audioMs,
        atMs,
        confidence: null,
        language: null,
        endOfTurn: false,
        origin: 'script',
      }) as const
    const inputs = [
      steer('mute-customer', 2000),
      words(2000, 2100),
      words(2001, 2200),
      steer('unmute-customer', 4000),
      words(4000, 4100),
      words(4001, 4200),
    ]
    let state = before
    const heard: string[] = []
    for (const input of inputs) {
      const next = step(plan, state, input)
      state = next.state
      for (const command of next.commands)
        if (command.type === 'observe' && command.observation.type === 'transcript')
          heard.push(command.observation.transcript)
    }
    expect(heard).toEqual(['said at 2000', 'said at 4001'])
  })

  it('[api-control-mute-customer] keeps the words that were said before it', async () => {
    const call = await runSimulation(`
latencies: { transcriberMs: 400, modelMs: 500, voiceMs: 300 }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]${control(verb(1.2, 'mute-customer'))}`)
    expect(call.all('turn.ended').map(({ atMs, text }) => [atMs, text])).toEqual([[1400, 'Hello.']])
  })
})

describe('the first message', () => {
  it('[api-control-say-first-message] is spoken by an assistant that waits', async () => {
    const call = await runSimulation(`
assistant: { firstMessage: "Good day." }
caller: [{ at: 9, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]${control(verb(2, 'say-first-message'))}`)
    expect(speech(call)[0]).toEqual([2300, 3200, 'Good day.'])
    expect(call.first('assistant.speech.started')).toMatchObject({ source: 'first-message' })
    expect(call.all('model.requested')).toHaveLength(1)
  })

  it('[api-control-say-first-message] is spoken again, with its variables, and stops nothing', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Good {{'day'}} to you." }
caller: [{ at: 9, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]${control(verb(1, 'say-first-message'))}`)
    expect(speech(call).slice(0, 2)).toEqual([
      [300, 1900, 'Good day to you.'],
      [1900, 3500, 'Good day to you.'],
    ])
  })

  it('[api-control-say-first-message] is written by the model where it always is', async () => {
    const call = await runSimulation(`
caller: [{ at: 9, say: "Hello.", lasts: 1 }]
model: [{ reply: "Welcome." }, { reply: "Hi." }]${control(verb(2, 'say-first-message'))}`)
    expect(speech(call)[0]).toEqual([2800, 3600, 'Welcome.'])
    expect(requestsOf(call)[0]).toEqual([])
  })
})

describe('the end', () => {
  it.each([
    ['while the assistant speaks', talk, 3, 'I am going'],
    ['while nobody speaks', hello, 5, 'Hi.'],
    [
      'while last words are spoken',
      `
assistant: { endCallMessage: "Goodbye and thank you for calling.", model: { provider: openai, model: gpt-4o, tools: [{ type: endCall }] } }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: endCall }] }]`,
      3,
      'Goodbye and',
    ],
  ])('[api-control-end-call, api-ended-manually] comes at once, %s', async (_case, yaml, at, said) => {
    const call = await runSimulation(yaml + control(send(at, 'type: end-call')))
    expect(call.first('call.ended')).toMatchObject({ atMs: at * 1000, endedReason: 'manually-canceled' })
    expect(call.all('assistant.speech.stopped').at(-1)?.spokenText).toBe(said)
  })
})
