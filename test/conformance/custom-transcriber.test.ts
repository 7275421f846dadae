import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { joinSamples } from '../../src/audio/samples.ts'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { faintNoise } from '../providers/recognisers/hearing.ts'
import { callLive, type LiveCallSeen } from '../support/live.ts'
import { temporaryFolder } from '../support/program.ts'
import {
  type PeerOptions,
  startTranscriberPeer,
  type TranscriberPeer,
  words,
} from '../support/providers/transcriber-peer.ts'
import { sideOf } from '../support/providers/two-sides.ts'
import { synthesise } from '../support/speech.ts'

/** Answers soon after the customer's last word. */
const quick = {
  startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'livekit', waitFunction: '300' } },
}

/** A file in which the customer says one sentence after so many seconds. */
async function saying(text: string, afterSeconds: number): Promise<string> {
  const path = join(temporaryFolder(), 'customer.wav')
  const sound = [faintNoise(afterSeconds * 16_000), await synthesise(text), faintNoise(8000)]
  writeFileSync(path, encodeWav(joinSamples(sound), { sampleRate: 16_000, channels: 1 }))
  return path
}

/** Understands "where is my order" in whatever the customer says. */
const understands: PeerOptions = {
  heard: (side, _samples, connection) => {
    if (side === 'customer') connection.reply(words('where is my order'))
  },
}

async function peer(options: PeerOptions): Promise<TranscriberPeer> {
  const started = await startTranscriberPeer(options)
  onTestFinished(() => started.close())
  return started
}

async function callWith(transcriber: object, more: object = {}): Promise<LiveCallSeen> {
  const customer = { type: 'file', path: await saying('Where is my order?', 0.5) } as const
  return callLive({ ...quick, ...more, transcriber }, customer, ['It is on its way.'])
}

const at = (url: string, server: object = {}) => ({
  provider: 'custom-transcriber',
  server: { url, ...server },
})
const finals = ({ all }: LiveCallSeen) =>
  all('transcript').flatMap(({ role, transcriptType, transcript }) =>
    role === 'user' && transcriptType === 'final' ? [transcript] : [],
  )
const endedReason = ({ all }: LiveCallSeen) => all('call.ended')[0]?.endedReason
const FAILED = 'call.in-progress.error-vapifault-custom-transcriber-failed'

describe('a call with a custom transcriber', () => {
  let made: ReturnType<typeof makeCall> | null = null
  /** One call for all of these, made in the first of them. */
  const theCall = () => {
    made ??= makeCall()
    return made
  }

  async function makeCall() {
    const server = await startTranscriberPeer({
      heard: (side, _samples, to) => {
        if (side === 'assistant') {
          to.reply(words('hello this is the desk', { channel: 'assistant' }))
          return
        }
        to.reply(words('where is', { channel: 'customer', transcriptType: 'partial' }))
        to.reply(words('where is my order'))
      },
    })
    const path = join(temporaryFolder(), 'recording.wav')
    const bearer = { type: 'bearer', token: 'tk-1234567' }
    const seen = await callLive(
      {
        ...quick,
        firstMessage: 'Hello, this is the desk.',
        firstMessageMode: 'assistant-speaks-first',
        voice: { provider: 'embedded', voiceId: 'slt' },
        transcriber: at(server.url, { secret: 'old-secret', credentialId: 'mine' }),
        credentials: [{ provider: 'custom-credential', name: 'mine', authenticationPlan: bearer }],
      },
      { type: 'file', path: await saying('Where is my order?', 4) },
      ['It is on its way.'],
      { files: { recording: path } },
    )
    const connection = await server.connection(0)
    const code = await connection.closed
    await server.close()
    return { server, connection, code, seen, recording: readFileSync(path).subarray(44) }
  }

  it('[transcriber-connects, transcriber-configuration] opens a WebSocket to server.url with its path', async () => {
    const { server, connection } = await theCall()
    expect(server.connections).toHaveLength(1)
    expect(connection.path).toBe('/api/custom-transcriber')
  })

  it('[transcriber-credential, transcriber-legacy-secret] says who it is by the credential and the legacy secret', async () => {
    const { connection } = await theCall()
    expect(connection.headers).toMatchObject({
      authorization: 'Bearer tk-1234567',
      'x-vapi-secret': 'old-secret',
    })
  })

  it('[transcriber-start-first, transcriber-start-encoding, transcriber-start-container, transcriber-start-sample-rate, transcriber-start-channels] begins with the start message', async () => {
    const { connection } = await theCall()
    const [first] = connection.received
    expect(first !== undefined && 'text' in first && JSON.parse(first.text)).toEqual({
      type: 'start',
      encoding: 'linear16',
      container: 'raw',
      sampleRate: 16_000,
      channels: 2,
    })
  })

  it('[transcriber-text-and-binary, transcriber-whole-samples, transcriber-real-time] then sends each 20 ms as a binary frame of its own, as they come', async () => {
    const { connection } = await theCall()
    expect(connection.texts()).toHaveLength(1)
    expect(new Set(connection.pieces().map(({ length }) => length))).toEqual(new Set([20 * 16 * 4]))
    const times = connection.received.flatMap(item => ('bytes' in item ? [item.atMs] : []))
    const gaps = times.slice(1).map((atMs, place) => atMs - (times[place] ?? 0))
    const median = gaps.toSorted((one, other) => one - other)[Math.floor(gaps.length / 2)] ?? 0
    expect(median).toBeGreaterThan(10)
    expect(median).toBeLessThan(30)
  })

  it('[transcriber-channels, transcriber-binary-sound, transcriber-continuous-stream] has the customer on channel 0 and the assistant on channel 1, without a gap, as the recording has them', async () => {
    const { connection, recording } = await theCall()
    const customer = aligned(sideOf(recording, 'customer'), connection.side('customer'))
    const seconds = customer.same / 16_000
    expect(seconds).toBeGreaterThan(5)
    // All but what was on its way when the call ended.
    expect(connection.side('customer').length - customer.same).toBeLessThan(1600)
    const [recorded, sent] = [sideOf(recording, 'assistant'), connection.side('assistant')]
    const late = aligned(recorded, sent).offset - customer.offset
    expect(Math.abs(late)).toBeLessThan(0.5 * 16_000)
    // A busy machine may put silence in between.
    const [said, got] = [recorded.filter(Boolean), sent.filter(Boolean)]
    expect(got.length).toBeGreaterThan(0.9 * said.length)
    expect(got).toEqual(said.subarray(0, got.length))
  })

  it('[transcriber-first-message] speaks its first message before any transcript', async () => {
    const { seen } = await theCall()
    const names = seen.observations.map(({ type }) => type)
    expect(names.indexOf('assistant.speech.started')).toBeLessThan(names.indexOf('transcript'))
    expect(seen.all('assistant.speech.started')[0]).toMatchObject({ text: 'Hello, this is the desk.' })
  })

  it('[transcriber-response, transcriber-response-text, transcriber-final-comes-back] has the words of the server in its transcript, final where they are not partial', async () => {
    const { seen } = await theCall()
    const heard = seen.all('transcript').filter(({ role }) => role === 'user')
    expect(heard.map(({ transcriptType, transcript }) => `${transcriptType}: ${transcript}`)).toEqual([
      'partial: where is',
      'final: where is my order',
    ])
  })

  it('[transcriber-response-customer, transcriber-response-assistant] has one turn, of the customer’s words', async () => {
    const { seen } = await theCall()
    expect(seen.all('turn.ended')).toHaveLength(1)
    expect(seen.all('assistant.speech.stopped').map(({ spokenText }) => spokenText)).toEqual([
      'Hello, this is the desk.',
      'It is on its way.',
    ])
  })

  it('[transcriber-closed-at-the-end] closes the connection at its end', async () => {
    const { seen, code } = await theCall()
    expect(code).toBe(1000)
    expect(endedReason(seen)).toBe('customer-ended-call')
  })
})

describe('a custom transcriber that fails', () => {
  it('[transcriber-error] by an error message ends the call', async () => {
    const server = await peer({
      heard: (_side, _samples, to) => to.reply({ type: 'error', error: 'out of order' }),
    })
    const seen = await callWith(at(server.url))
    expect(endedReason(seen)).toBe(FAILED)
    expect(server.connections).toHaveLength(1)
  })

  it('[transcriber-error] by an error message is followed by its fallback, which gets the sound without a transcript', async () => {
    const broken = await peer({
      heard: (_side, _samples, to) => to.reply({ type: 'error', error: 'out of order' }),
    })
    const other = await peer(understands)
    const seen = await callWith({ ...at(broken.url), fallbackPlan: { transcribers: [at(other.url)] } })
    expect(finals(seen)).toEqual(['where is my order'])
    expect(endedReason(seen)).toBe('customer-ended-call')
  })

  it('[transcriber-socket-lost] by the loss of its connection, where it takes no other, ends the call', async () => {
    const server = await peer({
      heard: (_side, _samples, to) => to.drop(),
      refuse: (_request, index) => (index === 0 ? null : { status: 503, said: 'gone' }),
    })
    expect(endedReason(await callWith(at(server.url)))).toBe(FAILED)
  })

  it('[transcriber-socket-lost] by the loss of its connection is connected to again first, and no word is lost', async () => {
    let losses = 0
    const server = await peer({
      heard: (_side, _samples, to) => {
        if (losses++ === 0) to.drop()
        else to.reply(words('where is my order'))
      },
    })
    const seen = await callWith(at(server.url))
    expect(finals(seen)).toEqual(['where is my order'])
    expect(server.connections).toHaveLength(2)
    expect(endedReason(seen)).toBe('customer-ended-call')
  })

  it('[transcriber-malformed] in single messages is told of, and listened to on', async () => {
    const server = await peer({
      heard: (_side, _samples, to) => {
        to.reply('{"type": "transcriber-response", "transcr')
        to.reply({ type: 'transcriber-response', channel: 'customer' })
        to.reply(words('where is my order'))
      },
    })
    const seen = await callWith(at(server.url))
    expect(finals(seen)).toEqual(['where is my order'])
    expect(seen.warnings.filter(warning => warning.startsWith('the custom transcriber'))).toEqual([
      expect.stringContaining('no JSON object'),
      expect.stringContaining('without a transcription'),
    ])
  })
})

describe('the address of a custom transcriber', () => {
  it('[transcriber-url-scheme] is refused with its path where it is none of a WebSocket', () => {
    const refused = (transcriber: object) => () => parseAssistant({ transcriber }, 'test')
    expect(refused(at('wss://example.com/listen'))).not.toThrow()
    expect(refused(at('https://example.com/listen'))).toThrow(
      /transcriber\.server\.url: https:\/\/example\.com\/listen is not an address that begins with ws:\/\/ or wss:\/\//,
    )
    const fallbackPlan = { transcribers: [at('http://example.com')] }
    expect(refused({ provider: 'deepgram', fallbackPlan })).toThrow(
      /transcriber\.fallbackPlan\.transcribers\[0\]\.server\.url: http:/,
    )
  })

  it('[transcriber-configuration] is demanded before the call', async () => {
    await expect(callWith({ provider: 'custom-transcriber' })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining('transcriber.server.url is missing'),
    })
  })
})

/**
 * How many samples of `part`, from its first sound on, are in `whole` as they are, and how much later its first sound stands
 * there.
 */
function aligned(whole: Int16Array, part: Int16Array): { same: number; offset: number } {
  const first = (samples: Int16Array) => samples.findIndex(sample => sample !== 0)
  const offset = first(whole) - first(part)
  let same = first(part)
  while (same < part.length && part[same] === (whole[same + offset] ?? 0)) same++
  return { same, offset }
}
