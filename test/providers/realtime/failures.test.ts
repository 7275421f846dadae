import { describe, expect, it, onTestFinished } from 'vitest'
import type { ModelMessage } from '../../../src/engine/ports/language-model.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { startGeminiLive } from '../../support/providers/gemini-live.ts'
import { talkGemini } from '../../support/providers/gemini-talk.ts'
import type { Mishap } from '../../support/providers/mishap.ts'
import { startOpenAiRealtime } from '../../support/providers/openai-realtime.ts'
import { LETTER_MS, lettersOf } from '../../support/providers/openai-realtime-session.ts'
import {
  type RealtimeTalk,
  samplesOf,
  type TalkLimits,
  talkRealtime,
  textOf,
  until,
} from '../../support/providers/realtime-talk.ts'
import { KEY, type TranscriptionServer } from '../../support/providers/transcription-server.ts'

interface Answer {
  text: string
  stallsAfter?: number
  mishap?: Mishap
}

interface Behaviour {
  answers?: Answer[]
  wordMs?: number
}

/** One vendor, with what is its own: how its server tells of trouble, and the reasons that the API has for it. */
interface Side {
  vendor: string
  start(behaviour: Behaviour): Promise<TranscriptionServer>
  talk(url: string, http: HttpClient, limits: TalkLimits): RealtimeTalk
  /** Who said what, in the conversation of the session that came last. */
  conversation(server: TranscriptionServer): [string | undefined, string | undefined][]
  /** Length of an answer's sound, in milliseconds. */
  lengthOf(text: string): number
  reasons: Record<401 | 403 | 404 | 429 | 500 | 'failed', string>
  /** Its time is up: it says so in the middle of an answer. */
  expiry: Pick<Mishap, 'sends' | 'closes'>
  /** The key is refused in the middle of a call. */
  keyRefused: { code: number; reason: string }
}

const reason = (fault: string, rest: string) => `call.in-progress.error-${fault}-${rest}`

const openai: Side = {
  vendor: 'OpenAI',
  start: behaviour => startOpenAiRealtime(behaviour),
  talk: (url, http, limits) => talkRealtime(url, http, limits),
  conversation: server =>
    ((server as Awaited<ReturnType<typeof startOpenAiRealtime>>).sessions.at(-1)?.items ?? []).map(
      ({ role, text }) => [role, text],
    ),
  lengthOf: text => lettersOf(text) * LETTER_MS,
  reasons: {
    401: reason('vapifault', 'openai-401-incorrect-api-key'),
    403: reason('vapifault', 'openai-403-model-access-denied'),
    404: reason('providerfault', 'openai-llm-failed'),
    429: reason('vapifault', 'openai-429-rate-limit-reached'),
    500: reason('providerfault', 'openai-500-server-error'),
    failed: reason('providerfault', 'openai-llm-failed'),
  },
  expiry: {
    sends: [
      {
        type: 'error',
        event_id: 'event_1',
        error: {
          type: 'invalid_request_error',
          code: 'session_expired',
          message: 'Your session hit the maximum duration of 60 minutes.',
          param: null,
          event_id: null,
        },
      },
    ],
    closes: { code: 1001, reason: 'Your session hit the maximum duration of 60 minutes.' },
  },
  keyRefused: { code: 3000, reason: 'invalid_request_error.invalid_api_key' },
}

const gemini: Side = {
  vendor: 'Gemini',
  start: behaviour => startGeminiLive(behaviour),
  talk: (url, http, limits) => talkGemini(url, http, limits),
  conversation: server =>
    (
      (server as Awaited<ReturnType<typeof startGeminiLive>>).talks.findLast(({ answers }) => answers > 0)
        ?.contents ?? []
    ).map(({ role, text }) => [role === 'model' ? 'assistant' : role, text]),
  // Each sign counts.
  lengthOf: text => text.replaceAll(' ', '').length * LETTER_MS,
  reasons: {
    401: reason('vapifault', 'google-401-unauthorized'),
    403: reason('vapifault', 'google-403-model-access-denied'),
    404: reason('providerfault', 'google-llm-failed'),
    429: reason('vapifault', 'google-429-exceeded-quota'),
    500: reason('providerfault', 'google-500-server-error'),
    failed: reason('providerfault', 'google-llm-failed'),
  },
  expiry: {
    sends: [{ goAway: { timeLeft: '0.020s' } }],
    closes: { code: 1011, reason: 'Deadline expired before operation could complete.' },
  },
  keyRefused: { code: 1008, reason: 'API key expired. Please renew the API key.' },
}

const system: ModelMessage = { role: 'system', content: 'Be kind.' }
const user = (content: string): ModelMessage => ({ role: 'user', content })
const assistant = (content: string): ModelMessage => ({ role: 'assistant', content })
const never = new AbortController().signal
/** For connections to come: of Gemini those that say given words count too. */
const several = <Fault>(fault: Fault): Fault[] => Array.from({ length: 4 }, () => fault)

async function open(side: Side, behaviour: Behaviour = {}, limits: TalkLimits = {}) {
  const server = await side.start(behaviour)
  const http = createHttpClient()
  const talk = side.talk(server.url, http, limits)
  onTestFinished(async () => {
    await talk.close()
    http.close()
    await server.close()
  })
  return { server, talk }
}

async function soundOf(talk: RealtimeTalk, text: string, signal = never): Promise<Int16Array> {
  const pieces = []
  for await (const piece of talk.voice.speak({ text, settings: {} }, signal)) pieces.push(piece)
  return samplesOf(pieces)
}

const bytes = (text: string, ...more: number[]) => Buffer.concat([Buffer.from(text), Buffer.from(more)])

/** Ends of a connection after which another one does as well. */
const troubles: [string, (side: Side) => Pick<Mishap, 'sends' | 'closes'>][] = [
  ['a close in the middle', () => ({ closes: { code: 1011, reason: 'Internal error encountered.' } })],
  ['a close without a reason', () => ({ closes: { code: 1000, reason: '' } })],
  [
    'a close for its policy',
    () => ({
      closes: { code: 1008, reason: 'Operation is not implemented, or supported, or enabled.' },
    }),
  ],
  ['JSON that breaks off', () => ({ sends: ['{"type":"response.output_audio.delta","delta":"AAAA'] })],
  ['JSON that is no object', () => ({ sends: ['[1, 2]'] })],
  ['a text with half a sign', () => ({ sends: [{ bytes: bytes('{"a":"', 0xc3), binary: false }] })],
  [
    'bytes that are no UTF-8',
    () => ({ sends: [{ bytes: bytes('{"a":"', 0xc3, 0x22, 0x7d), binary: true }] }),
  ],
  ['the end of its time', ({ expiry }) => expiry],
]

describe.each([openai, gemini])('a session of $vendor', side => {
  it.each([401, 403, 404, 429, 500] as const)(
    'that is refused with %i fails, and tells why',
    async status => {
      const { server, talk } = await open(side)
      server.script(...several({ refuses: status }))
      const failure = await talk.start().catch(error => error)
      expect(failure).toMatchObject({ status, endedReason: side.reasons[status] })
      expect(JSON.stringify([failure.message, failure.hint])).not.toContain(KEY)
      await expect(talk.answer([system, user('Hi.')])).rejects.toMatchObject({
        endedReason: side.reasons[status],
      })
    },
  )

  it.each([401, 403, 404, 429, 500] as const)(
    'that is lost and then refused with %i is given up',
    async status => {
      const { server, talk } = await open(side)
      await talk.start()
      server.script(...several({ refuses: status }))
      server.drop()
      await until(() => talk.failures.length > 0)
      expect(talk.failures).toMatchObject([{ status, endedReason: side.reasons[status] }])
      await expect(talk.answer([system, user('Hi.')])).rejects.toMatchObject({
        endedReason: side.reasons[status],
      })
    },
  )

  it('that is taken and then says nothing is given up', async () => {
    const { server, talk } = await open(side)
    server.script(...several({ silent: true }))
    const startedMs = performance.now()
    await expect(talk.start()).rejects.toMatchObject({
      message: expect.stringContaining('was not ready within 5 s'),
      endedReason: side.reasons.failed,
    })
    expect(performance.now() - startedMs).toBeLessThan(6500)
  }, 10_000)

  it('that ends in the same moment in which it has its settings is no session', async () => {
    const { server, talk } = await open(side)
    // Both are there at once.
    server.script(...several({ babblesWith: /setupComplete|session.updated/ }))
    await expect(talk.start()).rejects.toMatchObject({ endedReason: side.reasons.failed })
  })

  it('whose key is refused in the middle of a call is given up, and what there is of the answer is kept', async () => {
    const mishap = { after: 2, closes: side.keyRefused }
    const { talk } = await open(side, { answers: [{ text: 'One two three.', mishap }] })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One two')
    await until(() => talk.failures.length > 0)
    expect(talk.failures).toMatchObject([{ code: 'model-unauthorized', endedReason: side.reasons[401] }])
  })
})

describe.each([openai, gemini])('an answer of $vendor', side => {
  describe.each(troubles)('with %s', (_what, trouble) => {
    it('before its first word is asked for again', async () => {
      const first = { text: 'Nobody hears this.', mishap: { after: 0, ...trouble(side) } }
      const { talk, server } = await open(side, { answers: [first, { text: 'Next.' }] })
      await talk.start()
      expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('Next.')
      expect(side.conversation(server)).toEqual([
        ['user', 'Hi.'],
        ['assistant', 'Next.'],
      ])
      expect(talk.failures).toEqual([])
    })

    it('after some words is what there is of it, and the next one follows on that', async () => {
      const first = { text: 'One two three four.', mishap: { after: 2, ...trouble(side) } }
      const { talk, server } = await open(side, { answers: [first, { text: 'Next.' }] })
      await talk.start()
      expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One two')
      expect((await soundOf(talk, 'One two')).length / 16).toBe(side.lengthOf('One two'))
      const messages = [system, user('Hi.'), assistant('One two'), user('And?')]
      expect(textOf(await talk.answer(messages))).toBe('Next.')
      expect((await soundOf(talk, 'Next.')).length / 16).toBe(side.lengthOf('Next.'))
      expect(side.conversation(server)).toEqual([
        ['user', 'Hi.'],
        ['assistant', 'One two'],
        ['user', 'And?'],
        ['assistant', 'Next.'],
      ])
      expect(talk.failures).toEqual([])
    })
  })

  it('whose last word came without its sound has that word said all the same', async () => {
    const mishap = { after: 2, wordAlone: true, closes: { code: 1011, reason: '' } }
    const { talk } = await open(side, {
      answers: [{ text: 'One two seven eight.', mishap }, { text: 'Next.' }],
    })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One two seven')
    expect((await soundOf(talk, 'One two')).length / 16).toBe(6 * LETTER_MS)
    expect((await soundOf(talk, 'seven')).length / 16).toBe(5 * LETTER_MS)
    expect(talk.failures).toEqual([])
  })

  it('of which nothing comes is given up in time, and comes nowhere later', async () => {
    const { talk } = await open(
      side,
      { answers: [{ text: 'Never.', stallsAfter: 0 }, { text: 'Next.' }] },
      { firstTokenMs: 200 },
    )
    await talk.start()
    await expect(talk.answer([system, user('Hi.')])).rejects.toMatchObject({
      code: 'model-timeout',
      endedReason: side.reasons.failed,
    })
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('Next.')
  })

  it('that stops in the middle is given up in time, and leaves no voice waiting', async () => {
    const { talk } = await open(
      side,
      { answers: [{ text: 'One two three four.', stallsAfter: 2 }, { text: 'Next.' }] },
      { idleMs: 1000 },
    )
    await talk.start()
    const spoken = until(() => (talk.session.answers.at(-1)?.receivedMs ?? 0) > 0).then(() =>
      soundOf(talk, 'One two'),
    )
    await expect(talk.answer([system, user('Hi.')])).rejects.toMatchObject({
      code: 'model-timeout',
      endedReason: side.reasons.failed,
    })
    // The resampler has kept the last of it.
    expect(Math.abs((await spoken).length / 16 - side.lengthOf('One two'))).toBeLessThan(5)
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('Next.')
  })

  it('that is interrupted and goes on all the same is in no later one', async () => {
    const words = Array.from({ length: 40 }, (_, place) => `late${place}`).join(' ')
    const { talk, server } = await open(side, {
      answers: [{ text: words }, { text: 'Second.' }],
      wordMs: 10,
      ignoresCancel: true,
    } as Behaviour)
    await talk.start()
    const controller = new AbortController()
    const asked = { messages: [system, user('Hi.')], tools: [] }
    for await (const _ of talk.model.respond(asked, controller.signal)) {
      // What was heard of it.
      controller.abort()
      const [answer] = talk.session.answers
      if (answer !== undefined) talk.session.cut(answer, 5 * LETTER_MS)
    }
    const messages = [system, user('Hi.'), assistant('late0'), user('Stop.')]
    expect(textOf(await talk.answer(messages))).toBe('Second.')
    expect((await soundOf(talk, 'Second.')).length / 16).toBe(side.lengthOf('Second.'))
    expect(side.conversation(server).at(-1)).toEqual(['assistant', 'Second.'])
    expect(talk.failures).toEqual([])
  })

  it('whose messages come in pieces that part a sign is whole', async () => {
    const text = 'Grüße — schön, daß Sie anrufen.'
    const { talk, server } = await open(side, { answers: [{ text }] })
    server.script(...several({ inPieces: true }))
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe(text)
  })
})

describe('words that come after their sound are whole, and in no other answer', () => {
  const text = 'All of it is here.'
  it.each([
    ['OpenAI, before the answer is over', openai, true],
    ['Gemini, before the turn is over', gemini, 'within'],
    ['Gemini, after the turn is over', gemini, 'after'],
  ])('%s', async (_name, side, wordsLate) => {
    const answers = [{ text, wordsLate }, { text: 'Next.' }]
    const { talk, server } = await open(side, { answers } as Behaviour)
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe(text)
    expect((await soundOf(talk, text)).length / 16).toBe(side.lengthOf(text))
    expect(textOf(await talk.answer([system, user('Hi.'), assistant(text), user('And?')]))).toBe('Next.')
    expect(server.connections.length).toBe(side === gemini ? 2 : 1)
  })
})

describe('a goodbye of Gemini in the middle of an answer', () => {
  const goodbye = { sends: [{ goAway: { timeLeft: '5s' } }] }
  it('lets the answer come to its end, and the next one comes from another session', async () => {
    const first = { text: 'One two three four.', mishap: { after: 1, ...goodbye } }
    const { talk, server } = await open(gemini, { answers: [first, { text: 'Next.' }] })
    await talk.start()
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One two three four.')
    expect((await soundOf(talk, 'One two three four.')).length / 16).toBe(
      gemini.lengthOf('One two three four.'),
    )
    const messages = [system, user('Hi.'), assistant('One two three four.'), user('And?')]
    expect(textOf(await talk.answer(messages))).toBe('Next.')
    expect(gemini.conversation(server)).toHaveLength(4)
    expect(talk.warnings).toEqual([])
    // The one that says given words, the first and the next.
    expect(server.connections).toHaveLength(3)
  })

  it('and its end while the next session is being opened do not open another one', async () => {
    const first = { text: 'One two.', mishap: { after: 1, ...goodbye } }
    const { talk, server } = await open(
      gemini,
      { answers: [first, { text: 'Next.' }] },
      { firstTokenMs: 1500 },
    )
    await talk.start()
    // The session that is opened beforehand says late that it is ready.
    server.script({ lateMs: 200 })
    expect(textOf(await talk.answer([system, user('Hi.')]))).toBe('One two.')
    const next = talk.answer([system, user('Hi.'), assistant('One two.'), user('And?')])
    await until(() => server.connections.length === 3)
    server.drop(2)
    expect(textOf(await next)).toBe('Next.')
    expect(server.connections).toHaveLength(3)
    expect(talk.failures).toEqual([])
  })
})

it('other instructions while Gemini comes back are those of the session that answers', async () => {
  // It takes longer than the session that comes back.
  const text = Array.from({ length: 40 }, (_, place) => `word${place}`).join(' ')
  const { talk, server } = await open(gemini, { answers: [{ text }], wordMs: 10 }, { idleMs: 1000 })
  await talk.start()
  // The one that says given words comes back first.
  server.script({}, { lateMs: 200 })
  server.drop()
  await until(() => server.connections.length === 4)
  const other: ModelMessage = { role: 'system', content: 'Be quick.' }
  expect(textOf(await talk.answer([other, user('Hi.')]))).toBe(text)
  const { talks } = server as Awaited<ReturnType<typeof startGeminiLive>>
  expect(talks.find(({ answers }) => answers > 0)?.setup.systemInstruction).toEqual({
    parts: [{ text: 'Be quick.' }],
  })
  expect(talk.failures).toEqual([])
})

it.each([
  ['model_not_found', 404, 'providerfault-openai-llm-failed'],
  ['insufficient_quota', 429, 'vapifault-openai-429-exceeded-quota'],
])('OpenAI closing a session for %s is not asked again in vain', async (code, status, wanted) => {
  const closes = { code: 4000, reason: `invalid_request_error.${code}` }
  const { talk } = await open(openai, { answers: [{ text: 'One.', mishap: { after: 0, closes } }] })
  await talk.start()
  const failure = await talk.answer([system, user('Hi.')]).catch(error => error)
  expect(failure).toMatchObject({ status, endedReason: `call.in-progress.error-${wanted}` })
})

describe('what a customer says', () => {
  it.each([
    ['OpenAI', openai, [{ breaksAfterMs: 700 }]],
    ['Gemini', gemini, [{}, { breaksAfterMs: 700 }]],
  ])('while a session of %s is lost is heard whole and once', async (_name, side, faults) => {
    const { talk, server } = await open(side)
    server.script(...faults)
    await talk.start()
    await talk.hear(['one', 'two', 'three', 'four'])
    expect(talk.finals).toEqual(['one two three four'])
    expect(talk.failures).toEqual([])
  })
})
