import { DeepgramClient } from '@deepgram/sdk'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { modelName } from '../../../src/providers/voices/deepgram.ts'
import { DEEPGRAM_KEY, deepgramVoiceProtocol } from '../../support/providers/deepgram-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import { type SpeechServer, startSpeechServer, toneFor } from '../../support/providers/speech-server.ts'

let http: HttpClient
let server: SpeechServer
const voice = (voiceId: string) => voiceAt('deepgram', server.url, DEEPGRAM_KEY, http, voiceId)
beforeEach(async () => {
  http = createHttpClient()
  server = await startSpeechServer(deepgramVoiceProtocol())
})
afterEach(async () => {
  http.close()
  await server.close()
})

describe('the voices of Deepgram', () => {
  it('are spoken by the local server as its own client library understands it', async () => {
    const client = new DeepgramClient({ apiKey: DEEPGRAM_KEY, baseUrl: server.url })
    const reply = await client.speak.v1.audio.generate({
      text: 'Good morning.',
      model: 'aura-2-thalia-en',
      encoding: 'linear16',
      container: 'none',
      sample_rate: 16_000,
      mip_opt_out: true,
    })
    expect(Buffer.from(await reply.arrayBuffer())).toEqual(
      Buffer.from(toneFor('Good morning.', 16_000).buffer),
    )
    server.script({ status: 401 })
    await expect(client.speak.v1.audio.generate({ text: 'Hi' }, { maxRetries: 0 })).rejects.toMatchObject({
      statusCode: 401,
    })
    const [theirs] = server.requests
    await say(voice('thalia'), 'Good morning.', { mipOptOut: true })
    const ours = server.requests.at(-1)
    expect(ours?.path).toBe(theirs?.path)
    expect(ours?.body).toEqual(theirs?.body)
    expect(Object.fromEntries(ours?.query ?? [])).toEqual(Object.fromEntries(theirs?.query ?? []))
    expect(ours?.headers.authorization).toBe(theirs?.headers.authorization)
  })

  it.each([
    ['asteria', undefined, 'aura-2-asteria-en'],
    ['asteria', 'aura', 'aura-asteria-en'],
    ['celeste', 'aura-2', 'aura-2-celeste-es'],
    ['viktoria', undefined, 'aura-2-viktoria-de'],
    ['aura-2-hermes-en', 'aura', 'aura-2-hermes-en'],
  ])('are asked for by their whole name: %s of %s', (voiceId, model, name) => {
    expect(modelName(voiceId, model)).toBe(name)
  })

  it('take part in its programme of improvement unless they are told not to', async () => {
    await say(voice('thalia'), 'Hello.', { mipOptOut: false })
    expect(server.requests[0]?.query.has('mip_opt_out')).toBe(false)
  })
})
