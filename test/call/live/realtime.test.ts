import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { readDocument } from '../../../src/assistant/call-body.ts'
import { callLive, typing } from '../../support/live.ts'
import { startOpenAiRealtime } from '../../support/providers/openai-realtime.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { callerFile, callRealtime } from '../../support/realtime.ts'

it('has a conversation by one session that hears, thinks and speaks', async () => {
  const path = await callerFile(2500, 'I would like an appointment please.', 4000)
  const { all, warnings, session, server } = await callRealtime(
    {
      answers: [{ text: 'Of course. Which day would you like?' }],
      hears: ['I would like an appointment please.'],
    },
    { firstMessageMode: 'assistant-speaks-first', firstMessage: 'Hello, this is Anna.' },
    path,
  )
  expect(warnings).toEqual([])
  expect(server.connections).toHaveLength(1)
  expect(session.errors).toEqual([])
  expect(all('transcript').filter(({ transcriptType }) => transcriptType === 'final')).toMatchObject([
    { role: 'assistant', transcript: 'Hello, this is Anna.' },
    { role: 'user', transcript: 'I would like an appointment please.' },
    { role: 'assistant', transcript: 'Of course. Which day would you like?' },
  ])
  expect(session.items.map(({ role, text }) => [role, text])).toEqual([
    ['assistant', 'Hello, this is Anna.'],
    ['user', 'I would like an appointment please.'],
    ['assistant', 'Of course. Which day would you like?'],
  ])
  expect(all('turn.latency')).toHaveLength(1)
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'customer-ended-call' })
  // What was heard is all that the answer had, to the length of its letters.
  const [, stopped] = all('assistant.speech.stopped')
  const [, started] = all('assistant.speech.started')
  expect(Math.abs(stopped.atMs - started.atMs - 28 * 60)).toBeLessThan(120)
})

it('stops when the customer interrupts, and the session knows how much was heard', async () => {
  const long = Array.from({ length: 60 }, (_, place) => `word${place}`).join(' ')
  const path = await callerFile(300, 'Tell me a story.', 5000, 'Stop that now please.', 4000)
  const { all, session } = await callRealtime(
    {
      answers: [{ text: long }, { text: 'All right.' }],
      // The voice pauses now and then: what comes after has no words.
      hears: ['Tell me a story.', 'Stop that now please.', '', ''],
    },
    {},
    path,
  )
  const [speech, ...later] = all('assistant.speech.stopped')
  expect(speech).toMatchObject({ reason: 'interrupted' })
  expect(later).toMatchObject([{ spokenText: 'All right.' }])
  const [interruption] = all('interruption').filter(({ ignored }) => !ignored)
  expect(speech.atMs - interruption.atMs).toBeLessThan(250)
  const [started] = all('assistant.speech.started')
  const heardMs = speech.atMs - started.atMs
  const [truncated] = session.events.filter(({ type }) => type === 'conversation.item.truncate')
  expect(Math.abs(Number(truncated.audio_end_ms) - heardMs)).toBeLessThan(60)
  expect(long.startsWith(speech.spokenText)).toBe(true)
  expect(session.errors).toEqual([])
  // The words in the history are those of the sound that was heard: five letters a word, 60 ms each.
  expect(session.items.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
  expect(session.items[1]).toMatchObject({ audioMs: truncated.audio_end_ms })
})

it('runs the tools that the session calls, and ends the call when it says so', async () => {
  const asked: Record<string, unknown>[] = []
  const tools = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    const { message } = JSON.parse(body)
    asked.push(...message.toolCallList)
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({ results: [{ toolCallId: message.toolCallList[0].id, result: 'nine is free' }] }),
    )
  })
  await new Promise<void>(resolve => tools.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void tools.close())
  const url = `http://127.0.0.1:${(tools.address() as AddressInfo).port}`
  const path = await callerFile(300, 'Is tomorrow free?', 6000)
  const { all, session } = await callRealtime(
    {
      answers: [
        { text: 'Let me look.', calls: [{ name: 'look', arguments: { day: 'tomorrow' } }] },
        { text: 'Nine is free. Goodbye!', calls: [{ name: 'endCall', arguments: {} }] },
      ],
      hears: ['Is tomorrow free?'],
    },
    {
      model: {
        tools: [
          {
            type: 'function',
            messages: [{ type: 'request-start', content: '' }],
            function: {
              name: 'look',
              parameters: { type: 'object', properties: { day: { type: 'string' } } },
            },
            server: { url },
          },
          { type: 'endCall' },
        ],
      },
    },
    path,
  )
  expect(asked).toMatchObject([{ name: 'look', arguments: { day: 'tomorrow' } }])
  expect(all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
    'Let me look.',
    'Nine is free. Goodbye!',
  ])
  expect(session.items.find(({ type }) => type === 'function_call_output')).toMatchObject({
    output: 'nine is free',
  })
  expect(session.errors).toEqual([])
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'assistant-ended-call' })
})

it('goes on after the loss of its session', async () => {
  const path = await callerFile(300, 'Hello there.', 3500, 'Are you still there?', 4000)
  const { all, server, warnings } = await callRealtime(
    {
      answers: [{ text: 'Hi. How are you?', breaksAfter: 3 }, { text: 'Yes, I am.' }],
      hears: ['Hello there.', 'Are you still there?'],
    },
    { startSpeakingPlan: { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1 } } },
    path,
  )
  expect(server.sessions).toHaveLength(2)
  expect(warnings.join()).toContain('it is opened once more')
  expect(all('transcript').at(-1)).toMatchObject({ role: 'assistant', transcript: 'Yes, I am.' })
  expect(server.sessions[1].items.map(({ role, text }) => [role, text])).toEqual([
    ['user', 'Hello there.'],
    ['assistant', 'Hi. How are'],
    ['user', 'Are you still there?'],
    ['assistant', 'Yes, I am.'],
  ])
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'customer-ended-call' })
})

it('writes where the customer types and nobody listens', async () => {
  const server = await startOpenAiRealtime({ answers: [{ text: 'In writing.' }] })
  onTestFinished(() => server.close())
  const { all, warnings } = await callLive(
    {
      model: { provider: 'openai', model: 'gpt-realtime-2025-08-28' },
      voice: { provider: 'openai', voiceId: 'cedar' },
      transcriber: undefined,
    },
    typing('Hello.'),
    [],
    { script: null, choices: { transcriber: null, model: null, voice: 'silent', offline: false } },
    { OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: KEY },
  )
  expect(server.sessions[0].session).toMatchObject({ output_modalities: ['text'] })
  expect(all('transcript').at(-1)).toMatchObject({ role: 'assistant', transcript: 'In writing.' })
  expect(warnings).toEqual([])
})

it('costs the tokens of its sound, and no characters', async () => {
  const path = await callerFile(300, 'Hello there.', 3000)
  const { all } = await callRealtime(
    { answers: [{ text: 'Hi.' }], hears: ['Hello there.'] },
    {
      firstMessageMode: 'assistant-speaks-first',
      firstMessage: 'Hello.',
      startSpeakingPlan: { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1 } },
    },
    path,
  )
  const [{ costs }] = all('call.report')
  const kinds = (costs ?? []).map(({ type }) => type)
  expect(kinds).toContain('model')
  expect(kinds).not.toContain('voice')
  // Of the answer and of the first message: 60 tokens of text (20 of them known already) and 40 of sound in each, 10 of text and
  // the sound of 2 and 5 letters out.
  const sound = [2, 5].reduce((sum, letters) => sum + Math.ceil((letters * 60) / 50), 0)
  const dollars = (2 * (40 * 4 + 20 * 0.4 + 40 * 32 + 10 * 16) + sound * 64) / 1_000_000
  expect(costs?.find(({ type }) => type === 'model')).toMatchObject({
    model: { provider: 'openai', model: 'gpt-realtime-2025-08-28' },
    promptTokens: 200,
    cost: Math.round(dollars * 1_000_000) / 1_000_000,
  })
})

/** Hands over from one assistant to the other. */
const handOver = { calls: [{ name: 'transferCall', arguments: { destination: 'sales' } }] }
const quick = { startSpeakingPlan: { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1 } } }
const waits = { firstMessageMode: 'assistant-waits-for-user' }

function squadOf(desk: object, sales: object) {
  return {
    squad: {
      members: [
        {
          assistant: { name: 'desk', ...waits, ...quick, ...desk },
          assistantDestinations: [{ type: 'assistant', assistantName: 'sales', message: '' }],
        },
        { assistant: { name: 'sales', ...quick, firstMessage: '', ...sales } },
      ],
    },
  }
}

const modelOf = (prompt: string) => ({
  provider: 'openai',
  model: 'gpt-realtime-2025-08-28',
  messages: [{ role: 'system', content: prompt }],
})

it('opens a session for each assistant of a squad that speaks, and whoever speaks listens', async () => {
  const path = await callerFile(300, 'Sales please.', 4500, 'How much is it?', 4000)
  const server = await startOpenAiRealtime({
    answers: [handOver, { text: 'Sales here.' }, { text: 'Ten.' }],
    hears: ['Sales please.', 'How much is it?'],
  })
  onTestFinished(() => server.close())
  const voice = { provider: 'openai', voiceId: 'alloy' }
  const squad = squadOf(
    { model: modelOf('You are the desk.'), voice },
    { model: modelOf('You sell.'), voice: { ...voice, voiceId: 'cedar' } },
  )
  const { all } = await callLive(
    {},
    { type: 'file', path },
    [],
    {
      script: null,
      output: { type: 'file', path: 'assistant.wav' },
      speaker: { body: readDocument(squad, 'test'), origin: { name: 'test' } },
    },
    { OPENAI_BASE_URL: `${server.url}/v1`, OPENAI_API_KEY: KEY },
  )
  expect(all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual(['Sales here.', 'Ten.'])
  const [desk, sales] = server.sessions
  expect(server.sessions).toHaveLength(2)
  expect([desk.session.instructions, sales.session.instructions]).toEqual([
    'You are the desk.',
    // The history goes along, and what the desk was told with it.
    'You are the desk.\n\nYou sell.',
  ])
  // The first words came to the desk; what was said before is text to sales, what follows is sound.
  expect(desk.commits).toHaveLength(1)
  expect(sales.commits).toHaveLength(1)
  expect(
    sales.items
      .filter(({ role }) => role === 'user')
      .map(({ text, audioMs }) => [text, audioMs !== undefined]),
  ).toEqual([
    ['Sales please.', false],
    ['How much is it?', true],
  ])
  expect([...desk.errors, ...sales.errors]).toEqual([])
})
