import { ElevenLabsClient, RealtimeEvents } from '@elevenlabs/elevenlabs-js'
import { AudioFormat, CommitStrategy } from '@elevenlabs/elevenlabs-js/wrapper/realtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { startElevenLabsScribe } from '../../support/providers/elevenlabs-scribe.ts'
import { itListens, listenTo } from '../../support/providers/transcriber-suite.ts'
import { KEY, type TranscriptionServer } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

itListens({ id: '11labs', start: startElevenLabsScribe, passingError: 'transcriber_error' })

describe('ElevenLabs Scribe', () => {
  let server: TranscriptionServer
  let http: HttpClient
  beforeEach(async () => {
    server = await startElevenLabsScribe()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  async function queryOf(options: Parameters<typeof listenTo>[3]) {
    const ears = listenTo(server, http, '11labs', options)
    await ears.start()
    await ears.transcriber.close()
    return Object.fromEntries(server.connections[0].url.searchParams)
  }

  it('is asked for what the assistant configures', async () => {
    const settings = {
      silenceThresholdSeconds: 1.5,
      confidenceThreshold: 0.6,
      minSpeechDurationMs: 120,
      minSilenceDurationMs: 110,
    }
    expect(await queryOf({ model: 'scribe_v2_realtime', language: 'pt-BR', settings })).toEqual({
      model_id: 'scribe_v2_realtime',
      audio_format: 'pcm_16000',
      language_code: 'pt',
      commit_strategy: 'vad',
      vad_silence_threshold_secs: '1.5',
      vad_threshold: '0.6',
      min_speech_duration_ms: '120',
      min_silence_duration_ms: '110',
      include_timestamps: 'true',
      include_language_detection: 'true',
    })
  })

  it('uses the realtime model in place of those for files, and short silence unless configured', async () => {
    expect(await queryOf({ model: 'scribe_v1', language: 'multi' })).toMatchObject({
      model_id: 'scribe_v2_realtime',
      vad_silence_threshold_secs: '0.3',
    })
  })

  it('tells the end of the words, their confidence and the language', async () => {
    const ears = listenTo(server, http, '11labs')
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900]))
    await ears.heard(1)
    expect(ears.finals[0]).toMatchObject({ text: 'one two', language: 'en', audioMs: 700 })
    expect(ears.finals[0].confidence).toBeCloseTo(Math.exp(-0.05), 3)
    await ears.transcriber.close()
  })

  it.each([
    ['auth_error', 'transcriber-unauthorized'],
    ['quota_exceeded', 'transcriber-bad-request'],
    ['input_error', 'transcriber-bad-request'],
  ])('gives up after %s', async (kind, code) => {
    const ears = listenTo(server, http, '11labs')
    server.script({ error: kind })
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 900]))
    expect(await ears.failed).toMatchObject({ code, retryable: false })
    expect(server.connections).toHaveLength(1)
  })

  it("serves the vendor's own client library", async () => {
    const client = new ElevenLabsClient({ apiKey: KEY, baseUrl: server.url })
    const connection = await client.speechToText.realtime.connect({
      modelId: 'scribe_v2_realtime',
      audioFormat: AudioFormat.PCM_16000,
      sampleRate: 16_000,
      commitStrategy: CommitStrategy.VAD,
      vadSilenceThresholdSecs: 0.4,
      includeTimestamps: true,
    })
    const partials: string[] = []
    connection.on(RealtimeEvents.PARTIAL_TRANSCRIPT, ({ text }) => partials.push(text))
    const committed = new Promise(resolve => {
      connection.on(RealtimeEvents.COMMITTED_TRANSCRIPT_WITH_TIMESTAMPS, resolve)
    })
    connection.on(RealtimeEvents.SESSION_STARTED, () => {
      for (const { samples } of soundOf([200, 'five', 'six', 600]))
        connection.send({ audioBase64: Buffer.from(samples.buffer).toString('base64') })
    })
    expect(await committed).toMatchObject({
      text: 'five six',
      words: [{ text: 'five', start: 0.2 }, { text: 'six' }],
    })
    expect(partials).toContain('five')
    connection.close()
  })
})
