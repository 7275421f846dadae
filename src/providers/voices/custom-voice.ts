/**
 * A voice of the user's own: each stretch of text is a `voice-request` to its server, which answers with bare 16-bit mono
 * samples at the rate that was asked for (API: CustomVoice, ServerMessageVoiceRequest; vapi-api.md 6.3).
 */
import type { Voice, VoicePiece, VoiceRequest } from '../../engine/ports/voice.ts'
import { Exit, VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { secretsIn } from '../provider-error.ts'
import type { Vendor } from '../vendors.ts'
import { createHttpVoice, type SoundReader } from './http-voice.ts'
import { createWavReader } from './wav-reader.ts'

export interface CustomVoiceOptions {
  /** `custom-voice/NAME`, as the plan names it. */
  name: string
  /** Goes along where the assistant names one. */
  voiceId: string | null
  url: string
  /** Until the reply begins, and between two pieces of it. */
  timeoutMs: number
  http: HttpClient
  /** The fields of the message that describe the call at this moment. */
  envelope: () => Readonly<Record<string, unknown>>
  /** Wall clock, in milliseconds since 1970. */
  now: () => number
  /** How the server knows the sender. */
  headers: (
    request: { method: string; body: string },
    signal: AbortSignal,
  ) => Promise<Readonly<Record<string, string>>>
}

/** The rate of the API's own example. */
const SAMPLE_RATE = 24_000
/** Characters a second that no voice speaks: then the samples are of another kind or rate. */
const SLOWEST = 4
const FASTEST = 45
const LEAST_CHARACTERS = 20

export function createCustomVoice(options: CustomVoiceOptions): Voice {
  const { url, timeoutMs } = options
  const { origin, pathname } = new URL(url)
  const vendor: Vendor = {
    id: 'custom-voice',
    label: `the custom voice at ${origin}${pathname}`,
    baseUrl: url,
    baseUrlVariables: [],
    keyVariables: [],
    keyRequired: false,
  }
  let secrets: readonly string[] = []
  const context = { vendor, stage: 'voice', key: null, secrets: () => secrets } as const
  const voice = createHttpVoice({
    name: options.name,
    http: options.http,
    context,
    limits: { connectMs: timeoutMs, firstByteMs: timeoutMs, idleMs: timeoutMs, soundMs: timeoutMs },
    async request({ text }, signal) {
      const body = JSON.stringify({
        message: {
          ...options.envelope(),
          timestamp: options.now(),
          type: 'voice-request',
          text,
          sampleRate: SAMPLE_RATE,
          ...(options.voiceId !== null && { voiceId: options.voiceId }),
        },
      })
      const headers = await options.headers({ method: 'POST', body }, signal)
      secrets = secretsIn(headers)
      return { method: 'POST', url, headers: { 'content-type': 'application/json', ...headers }, body }
    },
    reader: asked =>
      watched(
        createWavReader({
          sampleRate: SAMPLE_RATE,
          context,
          headerWarning: ({ sampleRate }) =>
            `${vendor.label} answered with a WAV file of ${sampleRate} Hz; the hosted platform would play its header as a click, answer with bare samples of ${SAMPLE_RATE} Hz`,
        }),
        asked,
        vendor.label,
      ),
  })
  return {
    ...voice,
    async *speak(asked, signal) {
      try {
        yield* voice.speak(asked, signal)
      } catch (thrown) {
        throw withoutKeyHint(thrown)
      }
    },
  }
}

/** The reader, with a word on sound that cannot be what was asked for. */
function watched(reader: SoundReader, { text }: VoiceRequest, label: string): SoundReader {
  let bytes = 0
  let soundMs = 0
  const counted = (pieces: VoicePiece[]): VoicePiece[] => {
    for (const { audio } of pieces)
      if (audio.type === 'pcm') soundMs += (audio.samples.length / audio.sampleRate) * 1000
    return pieces
  }
  return {
    ...reader,
    push(read) {
      bytes += read.length
      return counted(reader.push(read))
    },
    end() {
      const last = counted(reader.end?.() ?? [])
      const remarks: string[] = []
      if (bytes % 2 === 1)
        remarks.push(
          `${label} answered with ${bytes} bytes, half a sample too many; the last byte is left out`,
        )
      const pace = (text.length / soundMs) * 1000
      if (soundMs > 0 && text.length >= LEAST_CHARACTERS && (pace < SLOWEST || pace > FASTEST))
        remarks.push(
          `${label} answered ${text.length} characters with ${(soundMs / 1000).toFixed(1)} s of sound: are its samples 16-bit mono of ${SAMPLE_RATE} Hz?`,
        )
      const silence = { type: 'silent', durationMs: 0 } as const
      return [...last, ...remarks.map(warning => ({ audio: silence, warning }))]
    },
  }
}

/** A refusal is not one of a key. */
function withoutKeyHint(thrown: unknown): unknown {
  if (!(thrown instanceof VapiError) || thrown.exit !== Exit.notLoggedIn) return thrown
  const { code, message, status, retryable } = thrown
  const hint = 'look at voice.server: its headers, its secret, or the credential that credentialId names'
  return new VapiError({ code, message, status, retryable, hint, cause: thrown })
}
