import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import { AZURE_KEY, azureVoiceProtocol } from '../../support/providers/azure-voice.ts'
import { HUME_KEY, humeProtocol } from '../../support/providers/hume-voice.ts'
import { INWORLD_KEY, inworldProtocol } from '../../support/providers/inworld-voice.ts'
import { LMNT_KEY, lmntProtocol } from '../../support/providers/lmnt-voice.ts'
import { MINIMAX_KEY, miniMaxProtocol } from '../../support/providers/minimax-voice.ts'
import { NEUPHONIC_KEY, neuphonicProtocol } from '../../support/providers/neuphonic-voice.ts'
import { RIME_KEY, rimeProtocol } from '../../support/providers/rime-voice.ts'
import { SMALLEST_KEY, smallestProtocol } from '../../support/providers/smallest-voice.ts'
import { say, voiceAt } from '../../support/providers/speak.ts'
import {
  type SpeechProtocol,
  type SpeechServer,
  startSpeechServer,
  toneFor,
} from '../../support/providers/speech-server.ts'
import { XAI_KEY, xaiProtocol } from '../../support/providers/xai-voice.ts'

const TEXT = 'We open at nine, and we close at five.'

interface Row {
  id: string
  protocol: () => SpeechProtocol
  key: string
  path?: string
  rate: number
  /** Its sound comes inside JSON. */
  inJson?: true
}

const VENDORS: Row[] = [
  { id: 'azure', protocol: azureVoiceProtocol, key: AZURE_KEY, rate: 24_000 },
  { id: 'microsoft', protocol: azureVoiceProtocol, key: AZURE_KEY, rate: 24_000 },
  { id: 'rime-ai', protocol: rimeProtocol, key: RIME_KEY, rate: 24_000 },
  { id: 'lmnt', protocol: lmntProtocol, key: LMNT_KEY, rate: 24_000 },
  { id: 'hume', protocol: humeProtocol, key: HUME_KEY, rate: 48_000, inJson: true },
  { id: 'neuphonic', protocol: neuphonicProtocol, key: NEUPHONIC_KEY, rate: 22_050, inJson: true },
  { id: 'inworld', protocol: inworldProtocol, key: INWORLD_KEY, rate: 24_000, inJson: true },
  { id: 'minimax', protocol: miniMaxProtocol, key: MINIMAX_KEY, rate: 24_000, inJson: true },
  { id: 'smallest-ai', protocol: smallestProtocol, key: SMALLEST_KEY, rate: 24_000, inJson: true },
  { id: 'xai', protocol: xaiProtocol, key: XAI_KEY, path: '/v1', rate: 24_000 },
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

describe.each(VENDORS)('the voice $id', ({ id, protocol, key, path = '', rate }) => {
  beforeEach(async () => {
    server = await startSpeechServer(protocol())
  })
  const voice = (ownKey = key) => voiceAt(id, `${server.url}${path}`, ownKey, http, 'somebody')

  it('says the same sound wherever the network cuts it', async () => {
    expect((await say(voice(), TEXT)).samples).toEqual(toneFor(TEXT, rate))
    for (const pieceBytes of [1, 3, 1001]) {
      server.script({ pieceBytes })
      const text = pieceBytes === 1 ? 'Hi.' : TEXT
      expect((await say(voice(), text)).samples).toEqual(toneFor(text, rate))
    }
    expect(server.connections).toBe(1)
  })

  it('passes the first sound on while the rest is still being made', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    server.script({ waitAfter: { bytes: 45_000, until } })
    let samples = 0
    for await (const { audio } of voice().speak({ text: TEXT, settings: {} }, new AbortController().signal)) {
      release()
      samples += audio.type === 'pcm' ? audio.samples.length : 0
    }
    expect(samples).toBe(toneFor(TEXT, rate).length)
  })

  it.each([
    [401, 'voice-unauthorized', 4, false],
    [404, 'voice-bad-request', 1, false],
    [429, 'voice-rate-limited', 1, true],
    [500, 'voice-server-error', 1, true],
  ])('tells a refusal with status %i, without the key', async (status, code, exit, retryable) => {
    server.script({ status })
    const error = await failure(say(voice(), TEXT))
    expect(error).toBeInstanceOf(VapiError)
    expect(error).toMatchObject({ code, exit, retryable, status })
    expect(`${error.message} ${error.hint}`).not.toContain(key)
  })

  it('tells a key that is not taken', async () => {
    expect(await failure(say(voice('another'), TEXT))).toMatchObject({
      code: 'voice-unauthorized',
      exit: 4,
      hint: expect.stringMatching(/^set [A-Z_]+_KEY to a key that /),
    })
  })

  it('fails where words bring no sound', async () => {
    server.script({ silent: true })
    expect((await failure(say(voice(), TEXT))).message).toMatch(/gave no sound for “We open at nine/)
  })

  it('fails where the connection breaks in the middle, after the sound that came', async () => {
    server.script({ closeAfter: 45_001 })
    const lengths: number[] = []
    const speak = async () => {
      for await (const { audio } of voice().speak({ text: TEXT, settings: {} }, new AbortController().signal))
        if (audio.type === 'pcm') lengths.push(audio.samples.length)
    }
    expect(await failure(speak())).toMatchObject({ code: 'connection-lost', retryable: true })
    expect(lengths.length).toBeGreaterThan(0)
  })

  it('fails where an error comes with status 200', async () => {
    for (const contentType of [protocol().contentType, 'application/json']) {
      server.script({ instead: { contentType, body: JSON.stringify(protocol().error(500)) } })
      const error = await failure(say(voice(), TEXT))
      expect(error.code).toMatch(/^voice-/)
      expect(error.message).toMatch(/status 500|broke off before/)
    }
  })

  it('falls silent at once when it is cancelled in the middle', async () => {
    let release = () => {}
    const until = new Promise<void>(resolve => {
      release = resolve
    })
    server.script({ waitAfter: { bytes: 45_000, until } })
    const cancel = new AbortController()
    let count = 0
    for await (const _piece of voice().speak({ text: TEXT, settings: {} }, cancel.signal)) {
      count++
      cancel.abort()
    }
    expect(count).toBe(1)
    release()
  })
})

describe.each(VENDORS.filter(({ inJson }) => inJson))('the voice $id', ({ id, protocol, key }) => {
  it('fails where what comes is no JSON', async () => {
    server = await startSpeechServer(protocol())
    const { contentType } = protocol()
    const body = contentType === 'text/event-stream' ? 'data: {"audio": "AA\n\n' : '{"audio": "AA\n'
    server.script({ instead: { contentType, body } })
    const error = await failure(say(voiceAt(id, server.url, key, http, 'somebody'), TEXT))
    expect(error.message).toMatch(/sent something that is not a JSON object$/)
  })
})
