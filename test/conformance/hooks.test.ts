import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { Observation } from '../../src/engine/observations.ts'
import { filtersFit } from '../../src/engine/owners/hooks/filters.ts'
import type { CallPlan } from '../../src/engine/plan.ts'
import type { ToolRunner } from '../../src/engine/ports/tool-runner.ts'
import { initialState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'
import { createToolRunner } from '../../src/messages/tool-runner.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { type FakeOpenAi, jsonReply, rawReply, startFakeOpenAi } from '../support/fake-openai.ts'
import { planOf, requestsOf, runWithTools, timersLeft } from '../support/hooks.ts'
import { runSimulation, type SimulatedCall } from '../support/simulation.ts'

const withHooks = (...hooks: string[]) => `
assistant: { silenceTimeoutSeconds: 3600, hooks: [${hooks.join(', ')}] }`
const hello = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }]`
/** The model fails: a pipeline fault ends the call. */
const fault = `
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
failures: [{ model: openai/gpt-4o }]`
const say = (text: string) => `{ type: say, exact: "${text}" }`
const on = (event: string, does: string, more = '') => `{ on: ${event}, do: [${does}]${more} }`
const pipelineError = ', filters: [{ type: oneOf, key: call.endedReason, oneOf: [pipeline-error] }]'

/** What happened of some types, in order, as short texts. */
function story(call: SimulatedCall | { observations: readonly Observation[] }): string[] {
  return call.observations.flatMap(seen => {
    switch (seen.type) {
      case 'hook.triggered':
        return [`hook ${seen.on}`]
      case 'hook.skipped':
        return [`skipped ${seen.on}`]
      case 'assistant.speech.stopped':
        return [`said ${seen.spokenText}`]
      case 'tool.called':
        return [`called ${seen.name}`]
      case 'transfer.started':
        return [`transfer ${seen.destination.number ?? seen.destination.sipUri}`]
      case 'call.ended':
        return [`ended ${seen.endedReason}`]
      default:
        return []
    }
  })
}

function warnings(call: SimulatedCall): string[] {
  return call.all('warning').map(({ message }) => message)
}

describe('the list of hooks', () => {
  it('[hooks-array, hooks-prompts-for-silence] holds hooks of several events, all in force', async () => {
    const call = await runSimulation(`${withHooks(
      on('customer.speech.timeout', say('There?'), ', options: { timeoutSeconds: 3 }'),
      on('assistant.speech.interrupted', say('Sorry.')),
      on('call.ending', say('Goodbye.')),
    )}
caller:
  - { at: 0, say: "Hello.", lasts: 1 }
  - { during: assistant, plus: 1, say: "Wait, stop", lasts: 0.5 }
  - { at: 15, say: "Bye.", lasts: 1 }
model: [{ reply: "This is quite a long answer of mine." }, { reply: "Yes?" }, { reply: "Bye." }]`)
    expect(story(call)).toEqual([
      'hook assistant.speech.interrupted',
      'said This is',
      'said Sorry.',
      'said Yes?',
      'hook customer.speech.timeout',
      'said There?',
      'hook customer.speech.timeout',
      'said There?',
      'hook customer.speech.timeout',
      'said There?',
      'said Bye.',
      'hook call.ending',
      'said Goodbye.',
      'ended call.ending.hook-executed-say',
    ])
    expect(timersLeft(call)).toEqual([])
  })

  it.each([
    ['without on', '{ do: [] }', 'hooks[0].on'],
    ['without do', '{ on: call.ending }', 'hooks[0].do'],
    ['inside a nested list', '{ hooks: [{ on: call.ending }] }', 'hooks[0].hooks[0].do'],
  ])('[hooks-on-required] a hook %s is refused with its path', async (_case, hook, path) => {
    await expect(runSimulation(withHooks(hook) + hello)).rejects.toThrow(path)
  })

  it.each([
    [say('Hi.'), true],
    ['{ type: say, prompt: "Greet." }', true],
    ['{ type: tool, tool: { type: endCall } }', true],
    ['{ type: message.add, message: { role: system, content: "Note." } }', true],
    ['{ type: transfer, destination: { type: number, number: "+15551234567" } }', false],
    ['{ type: shout, exact: "Hi." }', false],
  ])('[hooks-do-tool-and-say] the action %s is taken: %s', async (action, taken) => {
    const plan = planOf(parse(withHooks(on('session.created', action))).assistant)
    if (taken) expect((await plan).hooks[0]?.actions).toHaveLength(1)
    else await expect(plan).rejects.toThrow('hooks[0].do[0].type')
  })

  it.each([['{ type: say }'], ['{ type: say, exact: "Hi.", prompt: "Greet." }']])(
    '[hooks-say-one-of-both] the action %s is refused with its path',
    async action => {
      await expect(runSimulation(withHooks(on('call.ending', action)) + hello)).rejects.toThrow(
        'hooks[0].do[0]',
      )
    },
  )

  it('[hooks-other-events] has a warning for an event that there is not, which never triggers', async () => {
    const call = await runSimulation(withHooks(on('call.paused', say('Hm.'))) + hello)
    expect(warnings(call)).toEqual([expect.stringContaining('hooks[0].on: there is no event call.paused')])
    expect(story(call)).toEqual(['said Hi.', 'ended customer-ended-call'])
    const known = [
      'session.created',
      'model.response.timeout',
      'assistant.transcriber.endpointedSpeechLowConfidence',
    ]
    expect(
      warnings(await runSimulation(withHooks(...known.map(event => on(event, say('Hm.')))) + hello)),
    ).toEqual([])
  })

  it('[hooks-nested-form] may hold further lists, whose hooks count as its own, with a warning', async () => {
    const inner = on('call.ending', say('Goodbye.'))
    const call = await runSimulation(
      withHooks(
        `{ hooks: [${inner}] }`,
        `{ hooks: [${on('session.created', '{ type: message.add, triggerResponseEnabled: false, message: { role: system, content: Note } }')}] }`,
      ) + hello,
    )
    expect(story(call)).toEqual([
      'hook session.created',
      'said Hi.',
      'hook call.ending',
      'said Goodbye.',
      'ended call.ending.hook-executed-say',
    ])
    expect(warnings(call)).toEqual([
      expect.stringContaining('hooks[0] holds further hooks'),
      expect.stringContaining('hooks[1] holds further hooks'),
    ])
  })

  it('[hooks-name] names hooks where they are triggered and where they are not', async () => {
    const call = await runSimulation(`${withHooks(
      on(
        'customer.speech.timeout',
        say('Hm?'),
        ', name: check, options: { timeoutSeconds: 2, triggerMaxCount: 1 }',
      ),
    )}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 8, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }]`)
    expect(call.first('hook.triggered')).toMatchObject({ on: 'customer.speech.timeout', name: 'check' })
    expect(call.first('hook.skipped')).toMatchObject({ name: 'check', reason: 'triggerMaxCount reached' })
  })

  it('[hooks-options-only-for-timeout] warns of options on other events', async () => {
    const options = ', options: { timeoutSeconds: 5, triggerMaxCount: 1, triggerResetMode: never }'
    const call = await runSimulation(withHooks(on('call.ending', say('Goodbye.'), options)) + hello)
    expect(warnings(call)).toEqual([
      'hooks[0].options.timeoutSeconds has no effect on call.ending',
      'hooks[0].options.triggerMaxCount has no effect on call.ending',
      'hooks[0].options.triggerResetMode has no effect on call.ending',
    ])
    expect(story(call)).toContain('hook call.ending')
  })
})

describe('options of timeout hooks', () => {
  const event = async (options: string) => {
    const plan = await planOf(parse(withHooks(on('customer.speech.timeout', say('Hm?'), options))).assistant)
    return plan.hooks[0]?.event
  }

  it('[hooks-options-optional, hooks-timeout-default, hooks-count-default, hooks-reset-default] are 7.5 s, 3 and never', async () => {
    expect(await event('')).toEqual({
      on: 'customer.speech.timeout',
      timeoutMs: 7500,
      maximumCount: 3,
      resetOnSpeech: false,
      repeats: true,
    })
  })

  it.each([
    ['hooks-timeout-range', 'timeoutSeconds', [1, 1000], [0.9, 1000.5]],
    ['hooks-count-range', 'triggerMaxCount', [1, 10], [0, 11]],
  ])('[%s] %s is from its least to its greatest value', async (_rule, name, good, bad) => {
    for (const value of good) expect(await event(`, options: { ${name}: ${value} }`)).toBeDefined()
    for (const value of bad)
      await expect(event(`, options: { ${name}: ${value} }`)).rejects.toThrow(`hooks[0].options.${name}`)
  })

  it('[api-hook-shorthand] may stand in brackets behind the event', async () => {
    const read = async (written: string, more = '') =>
      (await planOf(parse(withHooks(on(`"${written}"`, say('Hm?'), more))).assistant)).hooks[0]?.event
    expect(await read('customer.speech.timeout[timeoutSeconds=12]')).toMatchObject({
      timeoutMs: 12_000,
      maximumCount: 3,
    })
    expect(
      await read(
        'customer.speech.timeout[timeoutSeconds=12, triggerMaxCount=2,triggerResetMode=onUserSpeech]',
      ),
    ).toMatchObject({ timeoutMs: 12_000, maximumCount: 2, resetOnSpeech: true })
    expect(
      await read('customer.speech.timeout[timeoutSeconds=12]', ', options: { timeoutSeconds: 20 }'),
    ).toMatchObject({
      timeoutMs: 20_000,
    })
    await expect(read('customer.speech.timeout[timeoutSeconds=5000]')).rejects.toThrow(
      'hooks[0].options.timeoutSeconds',
    )
    const low = 'assistant.transcriber.endpointedSpeechLowConfidence'
    expect(await read(`${low}[confidence=0.3:0.6]`)).toMatchObject({ minimum: 0.3, maximum: 0.6 })
    expect(await read(`${low}[confidence=0.3:]`)).toMatchObject({ minimum: 0.3, maximum: 0.4 })
    expect(await read(`${low}[confidence=:0.9]`)).toMatchObject({
      minimum: expect.closeTo(0.7),
      maximum: 0.9,
    })
    const call =
      await runSimulation(`${withHooks(on('"customer.speech.timeout[timeoutSeconds=4]"', say('Hm?')))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 8, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }]`)
    expect(call.first('hook.triggered')).toMatchObject({ on: 'customer.speech.timeout', atMs: 5000 })
  })
})

describe('customer.speech.timeout', () => {
  it('[hooks-customer-timeout, hooks-staggered-timeouts] triggers each of several hooks once, at its own time', async () => {
    const hooks = [3, 6, 9].map(seconds =>
      on('customer.speech.timeout', say(`${seconds} now.`), `, options: { timeoutSeconds: ${seconds} }`),
    )
    const call = await runSimulation(`${withHooks(...hooks)}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Yes.", lasts: 1 }, { at: 28, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Good." }, { reply: "Bye." }]`)
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([4000, 7000, 10_000, 24_000, 27_000])
  })

  it('[hooks-example-timeout] asks the model after 10 s, twice until the customer speaks', async () => {
    const options =
      ', name: customer_timeout_check, options: { timeoutSeconds: 10, triggerMaxCount: 2, triggerResetMode: onUserSpeech }'
    const prompt = '{ type: say, prompt: "Find out whether the customer is still there." }'
    const call = await runSimulation(`${withHooks(on('customer.speech.timeout', prompt, options))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 45, say: "Yes.", lasts: 1 }, { at: 60, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Hello?" }, { reply: "Anybody?" }, { reply: "Good." }, { reply: "Are you?" }, { reply: "Bye." }]`)
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([11_000, 21_000, 56_000])
    expect(call.all('hook.skipped').map(({ atMs }) => atMs)).toEqual([31_000, 41_000])
    expect(story(call)).toContain('said Anybody?')
    expect(requestsOf(call)[1]?.at(-1)).toEqual({
      role: 'system',
      content: 'Find out whether the customer is still there.',
    })
  })

  it('[hooks-example-end-after-30, hooks-goodbye-is-heard] may check twice and then end the call', async () => {
    const at = (seconds: number) =>
      `, options: { timeoutSeconds: ${seconds}, triggerMaxCount: 3, triggerResetMode: onUserSpeech }`
    const first = on('customer.speech.timeout', say('Are you still there?'), at(10))
    const second = on(
      'customer.speech.timeout',
      '{ type: say, prompt: "20 s without an answer to {{transcript}}: ask." }',
      at(20),
    )
    const last = on(
      'customer.speech.timeout',
      `${say('I will hang up now, call me any time.')}, { type: tool, tool: { type: endCall } }`,
      at(30),
    )
    const call = await runSimulation(`${withHooks(`{ hooks: [${first}, ${second}] }`, `{ hooks: [${last}] }`)}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 90, say: "Late.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Do you need help?" }]`)
    expect(story(call)).toEqual([
      'said Hi.',
      'hook customer.speech.timeout',
      'said Are you still there?',
      'hook customer.speech.timeout',
      'said Do you need help?',
      'hook customer.speech.timeout',
      'said I will hang up now, call me any time.',
      'called endCall',
      'ended assistant-ended-call',
    ])
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([11_000, 21_000, 31_000])
    expect(call.all('assistant.speech.stopped').at(-1)?.reason).toBe('completed')
  })

  it('leaves the rest of its actions when the customer speaks into its message', async () => {
    const does = `${say('I will hang up now, call me any time.')}, { type: tool, tool: { type: endCall } }`
    const call =
      await runSimulation(`${withHooks(on('customer.speech.timeout', does, ', options: { timeoutSeconds: 5 }'))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 8, say: "Stop, I am here.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Good." }]`)
    expect(story(call)).not.toContain('called endCall')
    expect(call.first('hook.skipped').reason).toBe('the customer spoke')
    expect(call.endedReason).toBe('customer-ended-call')
  })
})

describe('interruptions', () => {
  const interrupted = (words: string, lasts: number) => `
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { during: assistant, plus: 1, say: "${words}", lasts: ${lasts} }]
model: [{ reply: "This is quite a long answer of mine." }, { reply: "Yes?" }]`

  it('[hooks-assistant-interrupted] of the assistant trigger assistant.speech.interrupted, ignored ones do not', async () => {
    const hook = withHooks(on('assistant.speech.interrupted', say('Sorry.')))
    expect(story(await runSimulation(hook + interrupted('Wait, stop', 0.5)))).toContain(
      'hook assistant.speech.interrupted',
    )
    const ignored = await runSimulation(hook + interrupted('hm', 0.1))
    expect(ignored.first('interruption').ignored).toBe(true)
    expect(ignored.all('hook.triggered')).toEqual([])
  })

  it('[hooks-example-assistant-interrupted] are answered with one of a list once the backoff is over', async () => {
    const list = ['Sorry about that', 'Go ahead', 'Please continue']
    const call = await runSimulation(
      withHooks(on('assistant.speech.interrupted', `{ type: say, exact: ${JSON.stringify(list)} }`)) +
        interrupted('Wait, stop', 0.5),
    )
    const [, spoken] = call.all('assistant.speech.started')
    expect(list).toContain(spoken?.text)
    expect(spoken).toMatchObject({ source: 'hook', atMs: call.first('backoff.started').untilMs })
  })

  it('of the assistant are answered after the customer’s words, not over them', async () => {
    const call = await runSimulation(
      withHooks(on('assistant.speech.interrupted', say('Sorry.'))) +
        interrupted('Wait, I have to tell you something', 4),
    )
    const [, spoken] = call.all('assistant.speech.started')
    expect(spoken).toMatchObject({ text: 'Sorry.', atMs: call.all('customer.speech.stopped')[1]?.atMs })
  })

  const over = (interruptible: boolean) => `
control: [{ at: 0.5, send: { type: say, content: "One moment please.", interruptionsEnabled: ${interruptible} } }]
caller: [{ at: 0, say: "Hello there my friend", lasts: 2 }]
model: [{ reply: "Hi." }]`

  it('[hooks-customer-interrupted] of the customer trigger customer.speech.interrupted', async () => {
    const hook = withHooks(on('customer.speech.interrupted', say('Oh.')))
    const call = await runSimulation(hook + over(false))
    const [begun] = call.all('assistant.speech.started')
    expect(call.first('hook.triggered')).toMatchObject({
      on: 'customer.speech.interrupted',
      atMs: begun?.atMs,
    })
    expect((await runSimulation(hook + hello)).all('hook.triggered')).toEqual([])
  })

  it('[hooks-example-customer-interrupted] are apologised for', async () => {
    const text = 'I apologize for interrupting. Please continue.'
    for (const interruptible of [true, false]) {
      const call = await runSimulation(
        withHooks(on('customer.speech.interrupted', say(text))) + over(interruptible),
      )
      expect(story(call).filter(line => line === `said ${text}`)).toHaveLength(1)
      expect(call.all('hook.triggered')).toHaveLength(1)
    }
  })
})

describe('actions', () => {
  it('[hooks-say-exact] say the given text', async () => {
    const call = await runSimulation(withHooks(on('call.ending', say('So long!'))) + hello)
    expect(call.all('assistant.speech.stopped').at(-1)).toMatchObject({
      spokenText: 'So long!',
      reason: 'completed',
    })
  })

  it('[hooks-say-prompt] say what the model writes', async () => {
    const call =
      await runSimulation(`${withHooks(on('call.ending', '{ type: say, prompt: "Say farewell." }'))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Farewell!" }]`)
    expect(call.all('assistant.speech.started').at(-1)).toMatchObject({ text: 'Farewell!', source: 'hook' })
    expect(call.endedReason).toBe('call.ending.hook-executed-say')
  })

  it('[api-hook-prompt-messages] ask the model with a list of messages', async () => {
    const prompt =
      '[{ role: system, content: "Be brief." }, { role: user, content: "Sum up {{transcript}}" }]'
    const call = await runSimulation(`${withHooks(on('call.ending', `{ type: say, prompt: ${prompt} }`))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
model: [{ when: Sum up, reply: "All said." }, { reply: "Hi." }]`)
    expect(requestsOf(call)[1]?.slice(-2)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Sum up User: Hello.\nAI: Hi.' },
    ])
    expect(story(call)).toContain('said All said.')
  })

  it('[hooks-several-actions] run in their order, each after the one before', async () => {
    const look = '{ type: tool, tool: { type: function, function: { name: look } } }'
    const call = await runSimulation(`
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: 700 }${withHooks(on('call.ending', `${say('First.')}, ${look}, ${say('Second.')}`))}${hello}`)
    const at = (text: string) =>
      call.all('assistant.speech.started').find(seen => seen.text === text)?.atMs ?? 0
    const [, first] = call.all('assistant.speech.stopped')
    expect(first?.spokenText).toBe('First.')
    expect(call.first('tool.called').atMs).toBe(first?.atMs)
    expect(call.first('tool.completed').atMs).toBe((first?.atMs ?? 0) + 700)
    expect(at('Second.')).toBe(call.first('tool.completed').atMs + 300)
  })

  it('[api-hook-message-add] add a message, which the model answers unless it shall not', async () => {
    const add = (more: string) =>
      `{ type: message.add, message: { role: system, content: "Begin to wrap up." }${more} }`
    const yaml = (
      more: string,
    ) => `${withHooks(on('customer.speech.timeout', add(more), ', options: { timeoutSeconds: 4, triggerMaxCount: 1 }'))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 9, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Is that all?" }, { reply: "Bye." }]`
    const answered = await runSimulation(yaml(''))
    expect(requestsOf(answered)[1]?.at(-1)).toEqual({ role: 'system', content: 'Begin to wrap up.' })
    expect(answered.all('assistant.speech.started')[1]).toMatchObject({ text: 'Is that all?', atMs: 5800 })
    const silent = await runSimulation(yaml(', triggerResponseEnabled: false'))
    expect(silent.all('model.requested')).toHaveLength(2)
    expect(requestsOf(silent)[1]).toContainEqual({ role: 'system', content: 'Begin to wrap up.' })
  })

  it('[hooks-tool-function, hooks-tool-end-call, hooks-tool-transfer] run tools that the model is not told of', async () => {
    const timeout = ', options: { timeoutSeconds: 4 }'
    const yaml = (
      tool: string,
    ) => `${withHooks(on('customer.speech.timeout', `{ type: tool, tool: ${tool} }`, timeout))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 7, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }]`
    const called = await runSimulation(yaml('{ type: function, function: { name: note } }'))
    expect(called.first('tool.called')).toMatchObject({
      name: 'note',
      toolCallId: 'hook-function-call',
      atMs: 5000,
    })
    expect(called.all('model.requested')).toHaveLength(2)
    expect(
      called.commands().flatMap(command => (command.type === 'model.request' ? command.tools : [])),
    ).toEqual([])
    expect((await runSimulation(yaml('{ type: endCall }'))).endedReason).toBe('assistant-ended-call')
    const transferred = await runSimulation(
      yaml('{ type: transferCall, destinations: [{ type: number, number: "+15551234567" }] }'),
    )
    expect(transferred.first('transfer.started')).toMatchObject({
      destination: { type: 'number', number: '+15551234567' },
      dryRun: true,
    })
    expect(transferred.endedReason).toBe('assistant-forwarded-call')
  })

  it('[hooks-static-values] give the fixed arguments of a schema and of a list, templates rendered', async () => {
    const tool = `{ type: function, function: { name: note, parameters: { type: object, properties: {
      kind: { type: string, value: fault }, who: { type: string } } } },
      parameters: [{ key: level, value: 3 }, { key: said, value: { all: "{{transcript}}" } }] }`
    const call = await runSimulation(withHooks(on('call.ending', `{ type: tool, tool: ${tool} }`)) + hello)
    expect(call.first('tool.called').arguments).toEqual({
      kind: 'fault',
      level: 3,
      said: { all: 'User: Hello.\nAI: Hi.' },
    })
  })
})

describe('call.ending', () => {
  it('[hooks-call-ending] ends no turn while its actions run: nobody can answer it', async () => {
    const call =
      await runSimulation(`${withHooks(on('call.ending', say('Goodbye and thank you for calling.')))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 3.2, say: "One more thing.", lasts: 1 }, { at: 30, say: "Hm." }]
model: [{ reply: "Hi." }, { reply: "Yes?" }]
control: [{ at: 3, send: { type: end-call } }]`)
    expect(story(call).slice(-2)).toEqual([
      'said Goodbye and thank you for calling.',
      'ended call.ending.hook-executed-say',
    ])
    expect(call.all('turn.ended').map(({ turn }) => turn)).toEqual([1])
    // The words themselves are kept.
    const { messages } = call.first('call.ended').artifact
    expect(messages.at(-1)).toMatchObject({ role: 'user', message: 'One more thing.', secondsFromStart: 3.2 })
  })

  it('[hooks-call-ending, hooks-filters-optional] triggers before every end', async () => {
    const hook = withHooks(
      on('call.ending', '{ type: tool, tool: { type: function, function: { name: note } } }'),
    )
    const ends = [
      [hello, 'customer-ended-call'],
      [fault, 'call.in-progress.error-providerfault-openai-llm-failed'],
      [`${hello}\ncontrol: [{ at: 1.2, send: { type: end-call } }]`, 'manually-canceled'],
    ]
    for (const [yaml, endedReason] of ends) {
      const call = await runSimulation(hook + yaml)
      expect(story(call).slice(-3)).toEqual(['hook call.ending', 'called note', `ended ${endedReason}`])
      expect(timersLeft(call)).toEqual([])
    }
  })

  it('[hooks-say-while-ending] speaks before the end, and makes its reason where nothing follows', async () => {
    const call = await runSimulation(withHooks(on('call.ending', say('Sorry.'))) + fault)
    expect(story(call)).toEqual(['hook call.ending', 'said Sorry.', 'ended call.ending.hook-executed-say'])
    const note = '{ type: tool, tool: { type: function, function: { name: note } } }'
    const followed = await runSimulation(withHooks(on('call.ending', `${say('Sorry.')}, ${note}`)) + fault)
    expect(followed.endedReason).toBe('call.in-progress.error-providerfault-openai-llm-failed')
  })

  it('[hooks-filters-control, hooks-filter-one-of] runs nothing where the filters do not fit', async () => {
    const filter = (...entries: string[]) =>
      `, filters: [{ type: oneOf, key: call.endedReason, oneOf: [${entries.join(', ')}] }]`
    const run = (filters: string) =>
      runSimulation(withHooks(on('call.ending', say('Sorry.'), filters)) + hello)
    expect(story(await run(filter('silence-timed-out', 'voicemail')))).toEqual([
      'said Hi.',
      'skipped call.ending',
      'ended customer-ended-call',
    ])
    expect(story(await run(filter('voicemail', 'customer-ended-call')))).toContain('said Sorry.')
    expect(
      story(
        await run(
          `${filter('customer-ended-call').slice(0, -1)}, { type: oneOf, key: call.endedReason, oneOf: [voicemail] }]`,
        ),
      ),
    ).not.toContain('said Sorry.')
    await expect(run(', filters: [{ type: startsWith, key: call.endedReason, oneOf: [x] }]')).rejects.toThrow(
      'hooks[0].filters[0].type',
    )
  })

  const families = [
    'pipeline-error-openai-llm-failed',
    'pipeline-error-custom-voice-failed',
    'call.in-progress.error-vapifault-deepgram-transcriber-failed',
    'call.in-progress.error-vapifault-openai-401-unauthorized',
    'call.in-progress.error-vapifault-worker-died',
    'call.in-progress.error-providerfault-openai-llm-failed',
    'call.in-progress.error-providerfault-google-500-server-error',
  ]
  const others = [
    'customer-ended-call',
    'silence-timed-out',
    'exceeded-max-duration',
    'assistant-ended-call',
    'voicemail',
    'manually-canceled',
    'call.in-progress.error-transfer-failed',
    'call.forwarding.operator-busy',
    'call.start.error-get-assistant',
  ]
  const fits = (entry: string, endedReason: string) =>
    filtersFit([{ key: 'call.endedReason', oneOf: [entry] }], endedReason)

  it.each(families)('[hooks-pipeline-error-catches-all] pipeline-error fits %s', reason => {
    expect(fits('pipeline-error', reason)).toBe(true)
  })

  it.each(others)('[hooks-pipeline-error-only-faults] pipeline-error does not fit %s', reason => {
    expect(fits('pipeline-error', reason)).toBe(false)
  })

  it.each([...families, ...others])('[hooks-filter-any-reason] the filter takes %s', reason => {
    expect(fits(reason, reason)).toBe(true)
    expect(fits(reason, 'nothing-of-it')).toBe(false)
  })

  it('[api-hook-filter-substring] the filter looks for a part of the reason', () => {
    expect(fits('llm-failed', 'call.in-progress.error-providerfault-openai-llm-failed')).toBe(true)
    expect(fits('error', 'customer-ended-call')).toBe(false)
  })

  const transfer = (destination: string) =>
    on(
      'call.ending',
      `{ type: tool, tool: { type: transferCall, destinations: [${destination}] } }`,
      pipelineError,
    )
  const number = '{ type: number, number: "+1234567890", callerId: "+1987654321" }'

  it('[hooks-example-transfer-on-error, hooks-transfer-caller-id, hooks-transfer-destination-shape, api-ended-hook-transfer] may transfer a call that fails', async () => {
    const call = await runSimulation(withHooks(transfer(number)) + fault)
    expect(call.first('transfer.started')).toMatchObject({
      destination: { type: 'number', number: '+1234567890', callerId: '+1987654321' },
      dryRun: true,
    })
    expect(call.endedReason).toBe('call.ending.hook-executed-transfer')
    const other = await runSimulation(withHooks(transfer(number)) + hello)
    expect(story(other)).toEqual(['said Hi.', 'skipped call.ending', 'ended customer-ended-call'])
    const destinations = [parse(number)]
    const own = await planOf({
      model: { provider: 'openai', model: 'gpt-4o', tools: [{ type: 'transferCall', destinations }] },
    })
    const hooked = await planOf(parse(withHooks(transfer(number))).assistant)
    expect(hooked.tools[0]).toEqual({ ...own.tools[0], fixedArguments: {} })
  })

  it('[hooks-example-transfer-to-sip, hooks-sip-destination] may transfer to a SIP address', async () => {
    const call = await runSimulation(
      withHooks(transfer('{ type: sip, sipUri: "sip:user@domain.com" }')) + fault,
    )
    expect(story(call)).toEqual([
      'hook call.ending',
      'called transferCall',
      'transfer sip:user@domain.com',
      'ended call.ending.hook-executed-transfer',
    ])
  })

  it('[hooks-example-combined, hooks-async-function] says, logs without waiting, and transfers, in this order', async () => {
    const log = `{ type: tool, tool: { type: function, async: true, server: { url: "https://your-server.example/api" },
      function: { name: log_error, description: "Logs the fault", parameters: { type: object, properties: {
        error_type: { type: string, value: pipeline_error } } } } } }`
    const passOn = `{ type: tool, tool: { type: transferCall, destinations: [${number}] } }`
    const call = await runSimulation(`
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: 2000 }${withHooks(
      on('call.ending', `${say('I am sorry, let me pass you on.')}, ${log}, ${passOn}`, pipelineError),
    )}${fault}`)
    expect(story(call)).toEqual([
      'hook call.ending',
      'said I am sorry, let me pass you on.',
      'called log_error',
      'called transferCall',
      'transfer +1234567890',
      'ended call.ending.hook-executed-transfer',
    ])
    const [logged, transferred] = call.all('tool.called')
    expect(logged?.arguments).toEqual({ error_type: 'pipeline_error' })
    expect(transferred?.atMs).toBe(logged?.atMs)
    // The log gets through although nobody waited for it.
    expect(call.all('tool.completed')).toContainEqual(
      expect.objectContaining({ name: 'log_error', result: 'success' }),
    )
  })

  const note = '{ type: tool, tool: { type: function, function: { name: note } } }'

  it('goes on without words where no voice is left', async () => {
    const call = await runSimulation(`${withHooks(on('call.ending', `${say('Sorry.')}, ${note}`))}${hello}
failures: [{ voice: openai/alloy }]`)
    expect(story(call)).toEqual([
      'hook call.ending',
      'called note',
      'ended call.in-progress.error-vapifault-openai-voice-failed',
    ])
    expect(timersLeft(call)).toEqual([])
  })

  it('speaks although the customer talks, and is not interrupted', async () => {
    const call =
      await runSimulation(`${withHooks(on('call.ending', say('This is the end of our conversation.')))}
control: [{ at: 3, send: { type: end-call } }]
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 2.5, say: "But I have a question", lasts: 6 }]
model: [{ reply: "Hi." }]`)
    expect(call.all('assistant.speech.started').at(-1)?.atMs).toBe(3300)
    expect(call.all('assistant.speech.stopped').at(-1)).toMatchObject({
      spokenText: 'This is the end of our conversation.',
      reason: 'completed',
    })
    expect(call.first('interruption')).toMatchObject({ ignored: true, reason: 'not interruptible' })
  })

  it('falls silent but goes on when the customer hangs up meanwhile', async () => {
    const assistant = parse(
      withHooks(on('call.ending', `${say('Sorry, this went wrong.')}, ${note}`)),
    ).assistant
    const call = await runSimulation(
      `${withHooks(on('call.ending', `${say('Sorry, this went wrong.')}, ${note}`))}${fault}`,
    )
    const plan: CallPlan = { members: [await planOf(assistant)] }
    const heard = call.inputs.findIndex(({ type }) => type === 'playback.started')
    let state = initialState(plan)
    for (const input of call.inputs.slice(0, heard + 1)) state = step(plan, state, input).state
    const atMs = 2500
    const cut = step(plan, state, { type: 'call.hangup', atMs, endedReason: 'customer-ended-call' })
    expect(cut.commands.map(({ type }) => type)).toContain('playback.clear')
    const next = step(plan, cut.state, { type: 'timer', atMs, timerId: 'hooks.next' })
    expect(next.commands).toContainEqual(
      expect.objectContaining({
        observation: expect.objectContaining({ type: 'tool.called', name: 'note' }),
      }),
    )
  })
})

describe('the server of a hook’s function', () => {
  let server: FakeOpenAi
  let http: HttpClient
  let tools: ToolRunner

  beforeEach(async () => {
    server = await startFakeOpenAi()
    http = createHttpClient()
    tools = createToolRunner({ http, envelope: () => ({ call: { id: 'call-7' } }), now: () => 0 })
  })

  afterEach(async () => {
    http.close()
    await server.close()
  })

  /** An assistant that reports its end; the scripted model has no reply, which is a pipeline fault. */
  const reporting = (more: object) => ({
    hooks: [
      {
        on: 'call.ending',
        filters: [{ type: 'oneOf', key: 'call.endedReason', oneOf: ['pipeline-error'] }],
        do: [
          {
            type: 'tool',
            tool: {
              type: 'function',
              function: {
                name: 'report_error',
                description: 'Tells of a fault.',
                parameters: {
                  type: 'object',
                  properties: { text: { type: 'string', value: 'A call error occurred.' } },
                },
              },
              async: false,
              server: { url: `${server.url}/report` },
              ...more,
            },
          },
        ],
      },
    ],
  })
  const endOf = (observations: readonly Observation[]) => observations.at(-1)
  const result = (observations: readonly Observation[]) =>
    observations.find(seen => seen.type === 'tool.completed')

  it('[hooks-example-slack, hooks-function-server, hooks-payload-call-id, hooks-payload-tool-calls, hooks-reply-id] is called once before the call is over, and may answer to hook-function-call', async () => {
    server.answerWith(() => jsonReply({ results: [{ result: 'success', toolCallId: 'hook-function-call' }] }))
    const observations = await runWithTools(reporting({}), tools)
    expect(server.requests).toHaveLength(1)
    expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/report' })
    const item = {
      id: expect.stringMatching(/^hook-function-call/),
      function: {
        name: 'report_error',
        arguments: {
          text: 'A call error occurred.',
          properties: { text: { value: 'A call error occurred.' } },
        },
      },
    }
    expect(server.requests[0]?.json).toMatchObject({
      message: { type: 'tool-calls', call: { id: 'call-7' }, toolCalls: [item], toolCallList: [item] },
    })
    expect(result(observations)).toMatchObject({ result: 'success' })
    expect(endOf(observations)).toMatchObject({
      type: 'call.ended',
      endedReason: 'call.in-progress.error-providerfault-openai-llm-failed',
    })
  })

  it('[hooks-server-error] that answers 400 does not keep the call from ending', async () => {
    server.answerWith(() => rawReply('Invalid JSON', 'text/plain', 400))
    const observations = await runWithTools(reporting({}), tools)
    expect(result(observations)).toMatchObject({ error: expect.stringContaining('400') })
    expect(endOf(observations)?.type).toBe('call.ended')
  })

  it('[hooks-awaited-function] is waited for, up to its time limit', async () => {
    server.answerWith(() => ({ steps: ['silence'] }))
    const observations = await runWithTools(
      reporting({ server: { url: server.url, timeoutSeconds: 1 } }),
      tools,
    )
    expect(result(observations)).toMatchObject({ error: expect.stringContaining('1 s') })
    expect(observations.map(({ type }) => type).slice(-2)).toEqual(['tool.completed', 'call.ended'])
  })

  it('[hooks-async-function] is sent what is not waited for, too', async () => {
    server.answerWith(() => jsonReply({ results: [{ result: 'success', toolCallId: 'hook-function-call' }] }))
    const observations = await runWithTools(reporting({ async: true }), tools)
    expect(server.requests).toHaveLength(1)
    expect(endOf(observations)?.type).toBe('call.ended')
  })
})

describe('events of the API document', () => {
  it('[api-hook-time-elapsed] call.timeElapsed triggers once, so many seconds after the begin', async () => {
    const elapsed = (seconds: number) =>
      on('call.timeElapsed', say(`${seconds} s.`), `, options: { seconds: ${seconds} }`)
    const call = await runSimulation(`${withHooks(elapsed(5), elapsed(8))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 20, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "Bye." }]`)
    expect(call.all('hook.triggered').map(({ atMs }) => atMs)).toEqual([5000, 8000])
    for (const bad of ['{ seconds: 0.5 }', '{ seconds: 3601 }', '{}'])
      await expect(
        runSimulation(withHooks(on('call.timeElapsed', say('Hm.'), `, options: ${bad}`)) + hello),
      ).rejects.toThrow('hooks[0].options.seconds')
  })

  it('[api-hook-time-elapsed, idle-never-interrupts-processing] not into a tool call: it comes after it', async () => {
    const call = await runSimulation(`
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: 6000 }
assistant:
  hooks: [${on('call.timeElapsed', say('Five.'), ', options: { seconds: 5 }')}]
  model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look } }] }
caller: [{ at: 0, say: "Look.", lasts: 1 }]
model: [{ reply: "Let me see.", toolCalls: [{ name: look }] }, { reply: "Found." }]`)
    expect(call.first('hook.triggered').atMs).toBe(call.first('tool.completed').atMs)
  })

  it('[api-hook-low-confidence] a turn of which the transcriber is unsure goes to its hook, and is not answered', async () => {
    const yaml = (confidence: number, options = '') => `${withHooks(
      on('assistant.transcriber.endpointedSpeechLowConfidence', say('Pardon?'), options),
    )}
caller: [{ at: 0, say: "Mumble.", lasts: 1, confidence: ${confidence} }, { after: assistant, plus: 1, say: "A table.", lasts: 1, confidence: 0.9 }]
model: [{ when: table, reply: "For how many?" }, { reply: "Hi." }]`
    const asked = await runSimulation(yaml(0.3))
    expect(story(asked)).toEqual([
      'hook assistant.transcriber.endpointedSpeechLowConfidence',
      'said Pardon?',
      'said For how many?',
      'ended customer-ended-call',
    ])
    for (const confidence of [0.1, 0.4, 0.8])
      expect((await runSimulation(yaml(confidence))).all('hook.triggered')).toEqual([])
    const range = ', options: { confidenceMin: 0.5, confidenceMax: 0.9 }'
    expect((await runSimulation(yaml(0.8, range))).all('hook.triggered')).toHaveLength(1)
  })

  it('session.created triggers when the call begins, model.response.timeout when the model is late', async () => {
    const note = '{ type: tool, tool: { type: function, function: { name: note } } }'
    const created = await runSimulation(withHooks(on('session.created', note)) + hello)
    expect(created.first('tool.called').atMs).toBe(0)
    const late = await runSimulation(`
latencies: { transcriberMs: 0, modelMs: 3000, voiceMs: 300 }${withHooks(on('model.response.timeout', say('One moment.'), ', options: { timeoutSeconds: 2 }'))}${hello}`)
    expect(late.first('hook.triggered').atMs).toBe(1100 + 2000)
    expect(story(late)).toEqual([
      'hook model.response.timeout',
      'said One moment.',
      'said Hi.',
      'ended customer-ended-call',
    ])
    const quick = await runSimulation(withHooks(on('model.response.timeout', say('One moment.'))) + hello)
    expect(quick.all('hook.triggered')).toEqual([])
  })
})

describe('what hooks cannot do', () => {
  it('is told: stored tools, filters without a value', async () => {
    const call = await runSimulation(
      withHooks(on('assistant.speech.interrupted', '{ type: tool, toolId: abc }', pipelineError)) + hello,
    )
    expect(warnings(call)).toEqual([
      expect.stringContaining('hooks[0].filters[0].key'),
      expect.stringContaining('hooks[0].do[0].toolId'),
    ])
  })

  it('is to stop a call: a model that fails, a template that cannot be rendered, a voice that never answers', async () => {
    const timeout = ', options: { timeoutSeconds: 3, triggerMaxCount: 1 }'
    const failing =
      await runSimulation(`${withHooks(on('customer.speech.timeout', `{ type: say, prompt: "Ask." }, ${say('Hm?')}`, timeout))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 9, say: "Bye.", lasts: 1 }]
model: [{ when: Hello, reply: "Hi." }]`)
    expect(failing.first('model.failed').message).toContain('no reply left')
    expect(story(failing)).toContain('said Hm?')
    const endless = '{% for a in (1..100000) %}{% for b in (1..100000) %}{{ a }}{% endfor %}{% endfor %}'
    const stuck =
      await runSimulation(`${withHooks(on('customer.speech.timeout', `{ type: say, prompt: "${endless}" }`, timeout))}
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 9, say: "Bye.", lasts: 1 }]
model: [{ reply: "Hi." }, { reply: "There?" }, { reply: "Bye." }]`)
    expect(warnings(stuck)).toContainEqual(expect.stringContaining('a template of a hook'))
    expect(stuck.endedReason).toBe('customer-ended-call')
  })

  it('many actions that are done at once do not pile up in one step', async () => {
    const notes = Array(40).fill('{ type: tool, tool: { type: dtmf } }').join(', ')
    const call = await runSimulation(withHooks(on('call.ending', notes)) + hello)
    expect(call.all('tool.called')).toHaveLength(40)
  })
})
