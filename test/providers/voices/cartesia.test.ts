import Cartesia from '@cartesia/cartesia-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import {
  CARTESIA_KEY,
  type CartesiaOptions,
  cartesiaProtocol,
} from '../../support/providers/cartesia-voice.ts'
import { say, timed, voiceAt } from '../../support/providers/speak.ts'
import { type SpeechServer, startSpeechServer, toneFor } from '../../support/providers/speech-server.ts'

const ID = '694f9389-aac1-45b6-b726-9d9369183238'

let http: HttpClient
let server: SpeechServer
const start = async (options: CartesiaOptions = {}) => {
  server = await startSpeechServer(cartesiaProtocol(options))
}
const voice = (settings = {}) => voiceAt('cartesia', server.url, CARTESIA_KEY, http, ID, settings)
beforeEach(() => {
  http = createHttpClient()
})
afterEach(async () => {
  http.close()
  await server.close()
})

describe('Cartesia', () => {
  it('is spoken by the local server as its own client library understands it', async () => {
    await start()
    const client = new Cartesia({ apiKey: CARTESIA_KEY, baseURL: server.url, maxRetries: 0 })
    const request = {
      model_id: 'sonic-3',
      transcript: 'Good morning, everybody.',
      voice: ID,
      language: 'en' as const,
      output_format: {
        container: 'raw' as const,
        encoding: 'pcm_s16le' as const,
        sample_rate: 16_000 as const,
      },
      add_timestamps: true,
      pronunciation_dict_id: 'pdict_1',
      generation_config: { speed: 1.2, volume: 0.8, emotion: 'calm' as const },
    }
    const sound: Buffer[] = []
    const words: string[] = []
    const types: string[] = []
    for await (const event of await client.tts.generateSSE(request)) {
      if (types.at(-1) !== event.type) types.push(event.type)
      if (event.type === 'chunk') sound.push(Buffer.from(event.data, 'base64'))
      if (event.type === 'timestamps') words.push(...event.word_timestamps.words)
    }
    expect(types).toEqual(['chunk', 'timestamps', 'chunk', 'done'])
    expect(words).toEqual(['Good', 'morning', 'everybody'])
    expect(Buffer.concat(sound)).toEqual(Buffer.from(toneFor('Good morning, everybody.', 16_000).buffer))
    server.script({ status: 401 })
    await expect(client.tts.generateSSE(request)).rejects.toMatchObject({ status: 401 })
    const [theirs] = server.requests
    await say(voice(), 'Good morning, everybody.', {
      model: 'sonic-3',
      language: 'en',
      pronunciationDictId: 'pdict_1',
      generationConfig: { speed: 1.2, volume: 0.8, emotion: 'calm' },
    })
    const ours = server.requests.at(-1)
    expect(ours?.path).toBe(theirs?.path)
    expect(ours?.body).toEqual({ ...theirs?.body, voice: { mode: 'id', id: ID } })
    expect(ours?.headers.authorization).toBe(theirs?.headers.authorization)
    expect(ours?.headers['cartesia-version']).toBe('2026-03-01')
  })

  it('tells when each word is heard', async () => {
    await start()
    const text = 'Wait, 5 dollars? That’s fine.'
    expect(timed(text, (await say(voice(), text)).words)).toEqual([
      ['Wait,', 0, 240],
      ['5', 360, 420],
      ['dollars?', 480, 900],
      ['That’s', 1020, 1380],
      ['fine.', 1440, 1680],
    ])
  })

  it('tells the times of words around its tags', async () => {
    await start()
    const text = 'My name is <break time="1s"/> <spell>Bob</spell>, hello.'
    expect(
      timed(text, (await say(voice({ enableSsmlParsing: true }), text)).words).map(([word]) => word),
    ).toEqual(['My', 'name', 'is', 'Bob', 'hello.'])
  })

  it('tells words whose times come after the last sound', async () => {
    await start()
    const chunk = {
      type: 'chunk',
      data: Buffer.alloc(3200).toString('base64'),
      done: false,
      status_code: 206,
    }
    const times = {
      type: 'timestamps',
      done: false,
      word_timestamps: { words: ['Hi'], start: [0], end: [0.1] },
    }
    const body = [chunk, times, { type: 'flush_done' }, { type: 'done', done: true }]
      .map(event => `data: ${JSON.stringify(event)}\n\n`)
      .join('')
    server.script({ instead: { contentType: 'text/event-stream', body } })
    const { samples, words } = await say(voice(), 'Hi!')
    expect(samples).toHaveLength(1600)
    expect(timed('Hi!', words)).toEqual([['Hi!', 0, 100]])
  })

  it('is asked with its newest model that takes every setting where none is named', async () => {
    await start()
    await say(voice(), 'Hello.')
    expect(server.requests[0]?.body).toEqual({
      transcript: 'Hello.',
      model_id: 'sonic-3',
      voice: { mode: 'id', id: ID },
      output_format: { container: 'raw', encoding: 'pcm_s16le', sample_rate: 16_000 },
      add_timestamps: true,
    })
  })

  it('fails with an error in the middle of its events, after the sound that came', async () => {
    await start({ errorAfter: 3 })
    const error = await say(voice(), 'We open at nine, and we close at five.').catch(thrown => thrown)
    expect(error).toMatchObject({ code: 'voice-server-error', status: 500, retryable: true })
    expect(error.message).toBe('Cartesia answered with 500 Internal Server Error: Something went wrong.')
  })

  it('fails where it does not say that all is told', async () => {
    await start({ unfinished: true })
    await expect(say(voice(), 'Hello.')).rejects.toThrow('Cartesia broke off before its sound was complete')
  })

  it('fails with an event that is not JSON', async () => {
    await start()
    server.script({ instead: { contentType: 'text/event-stream', body: 'data: {"type":"chu\n\n' } })
    await expect(say(voice(), 'Hello.')).rejects.toThrow('Cartesia sent something that is not a JSON object')
  })

  it('is no voice without an id', async () => {
    await start()
    expect(() => voiceAt('cartesia', server.url, CARTESIA_KEY, http, 'default')).toThrow(
      'a voice of Cartesia is named by its id',
    )
  })
})
