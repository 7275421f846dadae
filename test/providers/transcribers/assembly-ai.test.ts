import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AssemblyAI, type TurnEvent } from 'assemblyai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import type { SocketRequest } from '../../../src/net/web-socket.ts'
import { assemblyAi } from '../../../src/providers/transcribers/assembly-ai.ts'
import { ASSEMBLY_KEY, type AssemblyOptions, startAssemblyAi } from '../../support/providers/assembly-ai.ts'
import { sayWords } from '../../support/providers/ears.ts'
import { createOf, type Talk, talkTo } from '../../support/providers/talk.ts'
import type { Fault, TranscriberServer } from '../../support/providers/transcriber-server.ts'
import { requires } from '../../support/requires.ts'

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
  settings: Record<string, unknown> = {},
  {
    options,
    faults = [],
    key = ASSEMBLY_KEY,
    ...more
  }: { options?: AssemblyOptions; faults?: Fault[]; key?: string; endsTurns?: boolean; model?: string } = {},
): Promise<Talk> {
  server = await startAssemblyAi(options)
  server.faults = faults
  http = createHttpClient()
  transcriber = createOf(assemblyAi, { http, baseUrl: server.url, key }, settings, more)
  const talk = talkTo(transcriber)
  await talk.start()
  return talk
}

const query = () =>
  [...(server.handshakes[0]?.url.searchParams ?? [])].map(([name, value]) => `${name}=${value}`)

describe('AssemblyAI', () => {
  it('is asked with the defaults of the API, and its key in a header', async () => {
    await begin()
    expect(server.handshakes[0]?.url.pathname).toBe('/v3/ws')
    expect(server.handshakes[0]?.headers.authorization).toBe(ASSEMBLY_KEY)
    expect(query()).toEqual([
      'sample_rate=16000',
      'encoding=pcm_s16le',
      'speech_model=universal-streaming-english',
      'min_turn_silence=160',
      'max_turn_silence=400',
      'end_of_turn_confidence_threshold=0.7',
      'format_turns=true',
    ])
  })

  it('is asked with the settings of the assistant', async () => {
    await begin({
      language: 'multi',
      speechModel: 'universal-streaming-multilingual',
      endOfTurnConfidenceThreshold: 0.5,
      minEndOfTurnSilenceWhenConfident: 400,
      maxTurnSilence: 1280,
      formatTurns: false,
      keytermsPrompt: ['Vapi'],
      wordBoost: ['Deepgram', 'Vapi'],
    })
    expect(query().slice(2)).toEqual([
      'speech_model=universal-streaming-multilingual',
      'min_turn_silence=400',
      'max_turn_silence=1280',
      'end_of_turn_confidence_threshold=0.5',
      'format_turns=false',
      'keyterms_prompt=["Vapi","Deepgram"]',
      'language_detection=true',
    ])
  })

  it('is asked with the settings of its newest model', async () => {
    await begin({
      speechModel: 'universal-3-5-pro',
      language: 'en',
      mode: 'min_latency',
      prompt: 'A shop.',
      agentContext: 'Sells tea.',
    })
    expect(query().slice(2)).toEqual([
      'speech_model=universal-3-5-pro',
      'min_turn_silence=160',
      'max_turn_silence=400',
      'mode=min_latency',
      'prompt=A shop.',
      'agent_context=Sells tea.',
      'language_codes=["en"]',
    ])
  })

  it('is asked for the model that the command line names', async () => {
    await begin({ speechModel: 'universal-3-5-pro' }, { model: 'universal-streaming-multilingual' })
    expect(server.handshakes[0]?.url.searchParams.get('speech_model')).toBe(
      'universal-streaming-multilingual',
    )
  })

  it('ends turns by itself, once each, as they are formatted', async () => {
    const talk = await begin({}, { options: { finished: text => (/saturday$/.test(text) ? 0.9 : 0.1) } })
    await talk.say('i would like a table [250] on saturday [600] thank you saturday')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals).toMatchObject([
      { text: 'I would like a table on saturday.', endOfTurn: true, confidence: expect.closeTo(0.93) },
      { text: 'Thank you saturday.', endOfTurn: true },
    ])
    const partials = talk.transcripts.filter(({ transcriptType }) => transcriptType === 'partial')
    expect(partials.slice(0, 2).map(({ text }) => text)).toEqual(['i', 'i would'])
    expect(
      talk.transcripts.map(({ text }) => text).filter(text => text === 'thank you saturday'),
    ).toHaveLength(1)
  })

  it('ends them at once where no formatting is wanted, and gives no partial words where none are', async () => {
    const talk = await begin({ formatTurns: false, disablePartialTranscripts: true })
    await talk.say('good morning [400] how are you')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.transcripts.map(({ text }) => text)).toEqual(['good morning', 'how are you'])
    expect(transcriber?.capabilities.partials).toBe(false)
  })

  it('gives a turn whose formatted form does not come with the next one', async () => {
    const talk = await begin({}, { options: { unformattedTurn: 0 } })
    await talk.say('first words [600] then others')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals.map(({ text }) => text)).toEqual(['first words', 'Then others.'])
  })

  it('gives it at the end where there is no next one', async () => {
    const talk = await begin({}, { options: { unformattedTurn: 0 } })
    await talk.say('first words [600]')
    await transcriber?.close()
    expect(talk.text).toBe('first words')
  })

  it('is told where our voice activity detection found the end of speech, where another one decides on turns', async () => {
    const talk = await begin({ maxTurnSilence: 5000 }, { options: { finished: () => 0 }, endsTurns: false })
    await talk.say('good morning')
    await talk.until(() => talk.finals.length === 1)
    expect(server.connections[0]?.messages).toEqual([{ type: 'ForceEndpoint' }])
  })

  it('tells the language where it detects it', async () => {
    const languageOf = (text: string) => (text.startsWith('hola') ? 'es' : 'en')
    const settings = { language: 'multi', speechModel: 'universal-streaming-multilingual' }
    const talk = await begin(settings, { options: { languageOf } })
    await talk.say('hola buenas tardes [600] good morning')
    await talk.until(() => talk.finals.length === 2)
    expect(talk.finals.map(({ language }) => language)).toEqual(['es', 'en'])
  })

  it('loses no word with its connection, and gives the open turn at the end', async () => {
    const faults = [
      { breaksAfterMs: 1900 },
      { saysAfterMs: { ms: 900, data: '{"type":"Error","error_code":3008,"error":"Session Expired"}' } },
    ]
    const talk = await begin({}, { faults })
    await talk.say('one two [400] w0 w1 w2 w3 w4 w5 w6 w7')
    await talk.until(() => talk.finals.length === 2)
    await talk.say('good bye')
    await transcriber?.close()
    expect(talk.text).toBe('One two. W0 w1 w2 w3 w4 w5 w6 w7. Good bye.')
    expect(server.connections).toHaveLength(3)
    expect(server.connections.every(({ ears }) => ears.fragments === 0)).toBe(true)
    expect(server.connections[2]?.messages).toEqual([{ type: 'Terminate' }])
    const lengths = server.connections.flatMap(({ pieces }) => pieces)
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1600)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(32_000)
  })

  it.each([
    ['wrong-key', undefined, 'transcriber-unauthorized', '401-invalid-credentials'],
    [
      ASSEMBLY_KEY,
      { closesAfterMs: { ms: 0, code: 4002, reason: 'Insufficient funds' } },
      'transcriber-bad-request',
      '400-insufficent-funds',
    ],
    [
      ASSEMBLY_KEY,
      { saysAfterMs: { ms: 0, data: '{"type":"Error","error_code":3006,"error":"Invalid JSON: x"}' } },
      'transcriber-bad-request',
      null,
    ],
  ])('fails by the reasons of the API: %s %o', async (key, fault, code, reason) => {
    const faults = fault === undefined ? [] : [fault]
    const talk = await begin({}, { faults, key }).catch(error => ({ failures: [error], say: null }))
    if (talk.say !== null) {
      await talk.say('one')
      await talk.until(() => talk.failures.length > 0)
    }
    expect(talk.failures).toMatchObject([{ code, retryable: false }])
    expect(talk.failures[0].endedReason).toBe(
      reason === null ? undefined : `call.in-progress.error-vapifault-assembly-ai-returning-${reason}`,
    )
  })

  it('sends the key to nobody else that an assistant names', async () => {
    server = await startAssemblyAi()
    http = createHttpClient()
    const { port } = new URL(server.url)
    const own = (realtimeUrl: string) =>
      createOf(assemblyAi, { http, baseUrl: server.url, key: ASSEMBLY_KEY }, { realtimeUrl })
    await own(`ws://0.0.0.0:${port}/v3/ws`)
      .start({ transcript: () => {}, failed: () => {} })
      .catch(() => {})
    expect(server.handshakes[0]?.headers.authorization).toBeUndefined()
    transcriber = own(`ws://127.0.0.1:${port}/v3/ws?region=eu`)
    await talkTo(transcriber).start()
    expect(server.handshakes[1]?.headers.authorization).toBe(ASSEMBLY_KEY)
    expect(query()[0]).toBe('sample_rate=16000')
    expect(server.handshakes[1]?.url.searchParams.get('region')).toBe('eu')
    const asked: SocketRequest[] = []
    http.openSocket = async request => {
      asked.push(request)
      throw new VapiError({ code: 'not-here', message: 'not here' })
    }
    for (const elsewhere of [
      'wss://127.evil.test/',
      'ws://streaming.assemblyai.com/v3/ws',
      'wss://xassemblyai.com/',
    ])
      await talkTo(own(elsewhere))
        .start()
        .catch(() => {})
    expect(asked.map(({ headers }) => headers)).toEqual([undefined, undefined, undefined])
    await expect(talkTo(own('https://x.test')).start()).rejects.toMatchObject({
      message: expect.stringContaining('begins with wss://'),
    })
  })
})

describe("AssemblyAI's own client library", () => {
  const missing = requires('openssl')
  it.skipIf(missing)(`understands the local server ${missing || ''}`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vapi-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = ['-subj', '/CN=127.0.0.1', '-days', '2', '-nodes']
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject]
    execFileSync('openssl', words, { stdio: 'ignore' })
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
    rmSync(folder, { recursive: true })
    server = await startAssemblyAi({ tls, languageOf: () => 'es' })
    // The library takes no other address than one that begins with wss://, and no certificate of one's own.
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      const client = new AssemblyAI({ apiKey: ASSEMBLY_KEY }).streaming.transcriber({
        websocketBaseUrl: `${server.url.replace('http', 'ws')}/v3/ws`,
        sampleRate: 16_000,
        speechModel: 'universal-streaming-multilingual',
        languageDetection: true,
        formatTurns: true,
        minTurnSilence: 160,
        keytermsPrompt: ['Vapi'],
      })
      const turns: TurnEvent[] = []
      client.on('turn', turn => void turns.push(turn))
      const begun = await client.connect()
      expect(begun.id).toMatch(/^[0-9a-f-]{36}$/)
      const samples = sayWords('hola buenas tardes [600] hasta luego')
      for (let from = 0; from + 1600 <= samples.length; from += 1600)
        client.sendAudio(samples.slice(from, from + 1600).buffer)
      client.forceEndpoint()
      await client.close()
      const ends = turns.filter(turn => turn.end_of_turn && turn.turn_is_formatted)
      expect(ends.map(turn => [turn.turn_order, turn.transcript, turn.language_code])).toEqual([
        [0, 'Hola buenas tardes.', 'es'],
        [1, 'Hasta luego.', 'es'],
      ])
      expect(turns.some(turn => !turn.end_of_turn)).toBe(true)
      expect(server.handshakes[0]?.url.searchParams.get('keyterms_prompt')).toBe('["Vapi"]')
      expect(server.connections[0]?.messages).toEqual([{ type: 'ForceEndpoint' }, { type: 'Terminate' }])
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })
})
