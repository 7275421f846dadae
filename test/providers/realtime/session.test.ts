import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ModelMessage } from '../../../src/engine/ports/language-model.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import {
  type RealtimeBehaviour,
  type RealtimeServer,
  startOpenAiRealtime,
} from '../../support/providers/openai-realtime.ts'
import { LETTER_MS, lettersOf, rampAt } from '../../support/providers/openai-realtime-session.ts'
import {
  type RealtimeTalk,
  samplesOf,
  talkRealtime,
  textOf,
  until,
} from '../../support/providers/realtime-talk.ts'

let server: RealtimeServer
let http: HttpClient
let talk: RealtimeTalk
beforeEach(() => {
  http = createHttpClient()
})
afterEach(async () => {
  await talk?.close()
  http.close()
  await server.close()
})

async function open(behaviour: RealtimeBehaviour = {}, settings: Parameters<typeof talkRealtime>[2] = {}) {
  server = await startOpenAiRealtime(behaviour)
  talk = talkRealtime(server.url, http, settings)
}

const system: ModelMessage = { role: 'system', content: 'Be kind.' }
const user = (content: string): ModelMessage => ({ role: 'user', content })
const assistant = (content: string): ModelMessage => ({ role: 'assistant', content })
const tool = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } } as const
const never = new AbortController().signal

/** Pulls stretches of an answer as the engine does. */
async function speak(texts: readonly string[], signal = never) {
  const all = []
  for (const text of texts) {
    const pieces = []
    for await (const piece of talk.voice.speak({ text, settings: {} }, signal)) pieces.push(piece)
    all.push(samplesOf(pieces))
  }
  return all
}

/** Is this the sound of an answer from this place on? Its value says where it stands. */
function expectRamp(samples: Int16Array, fromMs: number): void {
  for (const place of [0.25, 0.5, 0.75]) {
    const at = Math.round(samples.length * place)
    const ms = fromMs + at / 16
    if (ms % 1000 < 30 || ms % 1000 > 970) continue
    expect(Math.abs(samples[at] - rampAt(ms))).toBeLessThan(200)
  }
}

describe('a realtime session', () => {
  it('gets its settings before any sound, in the current form', async () => {
    await open({}, { tools: [tool], maxTokens: 250, voice: { voiceId: 'marin' } })
    await talk.start()
    await talk.hear(['one'])
    const [seen] = server.sessions
    expect(seen.beta).toBe(false)
    expect(seen.events[0]).toMatchObject({
      type: 'session.update',
      session: {
        type: 'realtime',
        output_modalities: ['audio'],
        instructions: 'Be kind.',
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            transcription: { model: 'gpt-4o-transcribe' },
            turn_detection: null,
          },
          output: { format: { type: 'audio/pcm', rate: 24_000 }, voice: 'marin' },
        },
        tools: [{ type: 'function', name: 'look', parameters: { type: 'object' } }],
        max_output_tokens: 250,
      },
    })
    expect(new URL(server.connections[0].url).search).toBe('?model=gpt-realtime-2025-08-28')
  })

  it('is flat in the form of the preview models, with a temperature that they take', async () => {
    await open({}, { beta: true, temperature: 0.2, maxTokens: 100 })
    await talk.start()
    await talk.hear(['one', 'two'])
    const [seen] = server.sessions
    expect(seen).toMatchObject({ beta: true, errors: [] })
    expect(seen.session).toMatchObject({
      modalities: ['text', 'audio'],
      voice: 'alloy',
      input_audio_format: 'pcm16',
      turn_detection: null,
      temperature: 0.6,
      max_response_output_tokens: 100,
    })
    expect(talk.finals).toEqual(['one two'])
    expect(textOf(await talk.answer([system, user('one two')]))).toBe('All right.')
    const [sound] = await speak(['All right.'])
    expect(sound.length).toBe(8 * LETTER_MS * 16)
  })

  it('goes over to the current form where the other one is switched off', async () => {
    await open({ betaDisabled: true }, { beta: true })
    await talk.start()
    expect(server.sessions.map(({ beta }) => beta)).toEqual([true, false])
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('All right.')
  })

  it('tells that the current form takes no temperature', async () => {
    await open({}, { temperature: 0.7 })
    await talk.start()
    await until(() => talk.warnings.length > 0)
    expect(talk.warnings).toEqual([expect.stringContaining('model.temperature has no effect')])
    expect(server.sessions[0].events).toContainEqual(
      expect.objectContaining({ session: { type: 'realtime', temperature: 0.7 } }),
    )
  })

  it('hears speech alone, and tells its words in order', async () => {
    await open()
    await talk.start()
    await talk.hear(['one', 'two', 600, 'three', 600, 'four', 'five'], 3)
    expect(talk.finals).toEqual(['one two', 'three', 'four five'])
    const last = talk.transcripts.at(-1)
    // The speech ended 400 ms before the last frames.
    expect(last).toMatchObject({ transcriptType: 'final' })
    expect(talk.transcripts.some(({ transcriptType }) => transcriptType === 'partial')).toBe(true)
    // Words of 160 ms with what lies around them, and no silence.
    for (const ms of server.sessions[0].commits) expect(ms).toBeLessThan(1300)
    expect(server.sessions[0].errors).toEqual([])
  })

  it('goes on where the words of a stretch are not to be had', async () => {
    await open({ hears: [null, 'three'] })
    await talk.start()
    await talk.hear(['one', 600, 'three'], 2)
    expect(talk.finals).toEqual(['', 'three'])
    expect(talk.warnings).toEqual([expect.stringContaining('could not write down')])
  })
})

describe('an answer of a realtime session', () => {
  it('is words, then the same sound cut at the stretches that are asked for', async () => {
    const text = 'This is a longer answer, and it has several parts.'
    await open({ answers: [{ text }], wordMs: 5 })
    await talk.start()
    await talk.hear(['one', 'two'])
    const pieces = await talk.answer([system, user('one two')])
    expect(textOf(pieces)).toBe(text)
    const [first, second, third] = await speak(['This is a', 'longer answer, and', 'it has several parts.'])
    expect((first.length + second.length + third.length) / 16).toBe(lettersOf(text) * LETTER_MS)
    expectRamp(first, 0)
    expectRamp(second, first.length / 16)
    expectRamp(third, (first.length + second.length) / 16)
    // Each letter is as long: what is judged by letters is right here.
    expect(Math.abs(first.length / 16 - 7 * LETTER_MS)).toBeLessThan(LETTER_MS)
    expect(server.sessions[0].errors).toEqual([])
  })

  it('sounds before it is complete', async () => {
    await open({ answers: [{ text: Array.from({ length: 40 }, () => 'word').join(' ') }], wordMs: 10 })
    await talk.start()
    const { signal } = new AbortController()
    const startedMs = performance.now()
    let firstMs = 0
    let endedMs = 0
    for await (const piece of talk.model.respond({ messages: [system, user('Hi.')], tools: [] }, signal)) {
      if (piece.type !== 'text' || firstMs > 0) continue
      for await (const sound of talk.voice.speak({ text: 'word', settings: {} }, signal)) {
        expect(sound.audio.type).toBe('pcm')
        firstMs ||= performance.now() - startedMs
      }
    }
    endedMs = performance.now() - startedMs
    expect(endedMs).toBeGreaterThan(350)
    expect(firstMs).toBeLessThan(endedMs / 2)
  })

  it('calls tools, whose results go back', async () => {
    await open({
      answers: [
        { text: 'One moment.', calls: [{ name: 'look', arguments: { day: 'today' } }] },
        { text: 'Free.' },
      ],
    })
    await talk.start()
    await talk.hear(['one'])
    const pieces = await talk.answer([system, user('one')], { tools: [tool] })
    const call = pieces.find(({ type }) => type === 'tool-call')
    if (call?.type !== 'tool-call') throw new Error('no call')
    expect(call.call).toMatchObject({ name: 'look', arguments: { day: 'today' } })
    const again = await talk.answer(
      [
        system,
        user('one'),
        assistant('One moment.'),
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: call.call.id, type: 'function', function: { name: 'look', arguments: '{}' } }],
        },
        { role: 'tool', content: 'free', tool_call_id: call.call.id },
      ],
      { tools: [tool] },
    )
    expect(textOf(again)).toBe('Free.')
    const [{ items, errors, events }] = server.sessions
    expect(errors).toEqual([])
    expect(items.map(({ type }) => type)).toEqual([
      'message',
      'message',
      'function_call',
      'function_call_output',
      'message',
    ])
    expect(items[3]).toMatchObject({ output: 'free' })
    // The tools came with the first question; the second says nothing new of them.
    expect(events.filter(({ type }) => type === 'session.update')).toHaveLength(2)
    expect(talk.counted).toHaveLength(2)
    expect(talk.counted[0]).toMatchObject({
      promptTokens: 100,
      cachedPromptTokens: 20,
      audio: { promptTokens: 40, completionTokens: Math.ceil((9 * LETTER_MS) / 50), cachedPromptTokens: 0 },
    })
  })

  it('comes in writing where nobody listens', async () => {
    await open({ answers: [{ text: 'In writing.' }] }, { voice: null, transcription: null })
    expect(textOf(await talk.answer([system, user('typed')]))).toBe('In writing.')
    expect(server.sessions[0].items[0]).toMatchObject({ role: 'user', text: 'typed' })
    expect(server.sessions[0].session).toMatchObject({ output_modalities: ['text'] })
  })

  it('is cancelled when nobody waits for it, and the next one is asked for then', async () => {
    const long = Array.from({ length: 100 }, (_, place) => `word${place}`).join(' ')
    await open({ answers: [{ text: long }, { text: 'Second.' }], wordMs: 5 })
    await talk.start()
    await talk.hear(['one'])
    const controller = new AbortController()
    let said = ''
    for await (const piece of talk.model.respond(
      { messages: [system, user('one')], tools: [] },
      controller.signal,
    )) {
      if (piece.type === 'text') said += piece.text
      if (said.length > 20) controller.abort()
    }
    await talk.hear(['two'])
    expect(textOf(await talk.answer([system, user('one two')]))).toBe('Second.')
    const [{ items, errors, answers }] = server.sessions
    expect(answers).toBe(2)
    expect(errors).toEqual([])
    expect(items.map(({ text }) => text)).toEqual(['one', 'two', 'Second.'])
  })

  it('is cut where the customer has heard it', async () => {
    const text = 'One two three four five six seven.'
    await open({ answers: [{ text }, { text: 'Second.' }] })
    await talk.start()
    await talk.hear(['one'])
    await talk.answer([system, user('one')])
    await speak(['One two three four'])
    const [answer] = talk.session.answers
    talk.session.cut(answer, 500.7)
    await talk.hear(['two'])
    await talk.answer([system, user('one'), assistant('One two'), user('two')])
    const [{ items, errors, events }] = server.sessions
    expect(errors).toEqual([])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'conversation.item.truncate', content_index: 0, audio_end_ms: 500 }),
    )
    expect(items.map(({ role, audioMs }) => [role, role === 'assistant' ? audioMs : 0])).toEqual([
      ['user', 0],
      ['assistant', 500],
      ['user', 0],
      ['assistant', 6 * LETTER_MS],
    ])
  })

  it('is no answer where it fails', async () => {
    await open({ answers: [{ fails: { code: 'rate_limit_exceeded', message: 'too many tokens' } }] })
    await talk.start()
    await expect(talk.answer([system, user('Hi.')])).rejects.toMatchObject({
      code: 'model-rate-limited',
      endedReason: 'call.in-progress.error-vapifault-openai-429-rate-limit-reached',
    })
  })

  it('that comes to the end of its tokens is told', async () => {
    await open({ answers: [{ text: 'This is not', incomplete: 'max_output_tokens' }] })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('This is not')
    expect(talk.warnings).toEqual([expect.stringContaining('model.maxTokens')])
  })
})

describe('words that are not the model’s', () => {
  it('are said beside the conversation, and stand in it as text', async () => {
    await open({ answers: [{ text: 'You are welcome.' }] })
    await talk.start()
    const [sound] = await speak(['Hello, this is Anna.'])
    expect(sound.length / 16).toBe(15 * LETTER_MS)
    await talk.hear(['one'])
    await talk.answer([system, assistant('Hello, this is Anna.'), user('one')])
    const [{ items, errors }] = server.sessions
    expect(errors).toEqual([])
    expect(items.map(({ role, text }) => [role, text])).toEqual([
      ['assistant', 'Hello, this is Anna.'],
      ['user', 'one'],
      ['assistant', 'You are welcome.'],
    ])
  })

  it('are counted, and told where the model says others', async () => {
    await open({ disobeys: 'Something else.' })
    const pieces = []
    for await (const piece of talk.voice.speak({ text: 'Goodbye.', settings: {} }, never)) pieces.push(piece)
    expect(pieces.flatMap(({ usage }) => usage ?? [])).toMatchObject([
      { model: 'openai/gpt-realtime-2025-08-28', tokens: { promptTokens: 100 } },
    ])
    expect(pieces.flatMap(({ warning }) => warning ?? [])).toEqual([
      'gpt-realtime-2025-08-28 was to say “Goodbye.” and said “Something else.”',
    ])
  })

  it('stop when nobody waits for them', async () => {
    await open({ wordMs: 20 })
    const controller = new AbortController()
    const words = Array.from({ length: 50 }, () => 'word').join(' ')
    for await (const _ of talk.voice.speak({ text: words, settings: {} }, controller.signal))
      controller.abort()
    await until(() => server.sessions[0].events.some(({ type }) => type === 'response.cancel'))
  })
})

describe('a realtime session that is lost', () => {
  it('comes back once, with the conversation so far as text and the sound that was not understood', async () => {
    await open({ answers: [{ text: 'First.' }, { text: 'Second.' }] })
    await talk.start()
    await talk.hear(['one'])
    await talk.answer([system, user('one')])
    server.script({})
    const gone = server.connections.length
    await talk.hear(['two', 'three'])
    server.drop()
    await until(() => server.connections.length > gone)
    await talk.hear(['four'])
    expect(talk.finals).toEqual(['one', 'two three', 'four'])
    const messages = [system, user('one'), assistant('First.'), user('two three four')]
    expect(textOf(await talk.answer(messages))).toBe('Second.')
    const { items, errors } = server.sessions[1]
    expect(errors).toEqual([])
    expect(items.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'one'],
      ['assistant', 'First.'],
      ['user', 'two three'],
      // The model hears what it can.
      ['user', 'four'],
      ['assistant', 'Second.'],
    ])
    expect(talk.failures).toEqual([])
  })

  it('in the middle of a word loses none', async () => {
    await open()
    server.script({ breaksAfterMs: 700 })
    await talk.start()
    await talk.hear(['one', 'two', 'three', 'four'])
    expect(talk.finals).toEqual(['one two three four'])
    expect(server.connections).toHaveLength(2)
  })

  it('before anything of an answer is asked again; in the middle of one, what there is of it is the answer', async () => {
    await open({
      answers: [{ text: 'Never heard.', breaksAfter: 0 }, { text: 'First.' }],
    })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('First.')
    await talk.close()
    await server.close()
    await open({ answers: [{ text: 'One two three four.', breaksAfter: 2 }, { text: 'Next.' }] })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One two')
    expect(talk.warnings.join()).toContain('the rest of an answer is lost')
    expect(textOf(await talk.answer([system, user('Hi.'), assistant('One two'), user('And?')]))).toBe('Next.')
  })

  it('is left when it says what nobody understands', async () => {
    await open({ answers: [{ text: 'One two three.', babblesAfter: 1 }, { text: 'Next.' }] })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One')
    expect(textOf(await talk.answer([system, user('Hi.'), assistant('One'), user('And?')]))).toBe('Next.')
    expect(server.connections).toHaveLength(2)
  })

  it('again is given up, with the documented reason', async () => {
    await open()
    server.script({ breaksAfterMs: 300 }, { breaksAfterMs: 300 })
    await talk.start()
    await talk.hear(['one', 'two'])
    await until(() => talk.failures.length > 0)
    expect(talk.failures).toMatchObject([
      { endedReason: 'call.in-progress.error-providerfault-openai-llm-failed' },
    ])
  })

  it('is not tried again where the key is refused, and the key is shown nowhere', async () => {
    await open({}, { key: 'sk-secret-0123456789' })
    const failure = await talk.start().catch(error => error)
    expect(failure).toMatchObject({
      code: 'model-unauthorized',
      endedReason: 'call.in-progress.error-vapifault-openai-401-incorrect-api-key',
    })
    expect(JSON.stringify([failure.message, failure.hint])).not.toContain('sk-secret')
    expect(server.connections).toHaveLength(0)
  })
})
