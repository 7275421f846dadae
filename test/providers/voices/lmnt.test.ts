import Lmnt from 'lmnt-node'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { LMNT_KEY, lmntProtocol } from '../../support/providers/lmnt-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import {
  bytesOf,
  type SpeechServer,
  startSpeechServer,
  toneFor,
} from '../../support/providers/speech-server.ts'

let http: HttpClient
let server: SpeechServer
beforeEach(async () => {
  http = createHttpClient()
  server = await startSpeechServer(lmntProtocol())
})
afterEach(async () => {
  http.close()
  await server.close()
})

const voice = () => voiceAt('lmnt', server.url, LMNT_KEY, http, 'leah')

describe('LMNT', () => {
  it('is spoken by the local server as its own client library understands it', async () => {
    const client = new Lmnt({ apiKey: LMNT_KEY, baseURL: server.url, maxRetries: 0 })
    const reply = await client.speech.generate({
      text: 'Good morning.',
      voice: 'leah',
      format: 'pcm_s16le',
      sample_rate: 24_000,
      language: 'en',
      temperature: 0.8,
      top_p: 0.9,
    })
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(bytesOf(toneFor('Good morning.', 24_000)))
    await say(voice(), 'Good morning.', { language: 'en', temperature: 0.8, topP: 0.9 })
    const [theirs, ours] = server.requests
    expect(ours?.path).toBe(theirs?.path)
    expect(ours?.body).toEqual(theirs?.body)
    for (const name of ['x-api-key', 'lmnt-version', 'content-type', 'accept'])
      expect(ours?.headers[name]).toBe(theirs?.headers[name])
    server.script({ status: 401 })
    await expect(client.speech.generate({ text: 'Hi.', voice: 'leah' })).rejects.toMatchObject({
      status: 401,
    })
  })

  it('is told the language that was heard where the assistant names none, if it speaks that', async () => {
    const { signal } = new AbortController()
    for (const [language, settings] of [
      ['es-MX', {}],
      ['tlh', {}],
      ['es', { language: 'fr' }],
    ] as const)
      for await (const _ of voice().speak({ text: 'Hi.', settings, language }, signal));
    expect(server.requests.map(({ body }) => body.language)).toEqual(['es', undefined, 'fr'])
  })
})
