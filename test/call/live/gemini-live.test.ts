import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { typing } from '../../support/live.ts'
import type { SeenGemini } from '../../support/providers/gemini-live.ts'
import { callerFile, callGemini } from '../../support/realtime.ts'

const linesOf = ({ contents }: SeenGemini) => contents.map(({ role, text }) => [role, text])
const quick = { startSpeakingPlan: { transcriptionEndpointingPlan: { onPunctuationSeconds: 0.1 } } }

it('has a conversation by one session of Gemini, and says given words by another', async () => {
  const path = await callerFile(2500, 'I would like an appointment please.', 4000, 'On Monday please.', 4000)
  const { all, warnings, server } = await callGemini(
    {
      answers: [{ text: 'Of course. Which day would you like?' }, { text: 'Monday it is.' }],
      hears: ['I would like an appointment please.', 'On Monday please.'],
    },
    { firstMessageMode: 'assistant-speaks-first', firstMessage: 'Hello, this is Anna.', ...quick },
    path,
  )
  expect(warnings).toEqual([
    expect.stringContaining('cannot be made to say given words'),
    expect.stringContaining('may not answer: Google has switched off'),
  ])
  expect(server.sessions).toHaveLength(2)
  expect(server.sessions.flatMap(({ errors }) => errors)).toEqual([])
  expect(all('transcript').filter(({ transcriptType }) => transcriptType === 'final')).toMatchObject([
    { role: 'assistant', transcript: 'Hello, this is Anna.' },
    { role: 'user', transcript: 'I would like an appointment please.' },
    { role: 'assistant', transcript: 'Of course. Which day would you like?' },
    { role: 'user', transcript: 'On Monday please.' },
    { role: 'assistant', transcript: 'Monday it is.' },
  ])
  const [talk] = server.talks
  expect(talk.contents).toMatchObject([
    { role: 'model', text: 'Hello, this is Anna.' },
    { role: 'user', text: 'I would like an appointment please.', audioMs: expect.any(Number) },
    { role: 'model', text: 'Of course. Which day would you like?' },
    { role: 'user', text: 'On Monday please.', audioMs: expect.any(Number) },
    { role: 'model', text: 'Monday it is.' },
  ])
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'customer-ended-call' })
  // What was heard is all that the answer had, to the length of its letters.
  const [, stopped] = all('assistant.speech.stopped')
  const [, started] = all('assistant.speech.started')
  expect(Math.abs(stopped.atMs - started.atMs - 28 * 60)).toBeLessThan(120)
})

it('ends the activity when the engine asks, where the words come while they are spoken', async () => {
  const path = await callerFile(300, 'Hello there my friend.', 4500)
  const { all, server } = await callGemini(
    { answers: [{ text: 'Hi.' }], hears: ['Hello there my friend.'], hearsWhileSpoken: true },
    { startSpeakingPlan: { waitSeconds: 1.5, transcriptionEndpointingPlan: { onPunctuationSeconds: 0 } } },
    path,
  )
  expect(all('transcript').at(-1)).toMatchObject({ role: 'assistant', transcript: 'Hi.' })
  expect(server.talks).toHaveLength(1)
  const [latency] = all('turn.latency')
  expect(latency).toBeDefined()
  expect(linesOf(server.talks[0])).toEqual([
    ['user', 'Hello there my friend.'],
    ['model', 'Hi.'],
  ])
  expect(server.talks[0].errors).toEqual([])
})

it('goes on in a new session after an interruption, which has what was heard as text', async () => {
  const long = Array.from({ length: 60 }, (_, place) => `word${place}`).join(' ')
  const path = await callerFile(300, 'Tell me a story.', 5000, 'Stop that now please.', 5000)
  const { all, server } = await callGemini(
    {
      answers: [{ text: long }, { text: 'Nobody hears this.' }, { text: 'All right.' }],
      hears: ['Tell me a story.', 'Stop that now please.', '', ''],
    },
    quick,
    path,
  )
  const [speech, ...later] = all('assistant.speech.stopped')
  expect(speech).toMatchObject({ reason: 'interrupted' })
  expect(later).toMatchObject([{ spokenText: 'All right.' }])
  const [interruption] = all('interruption').filter(({ ignored }) => !ignored)
  expect(speech.atMs - interruption.atMs).toBeLessThan(250)
  expect(long.startsWith(speech.spokenText)).toBe(true)
  const last = server.talks.findLast(({ answers }) => answers > 0)
  expect(linesOf(last as SeenGemini)).toEqual([
    ['user', 'Tell me a story.'],
    ['model', speech.spokenText],
    ['user', 'Stop that now please.'],
    ['model', 'All right.'],
  ])
  expect(server.sessions.flatMap(({ errors }) => errors)).toEqual([])
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
  const path = await callerFile(300, 'Is tomorrow free?', 7000)
  const { all, server } = await callGemini(
    {
      answers: [
        { calls: [{ name: 'look', args: { day: 'tomorrow' } }] },
        { text: 'Nine is free. Goodbye!', calls: [{ name: 'endCall', args: {} }] },
      ],
      hears: ['Is tomorrow free?'],
    },
    {
      ...quick,
      model: {
        tools: [
          {
            type: 'function',
            messages: [{ type: 'request-start', content: 'Let me look.' }],
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
  expect(server.talks).toHaveLength(1)
  const [talk] = server.talks
  expect(talk.contents.find(({ result }) => result !== undefined)?.result).toMatchObject({
    name: 'look',
    response: { output: 'nine is free' },
  })
  expect(talk.errors).toEqual([])
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'assistant-ended-call' })
})

it('goes on after the loss of its session', async () => {
  const path = await callerFile(300, 'Hello there.', 3500, 'Are you still there?', 4500)
  const { all, server, warnings } = await callGemini(
    {
      answers: [{ text: 'Hi. How are you?', breaksAfter: 3 }, { text: 'Yes, I am.' }],
      hears: ['Hello there.', 'Are you still there?'],
      wordMs: 300,
    },
    quick,
    path,
  )
  expect(warnings.join()).toContain('it is opened once more')
  expect(all('transcript').at(-1)).toMatchObject({ role: 'assistant', transcript: 'Yes, I am.' })
  const last = server.talks.findLast(({ contents }) => contents.length > 0)
  expect(linesOf(last as SeenGemini)).toEqual([
    ['user', 'Hello there.'],
    ['model', 'Hi. How are'],
    ['user', 'Are you still there?'],
    ['model', 'Yes, I am.'],
  ])
  expect(all('call.ended')[0]).toMatchObject({ endedReason: 'customer-ended-call' })
})

it('writes where the customer types and nobody listens', async () => {
  const { all, server } = await callGemini(
    { answers: [{ text: 'In writing.' }, { text: 'Once more.' }] },
    {},
    typing('Hello.', 'Again.'),
    {
      output: { type: 'none' },
      choices: { transcriber: null, model: null, voice: 'silent', offline: false },
    },
  )
  expect(server.sessions).toHaveLength(1)
  expect(server.sessions[0].setup.generationConfig).toMatchObject({ responseModalities: ['TEXT'] })
  expect(all('transcript').filter(({ role }) => role === 'assistant')).toMatchObject([
    { transcript: 'In writing.' },
    { transcript: 'Once more.' },
  ])
  expect(server.sessions[0].errors).toEqual([])
})
