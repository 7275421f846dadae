import { SonioxNodeClient } from '@soniox/node'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { startSonioxRealtime } from '../../support/providers/soniox-realtime.ts'
import { itListens, listenTo, until } from '../../support/providers/transcriber-suite.ts'
import { KEY, type TranscriptionServer } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

itListens({ id: 'soniox', start: startSonioxRealtime, keyInStream: true, passingError: '503' })

describe('Soniox', () => {
  let server: TranscriptionServer
  let http: HttpClient
  beforeEach(async () => {
    server = await startSonioxRealtime()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  async function configOf(settings: Record<string, unknown>, language = 'en') {
    const ears = listenTo(server, http, 'soniox', { settings, language, model: 'stt-rt-v4' })
    await ears.start()
    await until(() => (server.connections[0]?.texts.length ?? 0) > 0)
    await ears.transcriber.close()
    return JSON.parse(server.connections[0].texts[0])
  }

  it('is asked for what the assistant configures', async () => {
    const contextGeneral = [{ key: 'domain', value: 'Healthcare' }]
    const config = await configOf({
      languages: ['en', 'es'],
      languageHintsStrict: false,
      maxEndpointDelayMs: 900,
      customVocabulary: ['Vapi'],
      contextGeneral,
    })
    expect(config).toEqual({
      api_key: KEY,
      model: 'stt-rt-v4',
      audio_format: 'pcm_s16le',
      sample_rate: 16_000,
      num_channels: 1,
      language_hints: ['en', 'es'],
      language_hints_strict: false,
      enable_language_identification: true,
      enable_endpoint_detection: true,
      max_endpoint_delay_ms: 900,
      context: { general: contextGeneral, terms: ['Vapi'] },
    })
  })

  it('finds out the language by itself where the list of languages is empty', async () => {
    const config = await configOf({ languages: [] })
    expect(config).toMatchObject({ enable_language_identification: true, max_endpoint_delay_ms: 500 })
    expect(config).not.toHaveProperty('language_hints')
  })

  it('reports the end of a turn, the confidence and the language', async () => {
    const ears = listenTo(server, http, 'soniox')
    await ears.start()
    say(ears.transcriber, soundOf([300, 'three', 900]))
    await ears.heard(1)
    expect(ears.finals[0]).toMatchObject({ text: 'three', endOfTurn: true, language: 'en', audioMs: 460 })
    expect(ears.finals[0].confidence).toBeCloseTo(0.85, 1)
    await ears.transcriber.close()
  })

  it('is not asked again where it refuses the request', async () => {
    const ears = listenTo(server, http, 'soniox')
    server.script({ error: '400' })
    await ears.start()
    say(ears.transcriber, soundOf([300, 'three', 900]))
    expect(await ears.failed).toMatchObject({
      code: 'transcriber-bad-request',
      status: 400,
      retryable: false,
    })
    expect(server.connections).toHaveLength(1)
  })

  it("serves the vendor's own client library", async () => {
    // The library takes the WebSocket of the platform, which Node 20 has not.
    vi.stubGlobal('WebSocket', WebSocket)
    const client = new SonioxNodeClient({
      api_key: KEY,
      realtime: { ws_base_url: `${server.url.replace('http', 'ws')}/transcribe-websocket` },
    })
    const session = client.realtime.stt({
      model: 'stt-rt-v5',
      audio_format: 'pcm_s16le',
      sample_rate: 16_000,
      num_channels: 1,
      enable_endpoint_detection: true,
      max_endpoint_delay_ms: 500,
    })
    let text = ''
    let endpoints = 0
    session.on('result', result => {
      text += result.tokens
        .filter(token => token.is_final)
        .map(token => token.text)
        .join('')
    })
    session.on('endpoint', () => endpoints++)
    await session.connect()
    for (const { samples } of soundOf([200, 'one', 'two', 800, 'three', 20]))
      session.sendAudio(new Uint8Array(samples.buffer))
    await session.finish()
    expect(text).toBe(' one two three')
    expect(endpoints).toBe(2)
    vi.unstubAllGlobals()
  })
})
