import { HumeClient } from 'hume'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { HUME_KEY, humeProtocol } from '../../support/providers/hume-voice.ts'
import { say, timed, voiceAt } from '../../support/providers/speak.ts'
import { type SpeechServer, startSpeechServer, toneFor } from '../../support/providers/speech-server.ts'

const ID = '5bb7de05-c8fe-426a-8fcc-ba4fc4ce9f9c'
const TEXT = 'Good morning, everybody.'

let http: HttpClient
let server: SpeechServer
beforeEach(async () => {
  http = createHttpClient()
  server = await startSpeechServer(humeProtocol())
})
afterEach(async () => {
  http.close()
  await server.close()
})

const voice = (voiceId = ID, settings = {}) => voiceAt('hume', server.url, HUME_KEY, http, voiceId, settings)

describe('Hume', () => {
  it('is spoken by the local server as its own client library understands it', async () => {
    const client = new HumeClient({ apiKey: HUME_KEY, baseUrl: server.url, maxRetries: 0 })
    const stream = await client.tts.synthesizeJsonStreaming({
      utterances: [{ text: TEXT, description: 'calm', voice: { id: ID, provider: 'HUME_AI' } }],
      version: '2',
      includeTimestampTypes: ['word'],
      format: { type: 'pcm' },
      stripHeaders: true,
      instantMode: true,
      numGenerations: 1,
    })
    const sound: Buffer[] = []
    const words: unknown[] = []
    for await (const piece of stream) {
      if (piece.type === 'audio') sound.push(Buffer.from(piece.audio, 'base64'))
      else words.push([piece.timestamp.text, piece.timestamp.time.begin, piece.timestamp.time.end])
    }
    expect(Buffer.concat(sound)).toEqual(Buffer.from(toneFor(TEXT, 48_000).buffer))
    expect(words).toEqual([
      ['Good', 0, 240],
      ['morning', 300, 720],
      ['everybody', 840, 1380],
    ])
    await say(voice(), TEXT, { model: 'octave2', description: 'calm' })
    const [theirs, ours] = server.requests
    expect(ours?.path).toBe(theirs?.path)
    expect(ours?.body).toEqual(theirs?.body)
    expect(ours?.headers['x-hume-api-key']).toBe(theirs?.headers['x-hume-api-key'])
  })

  it('tells when each word is heard, from Octave 2 on', async () => {
    const octave2 = voice(ID, { model: 'octave2' })
    expect(octave2.capabilities.wordTiming).toBe(true)
    expect(timed(TEXT, (await say(octave2, TEXT, { model: 'octave2' })).words)).toEqual([
      ['Good', 0, 240],
      ['morning,', 300, 720],
      ['everybody.', 840, 1380],
    ])
    const octave = voice(ID, { model: 'octave' })
    expect(octave.capabilities.wordTiming).toBe(false)
    expect((await say(octave, TEXT, { model: 'octave' })).words).toEqual([])
    expect(server.requests.map(({ body }) => [body.version, body.include_timestamp_types])).toEqual([
      ['2', ['word']],
      ['1', undefined],
    ])
  })

  it('names a voice by its id or its name, of the library or of one’s own', async () => {
    await say(voice('Ava Song'), TEXT)
    await say(voice(ID), TEXT, { isCustomHumeVoice: true })
    const voices = server.requests.map(({ body }) => (body.utterances as { voice: unknown }[])[0]?.voice)
    expect(voices).toEqual([
      { name: 'Ava Song', provider: 'HUME_AI' },
      { id: ID, provider: 'CUSTOM_VOICE' },
    ])
  })

  it('tells words whose times come after the last sound', async () => {
    const time = { type: 'timestamp', timestamp: { type: 'word', text: 'Hi', time: { begin: 0, end: 100 } } }
    const sound = { type: 'audio', audio: Buffer.alloc(9600).toString('base64') }
    const body = `${JSON.stringify(sound)}\n${JSON.stringify(time)}`
    server.script({ instead: { contentType: 'application/json', body } })
    const { samples, words } = await say(voice(), 'Hi!')
    expect(samples).toHaveLength(4800)
    expect(timed('Hi!', words)).toEqual([['Hi!', 0, 100]])
  })
})
