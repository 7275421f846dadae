import OpenAI from 'openai'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../../support/providers/openai-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import { type SpeechServer, startSpeechServer, toneFor } from '../../support/providers/speech-server.ts'

let http: HttpClient
let server: SpeechServer
const voice = (voiceId = 'shimmer') => voiceAt('openai', `${server.url}/v1`, OPENAI_KEY, http, voiceId)
beforeEach(async () => {
  http = createHttpClient()
  server = await startSpeechServer(openAiVoiceProtocol())
})
afterEach(async () => {
  http.close()
  await server.close()
})

describe('the voices of OpenAI', () => {
  it('are spoken by the local server as its own client library understands it', async () => {
    const client = new OpenAI({ apiKey: OPENAI_KEY, baseURL: `${server.url}/v1`, maxRetries: 0 })
    const request = {
      input: 'Good morning.',
      model: 'gpt-4o-mini-tts',
      voice: 'marin',
      response_format: 'pcm' as const,
      instructions: 'Whisper.',
      speed: 1.5,
    }
    const reply = await client.audio.speech.create(request)
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(
      Buffer.from(toneFor('Good morning.', 24_000).buffer),
    )
    server.script({ status: 429 })
    await expect(client.audio.speech.create(request)).rejects.toMatchObject({ status: 429 })
    const [theirs] = server.requests
    await say(voice('marin'), 'Good morning.', { instructions: 'Whisper.', speed: 1.5 })
    const ours = server.requests.at(-1)
    expect(ours?.path).toBe(theirs?.path)
    expect(ours?.body).toEqual(theirs?.body)
    expect(ours?.headers.authorization).toBe(theirs?.headers.authorization)
  })

  it('are asked with the model that has them where none is named', async () => {
    await say(voice('shimmer'), 'Hello.')
    await say(voice('cedar'), 'Hello.')
    await say(voice('shimmer'), 'Hello.', { model: 'tts-1-hd' })
    expect(server.requests.map(({ body }) => body.model)).toEqual(['tts-1', 'gpt-4o-mini-tts', 'tts-1-hd'])
  })
})
