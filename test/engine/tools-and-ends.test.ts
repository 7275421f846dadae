import { describe, expect, it } from 'vitest'
import { runSimulation } from '../support/simulation.ts'

const withTool = (tool: string, rest: string) => `
assistant: { model: { provider: openai, model: gpt-4o, tools: [${tool}] } }
latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300, toolMs: 200 }
caller: [{ at: 0, say: "Book it.", lasts: 1 }]
${rest}`
const book = '{ type: function, function: { name: book }, messages: [{ type: request-start, content: "" }] }'

describe('a function tool', () => {
  it('is called with the model’s arguments, and its result is answered by the model', async () => {
    const call = await runSimulation(
      withTool(
        book,
        `
model: [{ reply: "", toolCalls: [{ name: book, arguments: { day: tomorrow } }] }, { reply: "Booked." }]
tools: { book: { result: "ok, at nine" } }`,
      ),
    )
    expect(call.first('tool.called')).toMatchObject({ name: 'book', arguments: { day: 'tomorrow' } })
    expect(call.first('tool.completed')).toMatchObject({ name: 'book', result: 'ok, at nine' })
    expect(call.first('assistant.speech.started').text).toBe('Booked.')
    expect(call.result.ended.artifact.messagesOpenAIFormatted).toMatchObject([
      { role: 'user', content: 'Book it.' },
      { role: 'assistant', tool_calls: [{ function: { name: 'book', arguments: '{"day":"tomorrow"}' } }] },
      { role: 'tool', content: 'ok, at nine' },
      { role: 'assistant', content: 'Booked.' },
    ])
  })

  it('fills the wait with a usual phrase unless its start message is set', async () => {
    const plain = '{ type: function, function: { name: book } }'
    const rest = `
model: [{ reply: "", toolCalls: [{ name: book }] }, { reply: "Booked." }]`
    const filler = (await runSimulation(withTool(plain, rest))).all('assistant.speech.started')[0]
    expect(filler).toMatchObject({ source: 'tool' })
    const own = plain.replace(
      'name: book }',
      'name: book }, messages: [{ type: request-start, content: "Looking it up." }]',
    )
    expect((await runSimulation(withTool(own, rest))).all('assistant.speech.started')[0]?.text).toBe(
      'Looking it up.',
    )
  })

  it('that fails tells the model why', async () => {
    const call = await runSimulation(
      withTool(
        book,
        `
model: [{ reply: "", toolCalls: [{ name: book }] }, { reply: "Sorry." }]
tools: { book: { error: "no free time" } }`,
      ),
    )
    expect(call.first('tool.completed')).toMatchObject({ error: 'no free time' })
    expect(call.result.ended.artifact.messagesOpenAIFormatted).toContainEqual(
      expect.objectContaining({ role: 'tool', content: 'no free time' }),
    )
  })

  it('that does not exist is answered with that', async () => {
    const call = await runSimulation(
      withTool(
        book,
        `
model: [{ reply: "", toolCalls: [{ name: unknown }] }, { reply: "Sorry." }]`,
      ),
    )
    expect(call.first('tool.completed').error).toContain('unknown')
    expect(call.first('assistant.speech.started').text).toBe('Sorry.')
  })

  it('two at once are both waited for', async () => {
    const call = await runSimulation(
      withTool(
        book,
        `
model: [{ reply: "", toolCalls: [{ name: book, arguments: { day: one } }, { name: book, arguments: { day: two } }] }, { reply: "Both." }]`,
      ),
    )
    expect(call.all('tool.completed')).toHaveLength(2)
    expect(call.all('model.requested')).toHaveLength(2)
  })

  it('speaks its complete message in place of a model answer', async () => {
    const tool =
      '{ type: function, function: { name: book }, messages: [{ type: request-start, content: "" }, { type: request-complete, content: "It is done.", endCallAfterSpokenEnabled: true }] }'
    const call = await runSimulation(
      withTool(
        tool,
        `
model: [{ reply: "", toolCalls: [{ name: book }] }]`,
      ),
    )
    expect(call.first('assistant.speech.started').text).toBe('It is done.')
    expect(call.endedReason).toBe('assistant-ended-call-after-message-spoken')
  })
})

describe('the end of a call', () => {
  it('endCall speaks the reply, then the end message, then hangs up', async () => {
    const call = await runSimulation(`
assistant: { endCallMessage: "Goodbye!", model: { provider: openai, model: gpt-4o, tools: [{ type: endCall }] } }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ reply: "Thank you.", toolCalls: [{ name: endCall }] }]`)
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual(['Thank you.', 'Goodbye!'])
    expect(call.endedReason).toBe('assistant-ended-call')
  })

  it('comes after silenceTimeoutSeconds without speech of either side', async () => {
    const call = await runSimulation(`
assistant: { silenceTimeoutSeconds: 12 }
caller: [{ at: 0, say: "Hello.", lasts: 1 }, { at: 500, say: never, lasts: 1 }]
model: [{ reply: "Ten letters" }]`)
    expect(call.endedReason).toBe('silence-timed-out')
    expect(call.first('call.ended').atMs).toBe(call.first('assistant.speech.stopped').atMs + 12_000)
  })

  it('does not come while words are on their way, and comes when they lead to nothing', async () => {
    const call = await runSimulation(`
assistant: { silenceTimeoutSeconds: 12 }
latencies: { voiceMs: 300 }
caller: [{ at: 500, say: never, lasts: 1 }]
control: [{ at: 11.9, send: { type: say, content: "Please hold the line." } }]`)
    expect(call.first('assistant.speech.stopped')).toMatchObject({
      spokenText: 'Please hold the line.',
      reason: 'completed',
    })
    expect(call.endedReason).toBe('silence-timed-out')
  })

  it('comes after maxDurationSeconds, counted from the first sound', async () => {
    const call = await runSimulation(`
assistant: { maxDurationSeconds: 10, firstMessageMode: assistant-speaks-first, firstMessage: "Hello there." }
caller: [{ at: 8, say: "I talk and talk", lasts: 9 }]`)
    expect(call.endedReason).toBe('exceeded-max-duration')
    expect(call.first('call.ended').atMs).toBe(300 + 10_000)
  })

  it('cuts off what is being said and keeps what was heard of it', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "One two three four five six seven." }
control: [{ at: 1.3, send: { type: end-call } }]`)
    expect(call.endedReason).toBe('manually-canceled')
    expect(call.first('assistant.speech.stopped')).toMatchObject({
      spokenText: 'One two',
      reason: 'interrupted',
    })
    expect(call.result.ended.artifact.transcript).toBe('AI: One two')
  })

  it('comes with the reason of a model that fails', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
failures: [{ model: openai/gpt-4o }]`)
    expect(call.endedReason).toBe('call.in-progress.error-providerfault-openai-llm-failed')
    expect(call.result.failure?.message).toContain('failed')
  })

  it('comes with the reason of a transcriber that fails', async () => {
    const call = await runSimulation(`
assistant: { transcriber: { provider: deepgram, model: nova-2 } }
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
failures: [{ transcriber: deepgram/nova-2 }]`)
    expect(call.endedReason).toBe('call.in-progress.error-vapifault-deepgram-transcriber-failed')
  })
})

describe('live control', () => {
  it('say is spoken as it is, without a wait', async () => {
    const call = await runSimulation(`
control: [{ at: 2, send: { type: say, content: "Please hold.", endCallAfterSpoken: true } }]
caller: [{ at: 60, say: late, lasts: 1 }]`)
    expect(call.first('assistant.speech.started')).toMatchObject({ text: 'Please hold.', atMs: 2300 })
    expect(call.endedReason).toBe('assistant-ended-call-after-message-spoken')
  })

  it.each([
    ['system', undefined, 0],
    ['system', true, 1],
    ['user', undefined, 1],
    ['user', false, 0],
  ])(
    'add-message of role %s with triggerResponseEnabled %s asks the model %d times',
    async (role, trigger, times) => {
      const call = await runSimulation(`
control: [{ at: 2, send: { type: add-message, message: { role: ${role}, content: "pressed the button" }${trigger === undefined ? '' : `, triggerResponseEnabled: ${trigger}`} } }]
caller: [{ at: 9, say: "Okay then.", lasts: 1 }]
model: [{ reply: "I see." }, { reply: "Well." }]`)
      expect(call.all('model.requested').filter(({ atMs }) => atMs < 9000)).toHaveLength(times)
      expect(call.result.ended.artifact.messages[0]).toMatchObject({ role, message: 'pressed the button' })
    },
  )
})

describe('an end with words of the model', () => {
  it('comes after these words, although the customer speaks again before they are heard', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "I am done.", lasts: 1 }, { at: 1.8, say: "One more thing.", lasts: 1 }, { at: 50, say: "Hello?" }]
assistant: { model: { provider: openai, model: gpt-4o, tools: [{ type: endCall }] } }
model: [{ reply: "Goodbye then.", toolCalls: [{ name: endCall }] }]`)
    expect(call.first('assistant.speech.started')).toMatchObject({ text: 'Goodbye then.', atMs: 2800 })
    expect(call.first('call.ended')).toMatchObject({ endedReason: 'assistant-ended-call', atMs: 4100 })
  })

  it('comes at once where what was still to be heard has been dropped', async () => {
    // The answer that is being made when the phrase was said, and is void because the customer goes on.
    const call = await runSimulation(`
assistant: { endCallPhrases: ["over there"] }
latencies: { modelMs: 1500, voiceMs: 300 }
caller: [{ at: 0.5, say: "One more thing.", lasts: 0.5 }, { at: 2, say: "Wait.", lasts: 1 }, { at: 50, say: "Hello?" }]
control:
  - { at: 0, send: { type: say, content: "Over there.", interruptionsEnabled: false } }
  - { at: 0.2, send: { type: add-message, message: { role: user, content: "pressed the button" } } }
model: [{ reply: "Yes?" }, { reply: "Yes?" }]`)
    expect(call.first('call.ended')).toMatchObject({
      endedReason: 'assistant-said-end-call-phrase',
      atMs: 2000,
    })
  })
})

describe('words before a tool call', () => {
  const call = () =>
    runSimulation(`
latencies: { modelMs: 2000, voiceMs: 300, toolMs: 400 }
assistant:
  startSpeakingPlan: { waitSeconds: 0.4, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }
  model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: look } }] }
caller: [{ at: 0, say: "Is it free?", lasts: 1 }]
model: [{ reply: "Let me see.", toolCalls: [{ name: look }] }, { reply: "It is." }]`)

  it('are said when their wait is over, although the model is asked again within it', async () => {
    // The turn ends at 1.1 s, the voice is ready at 3.4 s, and the tool at 3.5 s.
    expect((await call()).first('assistant.speech.started')).toMatchObject({
      text: 'Let me see.',
      atMs: 3800,
    })
  })
})

describe('a late answer to an earlier turn', () => {
  it('is no second measurement of that turn', async () => {
    const call = await runSimulation(`
latencies: { modelMs: 300, voiceMs: 100, toolMs: 4000 }
assistant:
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: function, function: { name: look }, messages: [{ type: request-start, content: Looking. }] }]
caller: [{ at: 0, say: "Is it free?", lasts: 1 }, { at: 3, say: "Hello?", lasts: 0.5 }]
model: [{ reply: "", toolCalls: [{ name: look }] }, { reply: "Yes?" }, { reply: "It is." }]`)
    expect(call.all('assistant.speech.started').map(({ text }) => text)).toEqual([
      'Looking.',
      'Yes?',
      'It is.',
    ])
    expect(call.all('turn.latency').map(({ turn }) => turn)).toEqual([1, 2])
  })
})

describe('answering machine detection by length of speech', () => {
  it('leaves no timer behind once a person has answered', async () => {
    const call = await runSimulation(`
assistant: { voicemailDetection: { provider: twilio, enabled: true } }
caller: [{ at: 0, say: "Hello?", lasts: 1 }, { after: assistant, plus: 3, say: "Yes.", lasts: 1 }]
model: [{ reply: "Good day." }, { reply: "Well." }]`)
    expect(call.all('voicemail.detected')).toEqual([])
    const timers = new Set<string>()
    for (const command of call.commands()) {
      if (command.type === 'timer.set' && command.timerId.startsWith('voicemail.'))
        timers.add(command.timerId)
      if (command.type === 'timer.clear') timers.delete(command.timerId)
    }
    expect([...timers]).toEqual([])
  })
})
