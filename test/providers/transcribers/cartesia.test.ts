import { createRequire } from 'node:module'
import type { Cartesia as Client } from '@cartesia/cartesia-js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { startCartesiaStt } from '../../support/providers/cartesia-stt.ts'
import { itListens, listenTo } from '../../support/providers/transcriber-suite.ts'
import { KEY, type TranscriptionServer } from '../../support/providers/transcription-server.ts'
import { say, soundOf } from '../../support/providers/words.ts'

// Only its CommonJS form finds the WebSocket library of Node 20.
const { Cartesia }: { Cartesia: typeof Client } = createRequire(import.meta.url)('@cartesia/cartesia-js')

itListens({ id: 'cartesia', start: startCartesiaStt, passingError: '500', finalsOnly: true })
itListens({ id: 'cartesia', start: startCartesiaStt, passingError: '500', options: { model: 'ink-2' } })

describe('Cartesia Ink', () => {
  let server: TranscriptionServer
  let http: HttpClient
  beforeEach(async () => {
    server = await startCartesiaStt()
    http = createHttpClient()
  })
  afterEach(async () => {
    http.close()
    await server.close()
  })

  it('tells ink-whisper when speech has ended, and joins its pieces', async () => {
    const ears = listenTo(server, http, 'cartesia', { language: 'de-DE' })
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900, 'three', 600]))
    await ears.heard(2)
    expect(ears.finals.map(({ text, language }) => ({ text, language }))).toEqual([
      { text: 'one two', language: 'en' },
      { text: 'three', language: 'en' },
    ])
    expect(server.connections[0].texts).toEqual(['finalize', 'finalize'])
    expect(Object.fromEntries(server.connections[0].url.searchParams)).toEqual({
      model: 'ink-whisper',
      encoding: 'pcm_s16le',
      sample_rate: '16000',
      language: 'de',
    })
    await ears.transcriber.close()
  })

  it('hears the ends of turns from ink-2', async () => {
    const ears = listenTo(server, http, 'cartesia', { model: 'ink-2' })
    await ears.start()
    say(ears.transcriber, soundOf([300, 'one', 'two', 900]))
    await ears.heard(1)
    expect(ears.finals[0]).toMatchObject({ text: 'one two', endOfTurn: true })
    expect(server.connections[0].url.pathname).toBe('/stt/turns/websocket')
    await ears.transcriber.close()
  })

  it("serves the vendor's own client library, where it says when speech ends", async () => {
    const client = new Cartesia({ apiKey: KEY, baseURL: server.url })
    const socket = client.stt.manualFinalize.websocket({
      model: 'ink-whisper',
      encoding: 'pcm_s16le',
      sample_rate: 16_000,
    })
    let text = ''
    const done = new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('event', event => {
        if (event.type === 'transcript' && event.is_final) text += event.text
        if (event.type === 'flush_done') socket.send('close')
        if (event.type === 'done') resolve()
      })
    })
    for (const { samples } of soundOf([200, 'one', 'two', 100])) socket.sendRaw(Buffer.from(samples.buffer))
    socket.send('finalize')
    await done
    expect(text).toBe('one two')
    socket.close()
  })

  it("serves the vendor's own client library, where it finds turns", async () => {
    const client = new Cartesia({ apiKey: KEY, baseURL: server.url })
    const socket = client.stt.autoFinalize.websocket({
      model: 'ink-2',
      encoding: 'pcm_s16le',
      sample_rate: 16_000,
    })
    const turn = new Promise<string>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('event', event => {
        if (event.type === 'turn.end') resolve(event.transcript)
      })
    })
    for (const { samples } of soundOf([200, 'one', 'two', 600])) socket.sendRaw(Buffer.from(samples.buffer))
    expect(await turn).toBe('one two')
    socket.close()
  })
})
