import { DeepgramClient } from '@deepgram/sdk'
import { afterEach, describe, expect, it } from 'vitest'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { deepgram } from '../../../src/providers/transcribers/deepgram.ts'
import { DEEPGRAM_KEY, type DeepgramOptions, startDeepgram } from '../../support/providers/deepgram.ts'
import { sayWords } from '../../support/providers/ears.ts'
import { createOf, type Talk, talkTo } from '../../support/providers/talk.ts'
import type { TranscriberServer } from '../../support/providers/transcriber-server.ts'

let server: TranscriberServer
let http: HttpClient
let transcriber: Transcriber | null = null

afterEach(async () => {
  await transcriber?.close()
  transcriber = null
  http?.close()
  await server.close()
})

async function begin(
  settings: Record<string, unknown>,
  options: DeepgramOptions = {},
  key = DEEPGRAM_KEY,
): Promise<Talk> {
  server = await startDeepgram(options)
  http = createHttpClient()
  transcriber = createOf(deepgram, { http, baseUrl: server.url, key }, settings)
  const talk = talkTo(transcriber)
  await talk.start()
  return talk
}

const queryOf = (place = 0) => {
  const { pathname, searchParams } = server.handshakes[place]?.url ?? new URL('http://none')
  return [pathname, [...searchParams].map(([name, value]) => `${name}=${value}`)] as const
}
const spanish = (word: string) => (/^(hola|buenas|tardes)$/.test(word) ? 'es' : 'en')

describe('Deepgram nova', () => {
  it('that tells times which are none has heard up to now', async () => {
    const alternatives = [{ transcript: 'hello', confidence: 1 }]
    const odd = { type: 'Results', start: 'soon', duration: {}, is_final: true, channel: { alternatives } }
    server = await startDeepgram()
    server.faults = [{ saysAfterMs: { ms: 100, data: JSON.stringify(odd) } }]
    http = createHttpClient()
    transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY })
    const talk = talkTo(transcriber)
    await talk.start()
    await talk.until(() => talk.finals.length === 1)
    expect(talk.finals[0]?.audioMs).toBeGreaterThanOrEqual(100)
  })

  it('is asked with the settings of the assistant', async () => {
    await begin({
      model: 'nova-2-phonecall',
      language: 'de-CH',
      smartFormat: true,
      numerals: true,
      profanityFilter: true,
      mipOptOut: true,
      redaction: ['pci', 'numbers'],
      keywords: ['Vapi:3', 'Deepgram', 'noise:-2'],
      endpointing: 300,
    })
    const [path, query] = queryOf()
    expect(path).toBe('/v1/listen')
    expect(query).toEqual([
      'encoding=linear16',
      'sample_rate=16000',
      'model=nova-2-phonecall',
      'language=de-CH',
      'channels=1',
      'interim_results=true',
      'punctuate=true',
      'smart_format=true',
      'endpointing=300',
      'redact=pci',
      'redact=numbers',
      'keywords=Vapi:3',
      'keywords=Deepgram',
      'keywords=noise:-2',
      'numerals=true',
      'profanity_filter=true',
      'mip_opt_out=true',
    ])
  })

  it('gets key terms in place of keywords where it is nova-3', async () => {
    await begin({ keywords: ['Vapi:3', 'noise:-2'], keyterm: ['order number', 'Vapi'] })
    const [, query] = queryOf()
    expect(query.filter(part => part.startsWith('key'))).toEqual(['keyterm=order number', 'keyterm=Vapi'])
    expect(query).toEqual(expect.arrayContaining(['model=nova-3', 'language=en', 'endpointing=10']))
  })

  it('gives partial and final words with their place, and empty results tell nothing', async () => {
    const talk = await begin({ model: 'nova-2', endpointing: 200 }, { confidence: 0.91 })
    await talk.say('[4200] I would like a table [800] for two')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals).toMatchObject([
      { text: 'I would like a table', confidence: 0.91 },
      { text: 'for two', confidence: 0.91 },
    ])
    expect(talk.finals[0]?.audioMs).toBeGreaterThanOrEqual(5440)
    expect(talk.finals[0]).not.toHaveProperty('endOfTurn')
    expect(
      talk.transcripts.filter(({ transcriptType }) => transcriptType === 'partial').length,
    ).toBeGreaterThan(3)
    expect(talk.transcripts.every(({ text }) => text !== '')).toBe(true)
  })

  it('gives the pieces of a long utterance as they become final', async () => {
    const talk = await begin({ endpointing: 500 })
    const words = Array.from({ length: 30 }, (_, place) => `w${place}`).join(' ')
    await talk.say(words)
    await talk.until(() => talk.text.endsWith('w29'))
    expect(talk.text).toBe(words)
    expect(talk.finals.length).toBeGreaterThan(2)
  })

  it('is asked to finalize when our voice activity detection has found the end of speech', async () => {
    const talk = await begin({ endpointing: 500 })
    await talk.say('yes please')
    await talk.until(() => talk.finals.length === 1)
    const [{ messages, ears }] = server.connections as [TranscriberServer['connections'][0]]
    expect(messages).toEqual([{ type: 'Finalize' }])
    // Our 300 ms of silence, and not the 500 ms of its own.
    expect(ears.words).toHaveLength(2)
    expect(talk.finals[0]?.audioMs).toBeLessThan(520 + 420)
  })

  it('tells the language of most words where it detects it', async () => {
    const talk = await begin({ model: 'nova-3', language: 'multi' }, { languageOf: spanish })
    await talk.say('hola buenas tardes [500] good morning hola')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals.map(({ language }) => language)).toEqual(['es', 'en'])
    expect(queryOf()[1]).toContain('language=multi')
  })

  it('loses no word with its connection, and says what is left at the end', async () => {
    server = await startDeepgram()
    server.faults = [{ breaksAfterMs: 1900 }, { closesAfterMs: { ms: 900, code: 1011, reason: 'NET-0000' } }]
    http = createHttpClient()
    transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY }, { endpointing: 300 })
    const talk = talkTo(transcriber)
    await talk.start()
    const words = Array.from({ length: 14 }, (_, place) => `w${place}`).join(' ')
    await talk.say(words)
    await talk.until(() => talk.text === words)
    await talk.say('good bye')
    await transcriber.close()
    expect(talk.text).toBe(`${words} good bye`)
    expect(server.connections).toHaveLength(3)
    expect(server.connections.every(({ ears }) => ears.fragments === 0)).toBe(true)
    expect(server.connections[2]?.messages.at(-1)).toEqual({ type: 'CloseStream' })
  })

  it('refuses a wrong key, and a model that it does not have, by the reasons of the API', async () => {
    const failure = await begin({ model: 'nova-2' }, {}, 'wrong-key').catch(error => error)
    expect(failure).toMatchObject({
      code: 'transcriber-unauthorized',
      message: 'Deepgram answered with 401 Unauthorized: Invalid credentials.',
      endedReason: 'call.in-progress.error-vapifault-deepgram-returning-401-invalid-credentials',
      hint: expect.stringContaining('DEEPGRAM_API_KEY'),
      exit: 4,
    })
    await server.close()
    server = await startDeepgram()
    server.faults = [
      { refuse: { status: 400, body: '{"err_msg":"No such model/language/tier combination found."}' } },
    ]
    transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY }, { model: 'nova-9' })
    await expect(talkTo(transcriber).start()).rejects.toMatchObject({
      endedReason:
        'call.in-progress.error-vapifault-deepgram-returning-400-no-such-model-language-tier-combination',
    })
  })
})

describe('Deepgram Flux', () => {
  const flux = { model: 'flux-general-en' }

  it('is asked with the settings of the assistant, in its ranges', async () => {
    await begin({
      model: 'flux-general-multi',
      languages: ['en', 'es'],
      eotThreshold: 0.95,
      eotTimeoutMs: 3000,
      keyterm: ['Vapi', 'order number'],
      numerals: true,
      redaction: ['pci', 'numbers'],
      mipOptOut: true,
      smartFormat: true,
    })
    const [path, query] = queryOf()
    expect(path).toBe('/v2/listen')
    expect(query).toEqual([
      'encoding=linear16',
      'sample_rate=16000',
      'model=flux-general-multi',
      'eot_threshold=0.9',
      'eot_timeout_ms=3000',
      'redact=numbers',
      'keyterm=Vapi',
      'keyterm=order number',
      'language_hint=en',
      'language_hint=es',
      'numerals=true',
      'mip_opt_out=true',
    ])
  })

  it('ends turns by itself, with pieces of 80 ms', async () => {
    const talk = await begin(flux, { isFinished: text => text.endsWith('Saturday') })
    await talk.say('I would like a table [700] on Saturday [700] thank you Saturday')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals).toMatchObject([
      { text: 'I would like a table on Saturday', endOfTurn: true, confidence: expect.closeTo(0.98) },
      { text: 'thank you Saturday', endOfTurn: true },
    ])
    expect(transcriber?.capabilities.endOfTurn).toBe(true)
    expect(new Set(server.connections[0]?.pieces)).toEqual(new Set([2560]))
    const partials = talk.transcripts.filter(({ transcriptType }) => transcriptType === 'partial')
    expect(partials.some(({ text }) => text === 'I would like')).toBe(true)
    expect(partials.every(({ endOfTurn }) => endOfTurn === undefined)).toBe(true)
  })

  it('tells eager ends and resumed turns as partial words', async () => {
    server = await startDeepgram()
    const turn = (event: string, transcript: string) =>
      JSON.stringify({ type: 'TurnInfo', event, turn_index: 0, audio_window_end: 0.4, transcript, words: [] })
    server.faults = [{ saysAfterMs: { ms: 400, data: turn('EagerEndOfTurn', 'book a') } }]
    http = createHttpClient()
    transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY }, flux)
    const talk = talkTo(transcriber)
    await talk.start()
    await talk.until(() => talk.transcripts.length > 0)
    expect(talk.transcripts).toMatchObject([{ transcriptType: 'partial', text: 'book a' }])
  })

  it('tells the language that is spoken most', async () => {
    const talk = await begin({ model: 'flux-general-multi', language: 'multi' }, { languageOf: spanish })
    await talk.say('hola buenas tardes')
    await talk.until(() => talk.finals.length === 1)
    expect(talk.finals[0]?.language).toBe('es')
    expect(queryOf()[1].some(part => part.startsWith('language'))).toBe(false)
  })

  it('loses no word with its connection, and gives the open turn at the end', async () => {
    server = await startDeepgram()
    server.faults = [{ breaksAfterMs: 1900 }]
    http = createHttpClient()
    transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY }, flux)
    const talk = talkTo(transcriber)
    await talk.start()
    await talk.say('one two [500] w0 w1 w2 w3 w4 w5')
    await transcriber.close()
    expect(talk.text).toBe('one two w0 w1 w2 w3 w4 w5')
    expect(talk.finals.at(-1)?.endOfTurn).toBeUndefined()
    expect(server.connections).toHaveLength(2)
  })

  it('fails after an error of ours, and connects again after one of its own', async () => {
    server = await startDeepgram()
    const fatal = (code: string) =>
      JSON.stringify({ type: 'Error', sequence_id: 3, code, description: 'It broke.' })
    server.faults = [
      { saysAfterMs: { ms: 400, data: fatal('INTERNAL_SERVER_ERROR') } },
      { saysAfterMs: { ms: 2400, data: fatal('UNPARSABLE_CLIENT_MESSAGE') } },
    ]
    http = createHttpClient()
    transcriber = createOf(deepgram, { http, baseUrl: server.url, key: DEEPGRAM_KEY }, flux)
    const talk = talkTo(transcriber)
    await talk.start()
    await talk.say('one two three')
    await talk.until(() => talk.failures.length > 0)
    expect(talk.text).toBe('one two three')
    expect(talk.failures).toMatchObject([
      { message: 'Deepgram answered with 400 Bad Request: It broke.', retryable: false },
    ])
  })
})

describe("Deepgram's own client library understands the local server", () => {
  const sdk = () => {
    const address = server.url.replace('http', 'ws')
    return new DeepgramClient({ apiKey: DEEPGRAM_KEY, baseUrl: address })
  }
  /** In pieces of 100 ms; the rest is silence. */
  const pieces = (text: string) => {
    const samples = sayWords(`${text} [2000]`)
    return Array.from({ length: Math.floor(samples.length / 1600) }, (_, place) =>
      samples.slice(place * 1600, (place + 1) * 1600),
    )
  }

  it('over /v1/listen', async () => {
    server = await startDeepgram({ languageOf: spanish })
    const socket = await sdk().listen.v1.connect({
      model: 'nova-3',
      language: 'multi',
      encoding: 'linear16',
      sample_rate: 16_000,
      interim_results: 'true',
      endpointing: 300,
      Authorization: `Token ${DEEPGRAM_KEY}`,
      reconnectAttempts: 0,
    })
    const finals: unknown[] = []
    const types = new Set<string>()
    const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
    socket.on('message', message => {
      types.add(message.type)
      if (
        message.type === 'Results' &&
        message.is_final === true &&
        message.channel.alternatives[0]?.transcript
      )
        finals.push([message.channel.alternatives[0].transcript, message.channel.alternatives[0].languages])
    })
    socket.connect()
    await socket.waitForOpen()
    for (const piece of pieces('hola buenas tardes [500] good morning')) socket.sendMedia(piece)
    socket.sendFinalize({ type: 'Finalize' })
    socket.sendCloseStream({ type: 'CloseStream' })
    await closed
    expect(finals).toEqual([
      ['hola buenas tardes', ['es']],
      ['good morning', ['en']],
    ])
    expect([...types].sort()).toEqual(['Metadata', 'Results'])
  })

  it('over /v2/listen', async () => {
    server = await startDeepgram()
    const socket = await sdk().listen.v2.connect({
      model: 'flux-general-en',
      encoding: 'linear16',
      sample_rate: 16_000,
      eot_threshold: 0.7,
      keyterm: ['Vapi'],
      Authorization: `Token ${DEEPGRAM_KEY}`,
      reconnectAttempts: 0,
    })
    const seen: string[] = []
    const turns: string[] = []
    const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
    socket.on('message', message => {
      if (message.type !== 'TurnInfo') seen.push(message.type)
      else {
        if (seen.at(-1) !== message.event) seen.push(message.event)
        if (message.event === 'EndOfTurn') turns.push(message.transcript)
      }
    })
    socket.connect()
    await socket.waitForOpen()
    for (const piece of pieces('good morning [500] how are you')) socket.sendMedia(piece)
    socket.sendCloseStream({ type: 'CloseStream' })
    await closed
    expect(turns).toEqual(['good morning', 'how are you'])
    expect(seen).toEqual(expect.arrayContaining(['Connected', 'StartOfTurn', 'Update', 'EndOfTurn']))
  })
})
