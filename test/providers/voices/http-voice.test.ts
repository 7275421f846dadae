import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { findVendor } from '../../../src/providers/vendors.ts'
import {
  createHttpVoice,
  createPcmReader,
  createSampleJoiner,
  type VoiceLimits,
} from '../../../src/providers/voices/http-voice.ts'
import { CARTESIA_KEY, cartesiaProtocol } from '../../support/providers/cartesia-voice.ts'
import { DEEPGRAM_KEY, deepgramVoiceProtocol } from '../../support/providers/deepgram-voice.ts'
import { ELEVENLABS_KEY, elevenLabsProtocol } from '../../support/providers/elevenlabs-voice.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../../support/providers/openai-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import {
  type SpeechProtocol,
  type SpeechServer,
  startSpeechServer,
  toneFor,
} from '../../support/providers/speech-server.ts'

const TEXT = 'We open at nine, and we close at five.'
const VENDORS: [id: string, protocol: () => SpeechProtocol, key: string, path: string][] = [
  ['11labs', elevenLabsProtocol, ELEVENLABS_KEY, ''],
  ['openai', openAiVoiceProtocol, OPENAI_KEY, '/v1'],
  ['cartesia', cartesiaProtocol, CARTESIA_KEY, ''],
  ['deepgram', deepgramVoiceProtocol, DEEPGRAM_KEY, ''],
]

let http: HttpClient
let server: SpeechServer
beforeEach(() => {
  http = createHttpClient()
})
afterEach(async () => {
  http.close()
  await server.close()
})

const failure = (promise: Promise<unknown>): Promise<VapiError> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: VapiError) => error,
  )

describe.each(VENDORS)('the voice %s', (id, protocol, key, path) => {
  beforeEach(async () => {
    server = await startSpeechServer(protocol())
  })
  const voice = (settings = {}) => voiceAt(id, `${server.url}${path}`, key, http, 'nova', settings)

  it('says the same sound wherever the network cuts it', async () => {
    const whole = await say(voice(), TEXT)
    expect(whole.samples).toEqual(toneFor(TEXT, id === 'openai' ? 24_000 : 16_000))
    for (const pieceBytes of [1, 3, 1001]) {
      server.script({ pieceBytes })
      const text = pieceBytes === 1 ? 'Hi.' : TEXT
      const { samples } = await say(voice(), text)
      expect(samples).toEqual(toneFor(text, id === 'openai' ? 24_000 : 16_000))
    }
  })

  it('passes the first sound on while the rest is still being made', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    server.script({ waitAfter: { bytes: 45_000, until } })
    let samples = 0
    for await (const { audio } of voice().speak({ text: TEXT, settings: {} }, new AbortController().signal)) {
      if (audio.type === 'pcm') samples += audio.samples.length
      // Without its first sound the server would never go on.
      if (samples > 0) release()
    }
    expect(samples).toBe(toneFor(TEXT, id === 'openai' ? 24_000 : 16_000).length)
  })

  it('keeps its connection for the next text', async () => {
    for (const text of ['One.', 'Two.', 'Three.']) await say(voice(), text)
    expect(server.requests).toHaveLength(3)
    expect(server.connections).toBe(1)
  })

  it.each([
    [401, 'voice-unauthorized', 4, false],
    [403, 'voice-unauthorized', 4, false],
    [404, 'voice-bad-request', 1, false],
    [429, 'voice-rate-limited', 1, true],
    [500, 'voice-server-error', 1, true],
  ])(
    'tells what the provider says with status %i, without the key',
    async (status, code, exit, retryable) => {
      server.script({ status })
      const error = await failure(say(voice(), TEXT))
      expect(error).toBeInstanceOf(VapiError)
      expect(error).toMatchObject({ code, exit, retryable, status })
      const said = /"(?:message|err_msg)":"([^"]+)"/.exec(JSON.stringify(protocol().error(status)))?.[1]
      expect(error.message).toContain(`answered with ${status}`)
      expect(error.message).toContain(said)
      expect(`${error.message} ${error.hint}`).not.toContain(key)
    },
  )

  it('keeps the connection of a refused request', async () => {
    server.script({ status: 429 })
    await failure(say(voice(), TEXT))
    await say(voice(), TEXT)
    expect(server.connections).toBe(1)
  })

  it('fails where words bring no sound', async () => {
    server.script({ silent: true })
    const error = await failure(say(voice(), TEXT))
    expect(error).toMatchObject({ code: 'voice-failed', retryable: true })
    expect(error.message).toMatch(/gave no sound for “We open at nine/)
  })

  it('fails where the connection breaks in the middle, after the sound that came', async () => {
    server.script({ closeAfter: 45_001 })
    const pieces: number[] = []
    const error = await failure(
      (async () => {
        for await (const { audio } of voice().speak(
          { text: TEXT, settings: {} },
          new AbortController().signal,
        ))
          if (audio.type === 'pcm') pieces.push(audio.samples.length)
      })(),
    )
    expect(error).toMatchObject({ code: 'connection-lost', retryable: true })
    expect(error.message).toMatch(/failed: .* closed the connection before its answer was complete/)
    expect(pieces.length).toBeGreaterThan(0)
  })

  it('fails where an error comes with status 200', async () => {
    for (const contentType of [protocol().contentType, 'application/json']) {
      const body = `${JSON.stringify(protocol().error(500))}\n`
      server.script({ instead: { contentType, body } })
      const error = await failure(say(voice(), TEXT))
      expect(error.message).toMatch(/answered with an error: (Something went wrong|An unexpected|The server)/)
    }
  })

  it('falls silent at once when it is cancelled in the middle, and speaks the next text on the same connection', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    server.script({ waitAfter: { bytes: 45_000, until } })
    const cancel = new AbortController()
    let count = 0
    for await (const _piece of voice().speak({ text: TEXT, settings: {} }, cancel.signal)) {
      count++
      // The server waits: only the cancelling ends this loop.
      cancel.abort()
    }
    expect(count).toBe(1)
    release()
    await say(voice(), 'Of course.')
    await say(voice(), 'Of course.')
    // The one that was cancelled may still have been busy at the first of them.
    expect(server.connections).toBeLessThanOrEqual(2)
    expect(server.open).toBe(server.connections)
  })

  it('says nothing when it is cancelled before its answer, which is let go', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    server.script({ until })
    const cancel = new AbortController()
    const said = say(voice(), TEXT, {}, cancel.signal)
    while (server.requests.length === 0) await new Promise(resolve => setImmediate(resolve))
    cancel.abort()
    expect((await said).pieces).toEqual([])
    release()
  })

  it('is not asked when it is cancelled before it begins', async () => {
    expect((await say(voice(), TEXT, {}, AbortSignal.abort())).pieces).toEqual([])
    expect(server.requests).toEqual([])
  })
})

describe('limits of a voice', () => {
  const never = new Promise<void>(() => {})
  const vendor = findVendor('deepgram')
  const voice = (limits: Partial<VoiceLimits>) => {
    return createHttpVoice({
      name: 'deepgram/thalia',
      http,
      context: { vendor: required(vendor), stage: 'voice', key: DEEPGRAM_KEY },
      request: ({ text }) => ({
        method: 'POST',
        url: `${server.url}/v1/speak?model=aura-2-thalia-en&encoding=linear16&container=none&sample_rate=16000`,
        headers: { authorization: `Token ${DEEPGRAM_KEY}` },
        body: JSON.stringify({ text }),
      }),
      reader: () => createPcmReader(16_000),
      limits,
    })
  }
  beforeEach(async () => {
    server = await startSpeechServer(deepgramVoiceProtocol())
  })

  it('hold while no answer comes', async () => {
    server.script({ until: never })
    const error = await failure(say(voice({ firstByteMs: 50 }), TEXT))
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    expect(error.message).toMatch(/^Deepgram failed: .* sent no answer within 50 ms$/)
    await server.closedTo(0)
  })

  it('hold while the sound stands still, and the connection is closed', async () => {
    server.script({ waitAfter: { bytes: 5000, until: never } })
    const error = await failure(say(voice({ idleMs: 50 }), TEXT))
    expect(error.message).toMatch(/sent nothing for 50 ms in mid-answer$/)
    await server.closedTo(0)
  })

  it('hold while everything comes but sound', async () => {
    await server.close()
    server = await startSpeechServer({
      ...deepgramVoiceProtocol(),
      speak: () => Array(500).fill(Buffer.of(1)),
    })
    server.script({ paceMs: 4 })
    const silent = createHttpVoice({
      name: 'deepgram/thalia',
      http,
      context: { vendor: required(vendor), stage: 'voice', key: null },
      request: ({ text }) => ({
        url: `${server.url}/v1/speak?model=aura-2-thalia-en&encoding=linear16&container=none&sample_rate=16000`,
        headers: { authorization: `Token ${DEEPGRAM_KEY}` },
        body: JSON.stringify({ text }),
      }),
      reader: () => ({ push: () => [] }),
      limits: { soundMs: 40 },
    })
    expect((await failure(say(silent, TEXT))).message).toBe('Deepgram sent no sound for 0.04 s')
  })

  it('do not count it between words that come without sound either', async () => {
    server.script({ pieceBytes: 2000, paceMs: 1 })
    let reads = 0
    const words = [{ from: 0, to: 2, startMs: 0, endMs: 100 }]
    const silence = { type: 'silent', durationMs: 0 } as const
    const timed = createHttpVoice({
      name: 'deepgram/thalia',
      http,
      context: { vendor: required(vendor), stage: 'voice', key: null },
      request: ({ text }) => ({
        url: `${server.url}/v1/speak?model=aura-2-thalia-en&encoding=linear16&container=none&sample_rate=16000`,
        headers: { authorization: `Token ${DEEPGRAM_KEY}` },
        body: JSON.stringify({ text }),
      }),
      // Words alone, nothing, then sound.
      reader: () => ({
        push: () => {
          reads++
          if (reads === 1) return [{ audio: silence, words }]
          if (reads === 2) return []
          return [{ audio: { type: 'pcm', samples: Int16Array.of(1), sampleRate: 16_000 } }]
        },
      }),
      limits: { soundMs: 100 },
    })
    const heard: string[] = []
    for await (const { audio } of timed.speak({ text: TEXT, settings: {} }, new AbortController().signal)) {
      if (heard.length === 0) await new Promise(resolve => setTimeout(resolve, 200))
      heard.push(audio.type)
    }
    expect(heard[0]).toBe('silent')
    expect(heard[1]).toBe('pcm')
  })

  it('hold while an error comes drop by drop, whose status is told all the same', async () => {
    const dripping = createServer((_request, response) => {
      response.writeHead(401)
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })
    await new Promise<void>(resolve => dripping.listen(0, '127.0.0.1', resolve))
    const { port } = dripping.address() as AddressInfo
    const startMs = performance.now()
    const error = await failure(
      say(voiceAt('deepgram', `http://127.0.0.1:${port}`, DEEPGRAM_KEY, http, 'thalia', {}), TEXT),
    )
    expect(error).toMatchObject({ code: 'voice-unauthorized', status: 401, exit: 4 })
    expect(performance.now() - startMs).toBeLessThan(4000)
    dripping.closeAllConnections()
    dripping.close()
  })

  it('hold for an error of any length', async () => {
    const long = createServer((_request, response) => void response.writeHead(429).end('y'.repeat(200_000)))
    await new Promise<void>(resolve => long.listen(0, '127.0.0.1', resolve))
    const { port } = long.address() as AddressInfo
    const error = await failure(
      say(voiceAt('deepgram', `http://127.0.0.1:${port}`, DEEPGRAM_KEY, http, 'thalia', {}), TEXT),
    )
    expect(error).toMatchObject({ code: 'voice-rate-limited', status: 429, retryable: true })
    long.closeAllConnections()
    long.close()
  })

  it('do not count the time in which the listener takes nothing', async () => {
    server.script({ pieceBytes: 2000, paceMs: 1 })
    let samples = 0
    let isFirst = true
    const sound = voice({ idleMs: 40, soundMs: 40 }).speak(
      { text: TEXT, settings: {} },
      new AbortController().signal,
    )
    for await (const { audio } of sound) {
      if (isFirst) await new Promise(resolve => setTimeout(resolve, 120))
      isFirst = false
      samples += audio.type === 'pcm' ? audio.samples.length : 0
    }
    expect(samples).toBe(toneFor(TEXT, 16_000).length)
  })

  it('close a connection whose leftover does not end', async () => {
    server.script({ waitAfter: { bytes: 5000, until: never } })
    const cancel = new AbortController()
    for await (const _piece of voice({}).speak({ text: TEXT, settings: {} }, cancel.signal)) cancel.abort()
    expect(server.open).toBe(1)
    await server.closedTo(0)
  })
})

it('samples are joined of bytes that are cut anywhere', () => {
  server = { close: async () => {} } as SpeechServer
  const bytes = Buffer.from(toneFor('Hello', 8000).buffer)
  for (const size of [1, 2, 3, 5, 7]) {
    const join = createSampleJoiner()
    const joined: number[] = []
    for (let at = 0; at < bytes.length; at += size) joined.push(...join(bytes.subarray(at, at + size)))
    expect(Int16Array.from(joined)).toEqual(toneFor('Hello', 8000))
    expect(join(new Uint8Array())).toHaveLength(0)
  }
})

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('there is none')
  return value
}
