import { ElevenLabsClient } from '@elevenlabs/elevenlabs-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import {
  ELEVENLABS_KEY,
  type ElevenLabsOptions,
  elevenLabsProtocol,
} from '../../support/providers/elevenlabs-voice.ts'
import { say, timed, voiceAt } from '../../support/providers/speak.ts'
import { type SpeechServer, startSpeechServer, toneFor } from '../../support/providers/speech-server.ts'

const ID = '21m00Tcm4TlvDq8ikWAM'

let http: HttpClient
let server: SpeechServer
const start = async (options: ElevenLabsOptions = {}) => {
  server = await startSpeechServer(elevenLabsProtocol(options))
}
const voice = (settings = {}, voiceId = ID) =>
  voiceAt('11labs', server.url, ELEVENLABS_KEY, http, voiceId, settings)
beforeEach(() => {
  http = createHttpClient()
})
afterEach(async () => {
  http.close()
  await server?.close()
})

describe('ElevenLabs', () => {
  it('is spoken by the local server as its own client library understands it', async () => {
    await start()
    const client = new ElevenLabsClient({ apiKey: ELEVENLABS_KEY, baseUrl: server.url })
    const stream = await client.textToSpeech.streamWithTimestamps(ID, {
      text: 'Good morning, everybody.',
      modelId: 'eleven_flash_v2_5',
      outputFormat: 'pcm_16000',
      optimizeStreamingLatency: 3,
      languageCode: 'en',
      voiceSettings: { stability: 0.5, similarityBoost: 0.75, style: 0, speed: 1, useSpeakerBoost: true },
      pronunciationDictionaryLocators: [{ pronunciationDictionaryId: 'd', versionId: 'v' }],
    })
    let characters = ''
    const sound: Buffer[] = []
    for await (const { audioBase64, alignment } of stream) {
      sound.push(Buffer.from(audioBase64, 'base64'))
      characters += alignment?.characters.join('')
    }
    expect(characters).toBe('Good morning, everybody.')
    expect(Buffer.concat(sound)).toEqual(Buffer.from(toneFor('Good morning, everybody.', 16_000).buffer))
    server.script({ status: 401 })
    await expect(client.textToSpeech.streamWithTimestamps(ID, { text: 'Hi' })).rejects.toMatchObject({
      statusCode: 401,
    })
    // What the library sends in the shape of ours.
    const [theirs] = server.requests
    await say(voice(), 'Good morning, everybody.', {
      model: 'eleven_flash_v2_5',
      optimizeStreamingLatency: 3,
      language: 'en-GB',
      stability: 0.5,
      similarityBoost: 0.75,
      style: 0,
      speed: 1,
      useSpeakerBoost: true,
      pronunciationDictionaryLocators: [{ pronunciationDictionaryId: 'd', versionId: 'v' }],
    })
    const ours = server.requests.at(-1)
    expect(ours?.path).toBe(theirs?.path)
    expect(ours?.body).toEqual(theirs?.body)
    expect(Object.fromEntries(ours?.query ?? [])).toEqual(Object.fromEntries(theirs?.query ?? []))
    expect(ours?.headers['xi-api-key']).toBe(theirs?.headers['xi-api-key'])
  })

  it.each([3, 12, 1000])(
    'tells when each word is heard, with %i characters in a line',
    async charactersPerLine => {
      await start({ charactersPerLine })
      const text = 'Wait, 5 dollars? That’s “fine”.'
      const { words, samples } = await say(voice(), text)
      expect(timed(text, words)).toEqual([
        ['Wait,', 0, 300],
        ['5', 360, 420],
        ['dollars?', 480, 960],
        ['That’s', 1020, 1380],
        ['“fine”.', 1440, 1860],
      ])
      expect(samples.length / 16).toBe(text.length * 60)
    },
  )

  it('tells the same where times count anew in each line', async () => {
    await start({ relativeTimes: true, charactersPerLine: 7 })
    const text = 'One two three four.'
    expect(timed(text, (await say(voice(), text)).words)).toEqual([
      ['One', 0, 180],
      ['two', 240, 420],
      ['three', 480, 780],
      ['four.', 840, 1140],
    ])
  })

  it('is asked with what the hosted platform asks for where nothing is set', async () => {
    await start()
    await say(voice(), 'Hello.')
    const [{ body, query, path } = server.requests[0]] = server.requests
    expect(path).toBe(`/v1/text-to-speech/${ID}/stream/with-timestamps`)
    expect(body).toEqual({ text: 'Hello.', model_id: 'eleven_turbo_v2' })
    expect(Object.fromEntries(query)).toEqual({ output_format: 'pcm_16000', optimize_streaming_latency: '3' })
  })

  it('is told no language by models that take none, and no optimisation where there is none', async () => {
    await start()
    await say(voice(), 'Hello.', { model: 'eleven_multilingual_v2', language: 'de' })
    expect(server.requests[0]?.body).toEqual({ text: 'Hello.', model_id: 'eleven_multilingual_v2' })
    await say(voice(), 'Hallo.', { model: 'eleven_v3', language: 'de' })
    expect(server.requests[1]?.body).toMatchObject({ language_code: 'de' })
    expect(server.requests[1]?.query.has('optimize_streaming_latency')).toBe(false)
  })

  it('reads markup where it is switched on', async () => {
    await start()
    expect(voice().capabilities).toEqual({ wordTiming: true, markup: false })
    expect(voice({ enableSsmlParsing: true }).capabilities).toEqual({ wordTiming: true, markup: true })
  })

  it('knows voices that the hosted platform has names for, and says so of those it does not', async () => {
    await start()
    await say(voice({}, 'sarah'), 'Hello.')
    expect(server.requests[0]?.path).toContain('/EXAVITQu4vr4xnSDxMaL/')
    expect(() => voice({}, 'paula')).toThrow(
      'paula is a name of the hosted platform; ElevenLabs takes the id of a voice',
    )
    expect(() => voice({}, 'default')).toThrow('a voice of ElevenLabs is named by its id')
  })

  it.each([
    ['{"audio_base64":"AAAA"', 'ElevenLabs sent something that is not a JSON object'],
    ['hello\n', 'ElevenLabs sent something that is not a JSON object'],
    ['[1]\n', 'ElevenLabs sent something that is not a JSON object'],
    ['', 'ElevenLabs gave no sound for “Hello.”'],
    ['{"audio_base64":""}\n', 'ElevenLabs gave no sound for “Hello.”'],
    [
      '{"detail":{"status":"quota_exceeded","message":"This request exceeds your quota."}}\n',
      'ElevenLabs answered with an error: This request exceeds your quota.',
    ],
  ])('fails with an answer of %j', async (body, message) => {
    await start()
    server.script({ instead: { contentType: 'text/event-stream', body } })
    await expect(say(voice(), 'Hello.')).rejects.toThrow(message)
  })

  it.each([
    [401, 'vapifault-eleven-labs-invalid-api-key'],
    [403, 'vapifault-eleven-labs-unauthorized-access'],
    [404, 'vapifault-eleven-labs-voice-not-found'],
    [429, 'vapifault-eleven-labs-blocked-concurrent-requests-and-requested-upgrade'],
    [500, 'providerfault-eleven-labs-500-server-error'],
  ])('refuses with %i, which the API has a reason of its own for', async (status, reason) => {
    await start()
    server.script({ status })
    await expect(say(voice(), 'Hello.')).rejects.toMatchObject({
      endedReason: `call.in-progress.error-${reason}`,
    })
  })

  it('has reasons that no status tells', async () => {
    await start()
    const body = '{"detail":{"status":"quota_exceeded","message":"This request exceeds your quota."}}\n'
    server.script({ instead: { contentType: 'text/event-stream', body } })
    await expect(say(voice(), 'Hello.')).rejects.toMatchObject({
      endedReason: 'call.in-progress.error-vapifault-eleven-labs-quota-exceeded',
    })
  })

  it('makes the best of times that are not whole', async () => {
    await start()
    const alignment = { characters: ['H', 'i', ' ', 'y'], character_start_times_seconds: [0, 0.1] }
    const lines = [
      { audio_base64: 'AAAAAAAA', alignment },
      { audio_base64: 'AAAA', alignment: null },
      {
        audio_base64: 'AAAA',
        alignment: {
          characters: ['é', '!'],
          character_start_times_seconds: [0.2, 'x'],
          character_end_times_seconds: [0.3, 0.4],
        },
      },
    ]
    server.script({
      pieceBytes: 1,
      instead: {
        contentType: 'text/event-stream',
        body: lines.map(line => `${JSON.stringify(line)}\n`).join(''),
      },
    })
    const text = 'Né é!'
    const { words, samples } = await say(voice(), text)
    expect(samples).toHaveLength(6)
    expect(timed(text, words)).toEqual([['é!', 200, 300]])
  })
})
