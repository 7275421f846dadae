import { Agent } from 'node:https'
import { connect } from 'node:net'
import OpenAI from 'openai'
import { OpenAIRealtimeWS } from 'openai/realtime/ws'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../src/net/http.ts'
import { startOpenAiTranscription } from '../../support/providers/openai-transcription.ts'
import { itListens, listenTo, until, wordsOf } from '../../support/providers/transcriber-suite.ts'
import { KEY } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

itListens({ id: 'openai', path: '/v1', start: startOpenAiTranscription, passingError: 'server_error' })

describe('OpenAI transcription', () => {
  const closes: (() => unknown)[] = []
  afterEach(async () => {
    for (const close of closes.splice(0).reverse()) await close()
  })

  async function open(...[behaviour]: Parameters<typeof startOpenAiTranscription>) {
    const server = await startOpenAiTranscription(behaviour)
    const http = createHttpClient()
    closes.push(server.close, () => http.close())
    return {
      server,
      listen(...[options]: [Parameters<typeof listenTo>[3]?]) {
        const ears = listenTo(server, http, 'openai', options, '/v1')
        closes.push(() => ears.transcriber.close())
        return ears
      },
    }
  }

  it('opens a transcription session with the model and the language', async () => {
    const { server, listen } = await open()
    const ears = listen({ model: 'gpt-4o-mini-transcribe', language: 'de-AT' })
    await ears.start()
    expect(server.connections[0].url.search).toBe('?intent=transcription')
    expect(JSON.parse(server.connections[0].texts[0])).toEqual({
      type: 'session.update',
      session: {
        type: 'transcription',
        audio: {
          input: {
            format: { type: 'audio/pcm', rate: 24_000 },
            transcription: { model: 'gpt-4o-mini-transcribe', language: 'de' },
            turn_detection: { type: 'server_vad', silence_duration_ms: 300 },
          },
        },
        include: ['item.input_audio_transcription.logprobs'],
      },
    })
  })

  it('asks Whisper for no probabilities, and for no language where it is open', async () => {
    const { server, listen } = await open()
    await listen({ model: 'whisper-1', language: 'multi' }).start()
    const { session } = JSON.parse(server.connections[0].texts[0])
    expect(session).not.toHaveProperty('include')
    expect(session.audio.input.transcription).toEqual({ model: 'whisper-1' })
  })

  it('tells the confidence, and the end of the speech without the silence after it', async () => {
    const { listen } = await open()
    const ears = listen()
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900]))
    await ears.heard(1)
    expect(ears.finals[0].confidence).toBeCloseTo(Math.exp(-0.1), 3)
    expect(Math.abs(ears.finals[0].audioMs - 700)).toBeLessThan(15)
  })

  it('goes on with another connection where the transcript of an item does not come', async () => {
    const { server, listen } = await open({ leavesOut: 1 })
    const ears = listen()
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 900, 'two', 900, 'three', 900, 'four', 900, 'five', 900]))
    await ears.heard(5)
    expect(wordsOf(ears)).toBe('one two three four five')
    expect(server.connections).toHaveLength(2)
  })

  it('puts transcripts that are ready in another order into the order of speech', async () => {
    const { listen } = await open({ outOfOrder: true })
    const ears = listen()
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900, 'three', 900]))
    await ears.heard(2)
    expect(wordsOf(ears)).toBe('one two three')
  })

  it.each([
    ['under way', 40],
    ['just over', 900],
  ])('waits for the transcript of speech that is %s when it is closed', async (_when, silenceMs) => {
    const { listen } = await open({ transcribesMs: 60 })
    const ears = listen()
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', silenceMs]))
    await until(() => ears.transcripts.length > 0)
    await ears.transcriber.close()
    expect(wordsOf(ears)).toBe('one two')
  })

  it('has silence transcribed by nobody when it is closed', async () => {
    const { server, listen } = await open()
    const ears = listen()
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 900]))
    await ears.heard(1)
    await ears.transcriber.close()
    expect(JSON.parse(server.connections[0].texts.at(-1) ?? '')).toEqual({ type: 'input_audio_buffer.clear' })
  })

  it('tells an error about one of its messages, and goes on', async () => {
    const { server, listen } = await open()
    server.script({ error: 'invalid_value' })
    const ears = listen()
    await ears.start()
    say(ears.transcriber, soundOf([60]))
    await until(() => ears.warnings.length > 0)
    expect(ears.warnings).toEqual(['OpenAI it says invalid_value'])
    expect(server.open).toBe(1)
  })

  it("serves the vendor's own client library", async () => {
    const { server } = await open()
    // The library insists on TLS; this agent opens plain connections all the same.
    class PlainAgent extends Agent {
      override createConnection(options: { port?: number | string | null; host?: string | null }) {
        return connect(Number(options.port), options.host ?? '127.0.0.1')
      }
    }
    const client = new OpenAI({ apiKey: KEY, baseURL: `${server.url}/v1` })
    const realtime = new OpenAIRealtimeWS(
      { model: 'gpt-4o-transcribe', options: { agent: new PlainAgent() as never } },
      client,
    )
    closes.push(() => realtime.close())
    const transcript = new Promise<string>((resolve, reject) => {
      realtime.on('error', reject)
      realtime.on('session.updated', () => {
        const samples = Int16Array.from({ length: 24_000 }, (_, place) =>
          place > 2400 && place < 7200 ? 5500 : 0,
        )
        const audio = Buffer.from(samples.buffer).toString('base64')
        realtime.send({ type: 'input_audio_buffer.append', audio })
      })
      realtime.on('conversation.item.input_audio_transcription.completed', event => resolve(event.transcript))
    })
    realtime.on('session.created', () =>
      realtime.send({
        type: 'session.update',
        session: {
          type: 'transcription',
          audio: {
            input: {
              format: { type: 'audio/pcm', rate: 24_000 },
              transcription: { model: 'gpt-4o-transcribe' },
              turn_detection: { type: 'server_vad', silence_duration_ms: 300 },
            },
          },
        },
      }),
    )
    expect(await transcript).toBe('two')
  })
})
