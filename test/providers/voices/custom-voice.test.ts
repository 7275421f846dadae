import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { customVoice } from '../../../src/call/live/parts/custom-voice.ts'
import type { Voice } from '../../../src/engine/ports/voice.ts'
import { createHttpClient, type HttpClient } from '../../../src/net/http.ts'
import {
  type CustomVoiceServer,
  soundFor,
  startCustomVoice,
} from '../../support/providers/custom-voice-server.ts'
import { wavHeader } from '../../support/providers/playht-voice.ts'
import { say } from '../../support/providers/speak.ts'
import { bytesOf, toneFor } from '../../support/providers/speech-server.ts'

const TEXT = 'We open at nine, and we close at five.'

let http: HttpClient
let server: CustomVoiceServer
let warnings: string[]
beforeEach(() => {
  http = createHttpClient()
  warnings = []
})
afterEach(async () => {
  http.close()
  await server.close()
})

const start = async (answer?: Parameters<typeof startCustomVoice>[0]) => {
  server = await startCustomVoice(answer)
}
const answering = (body: Buffer | string, contentType = 'application/octet-stream', status = 200) =>
  start((_request, response) => void response.writeHead(status, { 'content-type': contentType }).end(body))

function voice(own: object = {}, credentials: unknown = undefined, voiceId: string | null = null): Voice {
  const choice = {
    name: 'custom-voice/default',
    voiceId,
    settings: { server: { url: server.url, ...own } },
    path: 'voice',
    credentials,
  }
  return customVoice(choice, {
    http,
    envelope: () => ({ timestamp: 1, call: { id: 'call-1' }, assistant: { name: 'Ann' } }),
    warn: message => void warnings.push(message),
  })
}
const told = async (text = TEXT) =>
  (await say(voice(), text)).pieces.flatMap(({ warning }) => (warning === undefined ? [] : [warning]))

describe('a custom voice', () => {
  it('is asked by a voice-request with the fields of the call, and heard as it answers', async () => {
    await start()
    const before = Date.now()
    const { samples, pieces } = await say(voice({}, undefined, 'nova'), TEXT)
    expect(samples).toEqual(toneFor(TEXT, 24_000))
    expect(pieces.length).toBeGreaterThan(1)
    const [{ message, headers } = { message: {}, headers: {} }] = server.requests
    expect(message).toEqual({
      timestamp: expect.any(Number),
      call: { id: 'call-1' },
      assistant: { name: 'Ann' },
      type: 'voice-request',
      text: TEXT,
      sampleRate: 24_000,
      voiceId: 'nova',
    })
    expect(Number(server.requests[0]?.message.timestamp)).toBeGreaterThanOrEqual(before)
    expect(headers['content-type']).toBe('application/json')
  })

  it('is asked without a voiceId where the assistant names none', async () => {
    await start()
    await say(voice(), TEXT)
    expect(server.requests[0]?.message).not.toHaveProperty('voiceId')
  })

  it('knows the sender by the secret and the headers of its server', async () => {
    await start()
    await say(voice({ secret: 's3cret', headers: { 'X-Mine': 'yes' } }), TEXT)
    expect(server.requests[0]?.headers).toMatchObject({ 'x-vapi-secret': 's3cret', 'x-mine': 'yes' })
  })

  it('knows the sender by the bearer token of a credential', async () => {
    await start()
    const plan = { type: 'bearer', token: 'tok', headerName: 'X-Token', bearerPrefixEnabled: false }
    await say(voice({ credentialId: 'mine' }, [{ name: 'mine', authenticationPlan: plan }]), TEXT)
    expect(server.requests[0]?.headers['x-token']).toBe('tok')
  })

  it('knows the sender by a signature of exactly what it got', async () => {
    await start()
    const plan = { type: 'hmac', secretKey: 'k', algorithm: 'sha512' }
    const signed = voice({ credentialId: 'mine' }, [{ id: 'mine', authenticationPlan: plan }])
    for (const text of [TEXT, 'Schöne Grüße.']) await say(signed, text)
    expect(server.requests).toHaveLength(2)
    for (const { headers, text } of server.requests)
      expect(headers['x-signature']).toBe(
        createHmac('sha512', 'k').update(`${headers['x-timestamp']}.${text}`).digest('hex'),
      )
  })

  it('knows the sender by a token of a token server', async () => {
    await start()
    const tokens = await startTokenServer()
    const plan = { type: 'oauth2', url: tokens.url, clientId: 'id', clientSecret: 'secret' }
    const own = voice({ credentialId: 'mine' }, [{ id: 'mine', authenticationPlan: plan }])
    for (const text of ['One.', 'Two.']) await say(own, text)
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer t-1', 'Bearer t-1'])
    await tokens.close()
  })

  it('tells before the call what is left out', async () => {
    await start()
    voice({ credentialId: 'stored', backoffPlan: { maxRetries: 3 }, encryptedPaths: ['a'] })
    expect(warnings).toEqual([
      'voice.server.backoffPlan has no effect in a local call',
      'voice.server.encryptedPaths has no effect in a local call',
      expect.stringMatching(/^voice\.server\.credentialId stored names a stored credential/),
    ])
  })

  it.each([
    [{}, /^voice\.server\.url is missing: custom-voice is a server of yours$/],
    [{ server: { url: 'ftp://x' } }, /is not an address that begins with http/],
    [{ server: { url: 'http://' } }, /is not an address that begins with http/],
  ])('is no voice with %o', async (settings, message) => {
    await start()
    const choice = { name: 'custom-voice/x', voiceId: null, settings, path: 'voice', credentials: undefined }
    expect(() => customVoice(choice, { http, envelope: () => ({}), warn: () => {} })).toThrow(message)
  })
})

describe('the sound of a custom voice', () => {
  it('may be cut anywhere', async () => {
    await start(async ({ message }, response) => {
      const sound = soundFor(message)
      for (let at = 0; at < sound.length; at += 1501) {
        await new Promise<void>(resolve => response.write(sound.subarray(at, at + 1501), () => resolve()))
      }
      response.end()
    })
    const { samples, pieces } = await say(voice(), TEXT)
    expect(samples).toEqual(toneFor(TEXT, 24_000))
    expect(pieces.some(({ warning }) => warning !== undefined)).toBe(false)
  })

  it('loses the header of a WAV file, which is told', async () => {
    await start(({ message }, response) => {
      response.write(wavHeader(24_000).subarray(0, 9))
      response.end(Buffer.concat([wavHeader(24_000).subarray(9), soundFor(message)]))
    })
    const { samples, pieces } = await say(voice(), TEXT)
    expect(samples).toEqual(toneFor(TEXT, 24_000))
    expect(pieces[0]?.warning).toMatch(
      /^the custom voice at http:.*\/voice answered with a WAV file of 24000 Hz/,
    )
  })

  it('has the rate of its WAV file, and its two sides become one', async () => {
    const mono = toneFor(TEXT, 16_000)
    const stereo = Int16Array.from({ length: mono.length * 2 }, (_, at) =>
      at % 2 === 0 ? (mono[at / 2] ?? 0) : 0,
    )
    await answering(Buffer.concat([wavHeader(16_000, 2), bytesOf(stereo)]), 'audio/wav')
    const { samples, pieces } = await say(voice(), TEXT)
    expect(pieces[0]?.audio).toMatchObject({ sampleRate: 16_000 })
    expect(samples).toEqual(mono.map(sample => Math.round(sample / 2)))
  })

  it('is told to have half a sample too many', async () => {
    await answering(Buffer.concat([bytesOf(toneFor(TEXT, 24_000)), Buffer.of(1)]))
    const { length } = toneFor(TEXT, 24_000)
    expect(await told()).toEqual([
      expect.stringContaining(`answered with ${length * 2 + 1} bytes, half a sample too many`),
    ])
  })

  it('is told to be of another length than speech has', async () => {
    await answering(bytesOf(toneFor(TEXT.slice(0, 9), 24_000)))
    expect(await told()).toEqual([
      expect.stringMatching(
        /answered 38 characters with 0\.5 s of sound: are its samples 16-bit mono of 24000 Hz\?$/,
      ),
    ])
    // A word is too short to judge by.
    expect(await told('No.')).toEqual([])
  })

  it.each([
    [
      'an error as JSON',
      '{"error":"no such voice"}',
      'application/json',
      200,
      /answered with an error: no such voice$/,
    ],
    [
      'an error under a wrong name',
      '{"error":"no such voice"}',
      'application/octet-stream',
      200,
      /no such voice$/,
    ],
    ['a page', '<html>Not here</html>', 'text/html', 200, /answered with an error: <html>Not here/],
    ['nothing', '', 'application/octet-stream', 200, /gave no sound for “We open/],
    ['an MP3 file', 'ID3\u0004…', 'audio/mpeg', 200, /answered with MP3; 16-bit samples are needed$/],
    [
      'status 500',
      '{"message":"down"}',
      'application/json',
      500,
      /answered with 500 Internal Server Error: down$/,
    ],
    ['status 201 without sound', '', 'application/octet-stream', 204, /gave no sound/],
  ])('fails with %s', async (_what, body, contentType, status, message) => {
    await answering(body, contentType, status)
    await expect(say(voice(), TEXT)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      code: expect.stringMatching(/^voice-/),
    })
  })

  it('fails where the server refuses the sender, who is told where to look', async () => {
    await answering('{"error":"who are you?"}', 'application/json', 401)
    await expect(say(voice({ secret: 'hush' }), TEXT)).rejects.toMatchObject({
      code: 'voice-unauthorized',
      exit: 1,
      message: expect.stringMatching(/answered with 401 Unauthorized: who are you\?$/),
      hint: 'look at voice.server: its headers, its secret, or the credential that credentialId names',
    })
  })

  it('does not show its secrets where the server repeats them', async () => {
    await answering('{"error":"wrong: s3cret-value, Bearer t0ken-value"}', 'application/json', 500)
    const own = { secret: 's3cret-value', headers: { Authorization: 'Bearer t0ken-value' } }
    await expect(say(voice(own), TEXT)).rejects.toThrow(/: wrong: \*\*\*, (Bearer )?\*\*\*$/)
  })

  it('fails after timeoutSeconds without an answer, or in the middle of one', async () => {
    await start(() => {})
    await expect(say(voice({ timeoutSeconds: 0.05 }), TEXT)).rejects.toMatchObject({ code: 'timeout' })
    await server.close()
    await start((_request, response) => void response.write(Buffer.alloc(4800)))
    await expect(say(voice({ timeoutSeconds: 0.05 }), TEXT)).rejects.toThrow(
      /sent nothing for 50 ms in mid-answer/,
    )
  })

  it('fails where the connection breaks, after the sound that came', async () => {
    await start((_request, response) => {
      response.write(Buffer.alloc(9600), () => response.destroy())
    })
    await expect(say(voice(), TEXT)).rejects.toMatchObject({ code: 'connection-lost', retryable: true })
  })
})

async function startTokenServer() {
  const { createServer } = await import('node:http')
  let given = 0
  const tokens = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ access_token: `t-${++given}`, token_type: 'bearer', expires_in: 3600 }))
  })
  await new Promise<void>(resolve => tokens.listen(0, '127.0.0.1', resolve))
  const { port } = tokens.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/token`,
    close: () => new Promise(resolve => tokens.close(resolve)),
  }
}
