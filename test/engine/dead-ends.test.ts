import { describe, expect, it } from 'vitest'
import { runSimulation } from '../support/simulation.ts'

const spoken = (call: Awaited<ReturnType<typeof runSimulation>>) =>
  call.all('assistant.speech.started').map(({ text }) => text)
const tools = (...list: string[]) => `model: { provider: openai, model: gpt-4o, tools: [${list.join(', ')}] }`
const silentTool = (name: string, more = '') =>
  `{ type: function, function: { name: ${name} }, messages: [{ type: request-start, content: "" }${more}] }`

describe('an answer always comes', () => {
  it('when the customer speaks while the model makes the first message', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first-with-model-generated-message }
latencies: { modelMs: 3000, voiceMs: 300 }
caller: [{ at: 0.2, say: "Hello, I need a table.", lasts: 1 }]
model: [{ reply: "For how many?" }, { reply: "Again?" }]`)
    expect(spoken(call)).toEqual(['For how many?'])
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('when a message is added while the model is thinking', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "Hello.", lasts: 1 }]
control: [{ at: 1.3, send: { type: add-message, message: { role: user, content: "and hurry" } } }]
model: [{ reply: "One." }, { reply: "Two." }]`)
    expect(spoken(call)).toEqual(['One.', 'Two.'])
  })

  it('to a tool whose result comes while something else is said', async () => {
    const call = await runSimulation(`
assistant: { ${tools('{ type: function, function: { name: book } }')} }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 6000 }
caller: [{ at: 0, say: "Book it.", lasts: 1 }, { at: 5, say: "Are you there?", lasts: 0.5 }]
model: [{ reply: "", toolCalls: [{ name: book }] }, { reply: "Still working." }, { reply: "It is booked." }]`)
    expect(spoken(call).slice(-2)).toEqual(['Still working.', 'It is booked.'])
    const asked = call.result.ended.artifact.messagesOpenAIFormatted.filter(({ role }) => role === 'tool')
    expect(asked).toEqual([expect.objectContaining({ content: 'success' })])
  })

  it('to a tool after a cough over the filler', async () => {
    const call = await runSimulation(`
assistant: { ${tools('{ type: function, function: { name: book } }')} }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 4000 }
caller: [{ at: 0, say: "Book it.", lasts: 1 }, { during: assistant, plus: 0.3, say: " ", lasts: 0.3 }]
model: [{ reply: "", toolCalls: [{ name: book }] }, { reply: "It is booked." }]`)
    expect(spoken(call).at(-1)).toBe('It is booked.')
    expect(call.endedReason).toBe('customer-ended-call')
  })

  it('to an asynchronous tool, at once and without a filler', async () => {
    const call = await runSimulation(`
assistant: { ${tools('{ type: function, async: true, function: { name: note } }')} }
latencies: { modelMs: 500, voiceMs: 300, toolMs: 9000 }
caller: [{ at: 0, say: "Note it.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: note }] }, { reply: "Noted." }]`)
    expect(spoken(call)).toEqual(['Noted.'])
  })

  it('for every tool without words of its own, whichever ends last', async () => {
    const done = ', { type: request-complete, content: "It is booked." }'
    const call = await runSimulation(`
assistant: { ${tools(silentTool('weather'), silentTool('book', done))} }
caller: [{ at: 0, say: "Both.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: weather }, { name: book }] }, { reply: "It will rain." }]`)
    expect(spoken(call)).toEqual(['It is booked.', 'It will rain.'])
  })
})

describe('last words', () => {
  it('are spoken when endCall comes without a text', async () => {
    const call = await runSimulation(`
assistant: { endCallMessage: "Goodbye!", ${tools('{ type: endCall }')} }
caller: [{ at: 0, say: "Bye.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: endCall }] }]`)
    expect(spoken(call)).toEqual(['Goodbye!'])
    expect(call.endedReason).toBe('assistant-ended-call')
  })

  it('are the last: a tool says nothing after them', async () => {
    const done = ', { type: request-complete, content: "It is booked." }'
    const call = await runSimulation(`
assistant: { endCallMessage: "Goodbye!", ${tools(silentTool('book', done), '{ type: endCall }')} }
caller: [{ at: 0, say: "Book and bye.", lasts: 1 }]
model: [{ reply: "Fine.", toolCalls: [{ name: book }, { name: endCall }] }]`)
    expect(spoken(call)).toEqual(['Fine.', 'Goodbye!'])
  })

  it('that may not be interrupted survive an interruption before them', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Welcome to the restaurant by the river.", firstMessageInterruptionsEnabled: true }
control: [{ at: 0.5, send: { type: say, content: "This line is closing. Goodbye.", interruptionsEnabled: false, endCallAfterSpoken: true } }]
caller: [{ during: assistant, plus: 1, say: "Hello there", lasts: 1 }]
model: [{ reply: Yes. }]`)
    expect(spoken(call).at(-1)).toBe('This line is closing. Goodbye.')
    expect(call.endedReason).toBe('assistant-ended-call-after-message-spoken')
  })
})

describe('a turn that goes on', () => {
  it('is answered once, also behind a greeting', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Hello, what can I do?" }
latencies: { modelMs: 2500, voiceMs: 300 }
caller: [{ at: 0, say: "Hello?", lasts: 0.2 }, { at: 1, say: "Cancel my table.", lasts: 0.7 }]
model: [{ when: "Cancel", reply: "Cancelled." }, { reply: "Shall I book a table?" }]`)
    expect(spoken(call)).toEqual(['Hello, what can I do?', 'Cancelled.'])
  })

  it('voids the answer that a tool’s result was to bring', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { waitSeconds: 3, smartEndpointingPlan: { provider: livekit, waitFunction: "100" } }, ${tools(silentTool('book'))} }
caller: [{ at: 0, say: "Book nine.", lasts: 1 }, { at: 3, say: "Ten please.", lasts: 0.5 }]
model: [{ reply: "", toolCalls: [{ name: book }] }, { when: Ten, reply: "Ten then." }, { reply: "Nine is booked." }]`)
    expect(spoken(call)).toEqual(['Ten then.'])
  })
})

describe('what was said', () => {
  it('to its end in the moment of a hang-up was heard', async () => {
    const call = await runSimulation(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Fifteen letters" }
latencies: { voiceMs: 0 }
control: [{ at: 1.5, send: { type: end-call } }]`)
    expect(call.result.ended.artifact.transcript).toBe('AI: Fifteen letters')
  })

  it('and not answered any more is in the transcript', async () => {
    const call = await runSimulation(`
assistant: { startSpeakingPlan: { customEndpointingRules: [{ type: customer, regex: bye, timeoutSeconds: 5 }] } }
caller: [{ at: 0, say: "Cancel my order, bye.", lasts: 1 }]
control: [{ at: 3, send: { type: end-call } }]`)
    expect(call.result.ended.artifact.transcript).toBe('User: Cancel my order, bye.')
  })

  it('without words is skipped and breaks nothing', async () => {
    const call = await runSimulation(`
caller: [{ at: 0, say: "Tomorrow?", lasts: 1 }]
model: [{ reply: "I can do that for you tomorrow morning. 🙂" }]`)
    expect(call.all('voice.requested')).toHaveLength(1)
    expect(call.endedReason).toBe('customer-ended-call')
  })
})

describe('speech that is over', () => {
  it('does not interrupt what begins later', async () => {
    const call = await runSimulation(`
control: [{ at: 1.2, send: { type: say, content: "Please hold the line for a moment." } }]
caller: [{ at: 0, say: "I am here", lasts: 1.6 }]
model: [{ reply: Yes. }]`)
    expect(call.all('interruption').filter(({ ignored }) => !ignored)).toEqual([])
  })

  it('in Deepgram Flux ends the turn before custom rules with the API document’s reading', async () => {
    const scenario = `
assistant: { transcriber: { provider: deepgram, model: flux-general-en }, startSpeakingPlan: { customEndpointingRules: [{ type: customer, regex: nine, timeoutSeconds: 5 }] } }
caller: [{ at: 0, say: "At nine", lasts: 1 }]
model: [{ reply: Fine. }]`
    expect((await runSimulation(scenario, 'openapi')).first('endpointing.decided').by).toBe('transcriber')
    expect((await runSimulation(scenario)).first('endpointing.decided').by).toBe('custom-rule')
  })
})
