import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GladiaClient } from '@gladiaio/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { startGladiaLive } from '../../support/providers/gladia-live.ts'
import { itListens, listenTo } from '../../support/providers/transcriber-suite.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

itListens({ id: 'gladia', start: startGladiaLive, passingError: 'a failure' })

describe('Gladia', () => {
  let server: Awaited<ReturnType<typeof startGladiaLive>>
  let http: HttpClient
  beforeEach(async () => {
    server = await startGladiaLive()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  async function initOf(settings: Record<string, unknown>) {
    const ears = listenTo(server, http, 'gladia', { settings })
    await ears.start()
    await ears.transcriber.close()
    return server.inits[0]
  }

  it('does not show the address of a session that is none, as it has a token', async () => {
    const odd = createServer((_request, response) => {
      response.end(JSON.stringify({ id: 's', url: 'https://127.0.0.1:1/?token=t0ken-value' }))
    })
    await new Promise<void>(resolve => odd.listen(0, '127.0.0.1', resolve))
    const { port } = odd.address() as AddressInfo
    const access = { baseUrl: `http://127.0.0.1:${port}`, key: KEY }
    const error = await listenTo(server, http, 'gladia', { access })
      .start()
      .catch(thrown => thrown)
    expect(error.code).toBe('transcriber-failed')
    expect(String(error)).not.toContain('t0ken')
    odd.closeAllConnections()
    odd.close()
  })

  it('makes a session with what the assistant configures', async () => {
    const { query, body } = await initOf({
      model: 'solaria-1',
      region: 'us-west',
      language: 'de',
      languageBehaviour: 'manual',
      endpointing: 0.2,
      audioEnhancer: true,
      speechThreshold: 0.7,
      customVocabularyEnabled: true,
      customVocabularyConfig: {
        vocabulary: ['Vapi', { value: 'Gladia', pronunciations: ['gladja'] }],
        defaultIntensity: 0.6,
      },
      receivePartialTranscripts: false,
    })
    expect(query.get('region')).toBe('us-west')
    expect(body).toMatchObject({
      encoding: 'wav/pcm',
      bit_depth: 16,
      sample_rate: 16_000,
      channels: 1,
      model: 'solaria-1',
      endpointing: 0.2,
      language_config: { languages: ['de'], code_switching: false },
      pre_processing: { audio_enhancer: true, speech_threshold: 0.7 },
      realtime_processing: {
        custom_vocabulary: true,
        custom_vocabulary_config: {
          vocabulary: ['Vapi', { value: 'Gladia', pronunciations: ['gladja'] }],
          default_intensity: 0.6,
        },
      },
      messages_config: { receive_partial_transcripts: false, receive_final_transcripts: true },
    })
  })

  it.each([
    [{}, [], false],
    [{ languageBehaviour: 'automatic multiple languages', language: 'en' }, [], true],
    [{ languageBehaviour: 'automatic multiple languages', languages: ['en', 'es'] }, ['en', 'es'], true],
    [{ languageBehaviour: 'manual', languages: ['en', 'jv'] }, ['en', 'jw'], true],
    [{ languageBehaviour: 'automatic single language', languages: ['en', 'es'] }, ['en', 'es'], false],
  ])('chooses the languages by %j', async (settings, languages, switching) => {
    const { body } = await initOf(settings)
    expect(body.language_config).toEqual({ languages, code_switching: switching })
  })

  it('takes the words of a transcription hint as a vocabulary, and leaves out the models of the first API', async () => {
    const { body } = await initOf({ model: 'fast', transcriptionHint: 'Vapi, squad' })
    expect(body).not.toHaveProperty('model')
    expect(body.realtime_processing).toEqual({
      custom_vocabulary: true,
      custom_vocabulary_config: { vocabulary: ['Vapi', 'squad'] },
    })
  })

  it('tells the end of the words, their confidence and the language', async () => {
    const ears = listenTo(server, http, 'gladia')
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900]))
    await ears.heard(1)
    expect(ears.finals[0]).toEqual({
      transcriptType: 'final',
      text: 'one two',
      audioMs: 700,
      confidence: 0.91,
      language: 'en',
    })
    await ears.transcriber.close()
  })

  it("serves the vendor's own client library", async () => {
    const session = new GladiaClient({ apiKey: KEY, apiUrl: server.url }).liveV2().startSession({
      encoding: 'wav/pcm',
      bit_depth: 16,
      sample_rate: 16_000,
      channels: 1,
      messages_config: {
        receive_partial_transcripts: true,
        receive_final_transcripts: true,
        receive_lifecycle_events: true,
      },
    })
    const finals: string[] = []
    session.on('message', message => {
      if (message.type === 'transcript' && message.data.is_final)
        finals.push(message.data.utterance.text.trim())
    })
    const ended = new Promise(resolve => session.once('ended', resolve))
    for (const { samples } of soundOf([200, 'five', 'six', 600, 'seven', 20]))
      session.sendAudio(new Uint8Array(samples.buffer))
    session.once('connected', () => session.stopRecording())
    await ended
    expect(finals).toEqual(['five six', 'seven'])
  })
})
