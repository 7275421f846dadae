import { createRequire } from 'node:module'
import * as PlayHT from 'playht'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { findVendor, resolveAccess, type Vendor } from '../../../src/providers/vendors.ts'
import { playht } from '../../../src/providers/voices/playht.ts'
import { PLAYHT_KEY, PLAYHT_USER, playHtProtocol, wavHeader } from '../../support/providers/playht-voice.ts'
import { say } from '../../support/providers/speak.ts'
import {
  bytesOf,
  type SpeechServer,
  startSpeechServer,
  toneFor,
} from '../../support/providers/speech-server.ts'

const TEXT = 'We open at nine, and we close at five.'
const JENNIFER = 's3://voice-cloning-zero-shot/801a663f-efd0-4254-98d0-5c175514c3e8/jennifer/manifest.json'

let http: HttpClient
let server: SpeechServer
beforeEach(async () => {
  http = createHttpClient()
  server = await startSpeechServer(playHtProtocol())
})
afterEach(async () => {
  http.close()
  await server.close()
})

const vendor = findVendor('playht') as Vendor
const voice = (voiceId = 'jennifer', account: string | undefined = PLAYHT_USER) =>
  playht.create({
    vendor,
    access: { baseUrl: server.url, key: PLAYHT_KEY, ...(account !== undefined && { account }) },
    http,
    name: `playht/${voiceId}`,
    voiceId,
    settings: {},
    language: null,
  })
const signal = new AbortController().signal

describe('PlayHT', () => {
  it('is spoken by the local server as its own client library understands it', async () => {
    // The library knows one address alone: its HTTP client is led to the server.
    const axios = createRequire(createRequire(import.meta.url).resolve('playht'))('axios')
    const axiosClient = (config: { url?: string }) =>
      axios({ ...config, url: config.url?.replace('https://api.play.ht', server.url), proxy: false })
    PlayHT.init({ apiKey: PLAYHT_KEY, userId: PLAYHT_USER, advanced: { axiosClient } })
    const stream = await PlayHT.stream(TEXT, {
      voiceEngine: 'PlayHT1.0',
      voiceId: JENNIFER,
      outputFormat: 'wav' as 'mp3',
      speed: 1.5,
      temperature: 0.7,
      sampleRate: 24_000,
    })
    const sound: Buffer[] = []
    for await (const bytes of stream) sound.push(Buffer.from(bytes))
    expect(Buffer.concat(sound)).toEqual(Buffer.concat([wavHeader(24_000), bytesOf(toneFor(TEXT, 24_000))]))

    const settings = { model: 'PlayHT1.0', speed: 1.5, temperature: 0.7 }
    const { samples } = await say(voice(JENNIFER), TEXT, settings)
    expect(samples).toEqual(toneFor(TEXT, 24_000))
    const [theirs, ours] = server.requests
    expect(ours?.path).toBe(theirs?.path)
    for (const name of ['authorization', 'x-user-id', 'accept', 'content-type'])
      expect(ours?.headers[name]).toBe(theirs?.headers[name])
    const { quality: _quality, ...body } = theirs?.body ?? {}
    expect(ours?.body).toEqual(body)
  })

  it('says the same sound wherever the network cuts it, also in the header', async () => {
    for (const pieceBytes of [1, 3, 55, 1001]) {
      server.script({ pieceBytes })
      expect((await say(voice(), 'Hi.')).samples).toEqual(toneFor('Hi.', 24_000))
    }
  })

  it('gets its settings under its own names', async () => {
    await say(voice(), TEXT, {
      model: 'PlayHT2.0',
      speed: 0.9,
      temperature: 1.2,
      emotion: 'female_happy',
      voiceGuidance: 3,
      styleGuidance: 20,
      textGuidance: 1.5,
    })
    expect(server.requests[0]?.body).toEqual({
      text: TEXT,
      voice: JENNIFER,
      voice_engine: 'PlayHT2.0',
      output_format: 'wav',
      sample_rate: 24_000,
      speed: 0.9,
      temperature: 1.2,
      emotion: 'female_happy',
      voice_guidance: 3,
      style_guidance: 20,
      text_guidance: 1.5,
    })
  })

  it.each([
    ['es-MX', {}, 'spanish'],
    ['zh', {}, 'mandarin'],
    ['fil', {}, 'tagalog'],
    ['tlh', {}, undefined],
    ['es', { language: 'french' }, 'french'],
    ['es', { model: 'PlayHT2.0' }, undefined],
  ])('follows the language that was heard: %s with %o', async (language, settings, named) => {
    for await (const _ of voice().speak({ text: 'Hi.', settings, language }, signal));
    expect(server.requests[0]?.body.language).toBe(named)
  })

  it('plays a file of another rate at its own', async () => {
    const tone = toneFor('Hello.', 48_000)
    server.script({ instead: { contentType: 'audio/wav', body: '' } })
    await say(voice(), '...')
    await server.close()
    server = await startSpeechServer({
      ...playHtProtocol(),
      speak: () => [wavHeader(48_000), bytesOf(tone)],
    })
    const { pieces, samples } = await say(voice(), 'Hello.')
    expect(pieces.map(({ audio }) => audio.type === 'pcm' && audio.sampleRate)).toContain(48_000)
    expect(samples).toEqual(tone)
  })

  it.each([
    ['an MP3 file', Buffer.from('ID3\u0004and so on'), /answered with MP3; 16-bit samples are needed$/],
    ['samples of 8 bits', wavHeader(24_000, 1, 8), /whose samples are not of 16 bits$/],
    ['no sound behind the header', wavHeader(24_000), /gave no sound for/],
    ['half a header', wavHeader(24_000).subarray(0, 30), /gave no sound for/],
  ])('fails where %s comes', async (_what, body, message) => {
    await server.close()
    server = await startSpeechServer({ ...playHtProtocol(), speak: () => [body] })
    await expect(say(voice(), TEXT)).rejects.toThrow(message)
  })

  it.each([401, 429, 500])('tells a refusal with status %i, without the key', async status => {
    server.script({ status })
    const error = await say(voice(), TEXT).catch(thrown => thrown)
    expect(error).toMatchObject({ status, message: expect.stringContaining(`status ${status}`) })
    expect(`${error.message} ${error.hint}`).not.toContain(PLAYHT_KEY)
  })

  it('needs the user’s id beside the key', () => {
    expect(() => resolveAccess(vendor, { PLAYHT_API_KEY: PLAYHT_KEY })).toThrow(
      'PlayHT needs the account of its key and none is set',
    )
    expect(resolveAccess(vendor, { PLAYHT_API_KEY: PLAYHT_KEY, PLAYHT_USER_ID: PLAYHT_USER })).toMatchObject({
      baseUrl: 'https://api.play.ht',
      key: PLAYHT_KEY,
      account: PLAYHT_USER,
    })
  })
})
