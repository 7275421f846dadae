/** A voice that is asked over HTTP for each stretch of text and answers with sound while it makes it. */
import type { Voice, VoicePiece } from '../../engine/ports/voice.ts'
import type { HttpClient, HttpReply, HttpRequest } from '../../net/http.ts'
import { type ErrorContext, providerError, providerRefusal, saidBy } from '../provider-error.ts'

export interface HttpVoiceOptions {
  name: string
  capabilities?: Voice['capabilities']
  http: HttpClient
  context: ErrorContext
  /** The request for a text; `settings` are the voice's own, as the assistant has them. */
  request(text: string, settings: Readonly<Record<string, unknown>>): HttpRequest
  /** Sound of a reply: `readPcm`, or the provider's own framing. */
  read(reply: HttpReply, text: string): AsyncIterable<VoicePiece>
}

/** To the first sound, and between two pieces of it, in milliseconds. */
const LIMITS = { connectMs: 5000, firstByteMs: 10_000, idleMs: 10_000 }
const MAXIMUM_ERROR_BYTES = 16_384

export function createHttpVoice(options: HttpVoiceOptions): Voice {
  const { http, context } = options
  return {
    name: options.name,
    capabilities: options.capabilities ?? { wordTiming: false },
    async *speak({ text, settings }, signal) {
      try {
        const request = options.request(text, settings)
        // Speaking twice does no harm: a kept connection that turns out to be closed is not a failed voice.
        const reply = await http.request({ repeatable: true, ...request, signal, limits: LIMITS })
        if (reply.status < 200 || reply.status > 299)
          throw providerRefusal(context, reply.status, saidBy(await reply.text(MAXIMUM_ERROR_BYTES)))
        yield* options.read(reply, text)
      } catch (thrown) {
        if (!signal.aborted) throw providerError(context, thrown)
      }
    },
    close: async () => {},
  }
}

/** Bare 16-bit little-endian mono samples, as they come. A sample may be cut anywhere by the network. */
export async function* readPcm(reply: HttpReply, sampleRate: number): AsyncGenerator<VoicePiece> {
  const join = createSampleJoiner()
  for await (const bytes of reply.body) {
    const samples = join(bytes)
    if (samples.length > 0) yield { audio: { type: 'pcm', samples, sampleRate } }
  }
}

/** Makes samples of bytes that are cut anywhere; an odd byte waits for the next piece. */
export function createSampleJoiner(): (bytes: Uint8Array) => Int16Array {
  let odd: number | null = null
  return bytes => {
    const count = bytes.length + (odd === null ? 0 : 1)
    const whole = new Uint8Array(count - (count % 2))
    const rest = odd === null ? 0 : 1
    if (odd !== null && whole.length > 0) whole[0] = odd
    whole.set(bytes.subarray(0, Math.max(0, whole.length - rest)), whole.length > 0 ? rest : 0)
    if (count % 2 === 0) odd = null
    else odd = bytes.length > 0 ? (bytes[bytes.length - 1] ?? null) : odd
    return new Int16Array(whole.buffer)
  }
}
