import { describe, expect, it } from 'vitest'
import { defaultClientMessages, defaultServerMessages } from '../../src/messages/events.ts'
import {
  CALL_BEGAN_MS,
  createMessageCheck,
  type Message,
  shippedPrices,
  tellCall,
  tellSquad,
} from '../support/messages.ts'
import { documentAbsent, loadOpenApiDocument } from '../support/openapi/document.ts'

const document = loadOpenApiDocument()
const absent = document === false
const skipped = absent ? ` (skipped: ${documentAbsent})` : ''

const conversation = `
caller:
  - { at: 0, say: "When are you open?", lasts: 1 }
  - { after: assistant, plus: 1, say: "Thank you.", lasts: 1 }
model: [{ reply: "From eight to five." }, { reply: "Goodbye." }]`

/** An assistant that lists every message. */
const everything = `
assistant:
  serverMessages: [status-update, conversation-update, speech-update, transcript, model-output, voice-input, user-interrupted, assistant.speechStarted, assistant.started, hang, transfer-update, end-of-call-report]
${conversation}`

const interrupted = `
caller:
  - { at: 0, say: "When are you open?", lasts: 1 }
  - { during: assistant, plus: 1, say: "Stop please", lasts: 1 }
model: [{ reply: "We are open from eight in the morning to five in the afternoon." }, { reply: "Yes?" }]`

/** All that can be made of a call. */
const analysed = `
analysis: [{ for: summary, reply: "They asked." }, { for: structuredData, reply: { hours: true } }, { for: successEvaluation, reply: "true" }]
assistant:
  analysisPlan: { structuredDataPlan: { enabled: true, schema: { type: object } } }
  artifactPlan: { structuredOutputs: [{ name: hour, type: regex, regex: "eight", schema: { type: string } }] }
${conversation}`

function types(messages: readonly Message[]): string[] {
  return messages.map(({ type }) => type)
}

describe('the order of messages', () => {
  it('[api-message-order] is in-progress, the conversation, ended, the report', async () => {
    const { server } = await tellCall(conversation)
    const order = types(server)
    expect(server[0]).toMatchObject({ type: 'status-update', status: 'in-progress' })
    expect(order.slice(-2)).toEqual(['status-update', 'end-of-call-report'])
    expect(server.at(-2)).toMatchObject({ status: 'ended' })
    expect(new Set(order.slice(1, -2))).toEqual(
      new Set(['assistant.started', 'speech-update', 'conversation-update']),
    )
  })

  it('[web-call-start-event, web-call-end-event] tells the client of the call before and after all else', async () => {
    const { client } = await tellCall(conversation)
    expect(client[0]).toMatchObject({ type: 'status-update', status: 'in-progress' })
    expect(client.at(-1)).toMatchObject({ type: 'status-update', status: 'ended' })
    expect(client.length).toBeGreaterThan(10)
  })

  it('[api-message-order] has the last words in the history before the call is told as ended', async () => {
    const { server, told } = await tellCall(`
caller: [{ at: 0, say: "One more thing", lasts: 1 }]
control: [{ at: 1.05, send: { type: end-call } }]`)
    expect(types(server).slice(-3)).toEqual(['conversation-update', 'status-update', 'end-of-call-report'])
    expect(told('conversation-update')).toMatchObject([{ messages: [{ message: 'One more thing' }] }])
  })

  it('[web-speech-start-and-end] tells each assistant utterance by one start and one end', async () => {
    const { client, observations } = await tellCall(conversation)
    const edges = client.filter(({ type, role }) => type === 'speech-update' && role === 'assistant')
    expect(edges.map(({ status }) => status)).toEqual(['started', 'stopped', 'started', 'stopped'])
    expect(observations.filter(({ type }) => type === 'assistant.speech.started')).toHaveLength(2)
  })
})

describe('the lists', () => {
  it('[api-server-messages-default] sends the eleven where none are set', async () => {
    expect(defaultServerMessages).toHaveLength(11)
    const { server } = await tellCall(interrupted)
    for (const type of types(server)) expect(defaultServerMessages).toContain(type)
    // Of the eleven, those whose situation came up.
    expect([...new Set(types(server))].sort()).toEqual([
      'assistant.started',
      'conversation-update',
      'end-of-call-report',
      'speech-update',
      'status-update',
      'user-interrupted',
    ])
  })

  it('[api-server-messages-set] sends a set list and nothing else', async () => {
    const { server } = await tellCall(`
assistant: { serverMessages: [status-update, voice-input] }
${conversation}`)
    expect(new Set(types(server))).toEqual(new Set(['status-update', 'voice-input']))
    expect((await tellCall(`assistant: { serverMessages: [] }\n${conversation}`)).server).toEqual([])
  })

  it('[api-client-messages-default] sends the client its thirteen, as bare objects', async () => {
    expect(defaultClientMessages).toHaveLength(13)
    const { client } = await tellCall(interrupted)
    for (const type of types(client)) expect(defaultClientMessages).toContain(type)
    expect(new Set(types(client))).toEqual(
      new Set([
        'assistant.started',
        'conversation-update',
        'model-output',
        'speech-update',
        'status-update',
        'transcript',
        'user-interrupted',
        'voice-input',
      ]),
    )
    for (const message of client) expect(message).not.toHaveProperty('message')
  })

  it('[api-client-messages-set] sends the client a set list and nothing else', async () => {
    const { client } = await tellCall(`
assistant: { clientMessages: [transcript] }
${conversation}`)
    expect(new Set(types(client))).toEqual(new Set(['transcript']))
  })
})

describe('every server message', () => {
  it('[api-envelope-fields] has its time, the call, the assistant, the customer and the artifact', async () => {
    const { server } = await tellCall(`
customer: { number: "+15551234567", name: Ann }
assistant: { metadata: { tier: gold } }
${conversation}`)
    let before = 0
    for (const message of server) {
      expect(message).toMatchObject({
        call: { id: 'simulated-7', type: 'webCall' },
        assistant: { name: 'Desk' },
        customer: { number: '+15551234567', name: 'Ann' },
        artifact: { messagesOpenAIFormatted: expect.any(Array) },
      })
      expect(message.timestamp).toBeGreaterThanOrEqual(Math.max(CALL_BEGAN_MS, before))
      before = Number(message.timestamp)
    }
  })

  it('without a customer has no such field, and no secret of the configuration', async () => {
    const { server } = await tellCall(conversation)
    expect(server[0]).not.toHaveProperty('customer')
    expect(JSON.stringify(server)).not.toContain('s3cret')
    expect(JSON.stringify(server)).not.toContain('x-key')
  })

  it('[api-metadata-copied] carries the metadata, which steers nothing', async () => {
    const plain = await tellCall(conversation)
    const told = await tellCall(`assistant: { metadata: { tier: gold } }\n${conversation}`)
    for (const message of told.server) expect(message.assistant).toMatchObject({ metadata: { tier: 'gold' } })
    expect(told.observations).toEqual(plain.observations)
  })

  it.skipIf(absent)(`is valid by the API’s document${skipped}`, async () => {
    if (document === false) return
    const check = createMessageCheck(document)
    const calls = await Promise.all([
      tellCall(everything, await shippedPrices()),
      tellCall(interrupted),
      tellCall(analysed),
    ])
    for (const { server, client } of calls) {
      for (const message of server) expect(check(message, 'ServerMessage')).toEqual([])
      for (const message of client) expect(check(message, 'ClientMessage')).toEqual([])
    }
    const [speech] = calls[0].told('speech-update')
    expect(check({ ...speech, type: 'speech-update', role: 'bot' }, 'ServerMessage')).not.toEqual([])
  })
})

describe('status-update', () => {
  it('[web-status-update-call-status] has the state of the call twice, and the call’s id', async () => {
    const { told } = await tellCall(conversation)
    expect(told('status-update')).toMatchObject([
      { status: 'in-progress', call: { id: 'simulated-7', status: 'in-progress' } },
      { status: 'ended', call: { id: 'simulated-7', status: 'ended' } },
    ])
  })

  it('[api-status-update-ended] tells why the call ended', async () => {
    const { told } = await tellCall(conversation)
    expect(told('status-update').map(({ endedReason }) => endedReason)).toEqual([
      undefined,
      'customer-ended-call',
    ])
  })
})

describe('what is said', () => {
  it('[web-transcript-message, web-server-transcript] comes as transcript with role and words', async () => {
    const { server, client } = await tellCall(everything)
    for (const messages of [server, client]) {
      const finals = messages.filter(
        ({ type, transcriptType }) => type === 'transcript' && transcriptType === 'final',
      )
      expect(finals).toMatchObject([
        { role: 'user', transcript: 'When are you open?' },
        { role: 'assistant', transcript: 'From eight to five.', assistantName: 'Desk' },
        { role: 'user', transcript: 'Thank you.' },
        { role: 'assistant', transcript: 'Goodbye.' },
      ])
    }
  })

  it('[api-transcript-partial-final] comes in parts too, unless only final ones are listed', async () => {
    const { told } = await tellCall(everything)
    const texts = told('transcript').map(({ transcriptType, transcript }) => [transcriptType, transcript])
    expect(texts.slice(0, 4)).toEqual([
      ['partial', 'When'],
      ['partial', 'When are'],
      ['partial', 'When are you'],
      ['final', 'When are you open?'],
    ])
    const type = 'transcript[transcriptType="final"]'
    const finals = await tellCall(`assistant: { serverMessages: ['${type}'] }\n${conversation}`)
    expect(finals.server.map(message => [message.type, message.transcriptType])).toEqual(
      Array.from({ length: 4 }, () => [type, 'final']),
    )
  })

  it('[api-conversation-update] is in the history in both forms, after every change', async () => {
    const { told } = await tellCall(conversation)
    const updates = told('conversation-update')
    expect(updates.at(-1)).toMatchObject({
      messages: [
        { role: 'user', message: 'When are you open?' },
        { role: 'bot', message: 'From eight to five.' },
        { role: 'user', message: 'Thank you.' },
        { role: 'bot', message: 'Goodbye.' },
      ],
      messagesOpenAIFormatted: [
        { role: 'user', content: 'When are you open?' },
        { role: 'assistant', content: 'From eight to five.' },
        { role: 'user', content: 'Thank you.' },
        { role: 'assistant', content: 'Goodbye.' },
      ],
    })
    const lengths = updates.map(({ messages }) => (messages as unknown[]).length)
    expect([...new Set(lengths)]).toEqual([1, 2, 3, 4])
  })

  it('[api-speech-update] begins and ends, with turns from 0', async () => {
    const { told } = await tellCall(conversation)
    expect(told('speech-update').map(({ role, status, turn }) => [role, status, turn])).toEqual([
      ['user', 'started', 0],
      ['user', 'stopped', 0],
      ['assistant', 'started', 1],
      ['assistant', 'stopped', 1],
      ['user', 'started', 2],
      ['user', 'stopped', 2],
      ['assistant', 'started', 3],
      ['assistant', 'stopped', 3],
    ])
  })

  it('[api-user-interrupted] at each interruption names the turn of the model’s answer', async () => {
    const { told, server } = await tellCall(`
assistant: { serverMessages: [user-interrupted, model-output] }
${interrupted}`)
    expect(told('user-interrupted')).toHaveLength(1)
    const [{ turnId }] = told('user-interrupted') as [Message]
    expect(turnId).toBe(server.find(({ type }) => type === 'model-output')?.turnId)
    expect(turnId).toEqual(expect.any(String))
  })
})

describe('the work behind it', () => {
  it('[api-model-output] tells what the model gives, also its tool calls', async () => {
    const { told } = await tellCall(`
assistant:
  serverMessages: [model-output]
  model: { provider: openai, model: gpt-4o, tools: [{ type: function, function: { name: book } }] }
caller: [{ at: 0, say: "Book it.", lasts: 1 }]
model: [{ reply: "One moment.", toolCalls: [{ name: book, arguments: { day: Friday } }] }, { reply: "Done." }]`)
    const outputs = told('model-output')
    expect(outputs.map(({ output }) => output)).toMatchObject([
      'One moment.',
      { function: { name: 'book', arguments: { day: 'Friday' } } },
      'Done.',
    ])
    const [first, second, third] = outputs.map(({ turnId }) => turnId)
    expect(first).toBe(second)
    expect(third).not.toBe(first)
  })

  it('[api-voice-input] tells the text that the voice gets', async () => {
    const { told } = await tellCall(`
assistant: { serverMessages: [voice-input] }
caller: [{ at: 0, say: "How many?", lasts: 1 }]
model: [{ reply: "There are 12 of them." }]`)
    expect(told('voice-input').map(({ input }) => input)).toEqual(['There are twelve of them.'])
  })

  it('[api-assistant-speech-started] is told only where it is listed, with text, turn, source and timing', async () => {
    const listed = await tellCall(`
assistant: { firstMessageMode: assistant-speaks-first, firstMessage: "Hello.", serverMessages: [assistant.speechStarted] }
caller: [{ after: assistant, plus: 1, say: "Tell me all.", lasts: 1 }]
model: [{ reply: "The first part is here and is long enough. The second part follows after it and ends." }]`)
    const [hello, first, second] = listed.told('assistant.speechStarted')
    expect(hello).toMatchObject({ text: 'Hello.', turn: 0, source: 'force-say' })
    expect(first).toMatchObject({
      text: expect.stringMatching(/^The first part/),
      turn: 2,
      source: 'model',
      timing: { type: 'word-progress', wordsSpoken: 0 },
    })
    if (second !== undefined) expect(String(second.text).length).toBeGreaterThan(String(first?.text).length)
    const unlisted = await tellCall(conversation)
    expect(types(unlisted.server)).not.toContain('assistant.speechStarted')
    expect(types(unlisted.client)).not.toContain('assistant.speechStarted')
  })

  it('[api-hang] is told once when an answer takes long', async () => {
    const slow = `
latencies: { transcriberMs: 0, modelMs: 9000, voiceMs: 300 }
caller: [{ at: 0, say: "When are you open?", lasts: 1 }]
model: [{ reply: "From eight." }]`
    const { told, observations } = await tellCall(slow)
    expect(told('hang')).toHaveLength(1)
    const turnEnd = observations.find(({ type }) => type === 'turn.ended')?.atMs ?? 0
    expect(told('hang')[0]?.timestamp).toBe(CALL_BEGAN_MS + turnEnd + 5000)
    expect((await tellCall(conversation)).told('hang')).toEqual([])
  })

  it('[api-assistant-started, api-transfer-update] tells who takes the call, and who hands over to whom', async () => {
    const { told } = await tellCall(`
assistant: { serverMessages: [assistant.started] }
${conversation}`)
    expect(told('assistant.started')).toMatchObject([{ newAssistant: { name: 'Desk' } }])

    const squad = await tellSquad({ serverMessages: ['assistant.started', 'transfer-update'] })
    expect(squad.told('assistant.started')).toMatchObject([
      { newAssistant: { name: 'Desk' } },
      { newAssistant: { name: 'Billing' } },
    ])
    expect(squad.told('transfer-update')).toMatchObject([
      { fromAssistant: { name: 'Desk' }, toAssistant: { name: 'Billing' }, assistant: { name: 'Billing' } },
    ])
  })

  it('[api-transfer-update] tells the destination of a transfer by telephone', async () => {
    const { told } = await tellCall(`
assistant:
  serverMessages: [transfer-update, status-update]
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: transferCall, destinations: [{ type: number, number: "+15551234567" }] }]
caller: [{ at: 0, say: "Somebody else please.", lasts: 1 }]
model: [{ reply: "", toolCalls: [{ name: transferCall, arguments: { destination: "+15551234567" } }] }]`)
    expect(told('transfer-update')).toMatchObject([{ destination: { number: '+15551234567' } }])
    expect(told('status-update').map(({ status }) => status)).toEqual(['in-progress', 'forwarding', 'ended'])
  })
})

describe('end-of-call-report', () => {
  it('[api-end-of-call-report, languages-end-has-transcript-and-summary] has the end, the costs, the analysis and the artifact', async () => {
    const { told, afterwards } = await tellCall(`
analysis: [{ for: summary, reply: "They asked for the hours." }, { for: successEvaluation, reply: "true" }]
${conversation}`)
    const [report] = told('end-of-call-report')
    expect(report).toMatchObject({
      endedReason: 'customer-ended-call',
      startedAt: '2026-01-05T09:00:00.000Z',
      endedAt: expect.stringMatching(/^2026-01-05T09:00:/),
      costs: expect.any(Array),
      analysis: { summary: 'They asked for the hours.', successEvaluation: 'true' },
      artifact: {
        transcript: expect.stringContaining('User: Thank you.'),
        messages: expect.any(Array),
        performanceMetrics: expect.any(Object),
      },
    })
    expect(afterwards.at(-1)).toMatchObject({ type: 'call.report', analysis: report?.analysis })
  })
})
