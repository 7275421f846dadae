/**
 * A voice that is asked over HTTP for each stretch of text and answers with sound while it makes it. What a provider says
 * is read by a pure reader; here are the connection, its limits, and what happens to it when nobody listens any more.
 */
import type { Voice, VoicePiece, VoiceRequest } from '../../engine/ports/voice.ts'
import type { HttpClient, HttpLimits, HttpReply, HttpRequest } from '../../net/http.ts'
import { excerpt } from '../../net/reply.ts'
import { type ErrorContext, providerError, providerFailure, providerRefusal } from '../provider-error.ts'

export interface HttpVoiceOptions {
  name: string
  capabilities?: Voice['capabilities']
  http: HttpClient
  context: ErrorContext
  /** The request for a text; its `settings` are the voice's own, as the assistant has them. May throw VapiError. */
  request(asked: VoiceRequest, signal: AbortSignal): HttpRequest | Promise<HttpRequest>
  /** Reads the sound of one reply. */
  reader(asked: VoiceRequest): SoundReader
  limits?: Partial<VoiceLimits>
}

/** Makes sound of what the network gives. */
export interface SoundReader {
  /** The body is nothing but sound, so that one of text is an error. */
  isRaw?: boolean
  /** Takes what one read gave, gives what can be heard of it. Throws VapiError. */
  push(bytes: Uint8Array): VoicePiece[]
  /** The reply is over: what is still left. Throws VapiError where it is not whole. */
  end?(): VoicePiece[]
  /** The reply broke off: the words that came whole and were not told yet, without sound. */
  broken?(): VoicePiece[]
}

/** In milliseconds. */
export interface VoiceLimits extends HttpLimits {
  /** Without any sound, whatever else comes. */
  soundMs: number
}

const LIMITS: VoiceLimits = { connectMs: 5000, firstByteMs: 10_000, idleMs: 10_000, soundMs: 10_000 }
/**
 * Sound that nobody waits for any more may still arrive for so long, in milliseconds: then its connection serves the next
 * text, which saves that one the opening of another.
 */
const LEFTOVER_MS = 1000
const MAXIMUM_ERROR_BYTES = 16_384
/** An error is waited for no longer, in milliseconds. */
const REFUSAL_MS = 2000

export function createHttpVoice(options: HttpVoiceOptions): Voice {
  const { http, context } = options
  const { soundMs, ...limits } = { ...LIMITS, ...options.limits }
  return {
    name: options.name,
    capabilities: options.capabilities ?? { wordTiming: false },
    async *speak(asked, signal) {
      if (signal.aborted) return
      const cut = cutBy(signal)
      let exchange: Exchange | null = null
      let reader: SoundReader | null = null
      try {
        const request = await cut.unless(Promise.resolve(options.request(asked, signal)))
        if (request === null) return
        exchange = openExchange(http, { ...request, limits })
        const reply = await cut.unless(exchange.reply)
        if (reply === null) return
        reader = options.reader(asked)
        if (reply.status < 200 || reply.status > 299 || (reader.isRaw === true && isText(reply))) {
          const said = await cut.unless(readRefusal(reply))
          if (said === null) return
          throw providerRefusal(context, reply.status > 299 ? reply.status : null, said)
        }
        const sound = checked(reader, context)
        let silentSince = performance.now()
        let hasSound = false
        for (;;) {
          const bytes = await cut.unless(exchange.read())
          if (bytes === null) return
          const pieces = bytes.length === 0 ? sound.end() : sound.push(bytes)
          for (const piece of pieces) {
            if (signal.aborted) return
            const givenMs = performance.now()
            yield piece
            // The time in which the listener takes nothing does not count.
            silentSince += performance.now() - givenMs
            if (!isSound(piece)) continue
            hasSound = true
            silentSince = performance.now()
          }
          if (bytes.length === 0) break
          if (performance.now() - silentSince > soundMs)
            throw providerFailure(context, `sent no sound for ${soundMs / 1000} s`)
        }
        if (!hasSound && /[\p{L}\p{N}]/u.test(asked.text))
          throw providerFailure(context, `gave no sound for “${excerpt(asked.text, 60)}”`)
      } catch (thrown) {
        if (signal.aborted) return
        yield* reader?.broken?.() ?? []
        throw providerError(context, thrown)
      } finally {
        cut.off()
        exchange?.leave()
      }
    },
    close: async () => {},
  }
}

/** Bare 16-bit little-endian mono samples, as they come. A sample may be cut anywhere by the network. */
export function createPcmReader(sampleRate: number): SoundReader {
  const join = createSampleJoiner()
  return {
    isRaw: true,
    push: bytes => {
      const samples = join(bytes)
      return samples.length === 0 ? [] : [{ audio: { type: 'pcm', samples, sampleRate } }]
    },
  }
}

/** Makes samples of bytes that are cut anywhere; an odd byte waits for the next piece. */
export function createSampleJoiner(): (bytes: Uint8Array) => Int16Array {
  let odd: number | null = null
  return bytes => {
    const lead = odd === null ? 0 : 1
    const count = lead + bytes.length
    const whole = new Uint8Array(count - (count % 2))
    if (whole.length === 0) {
      odd = bytes[0] ?? odd
      return new Int16Array()
    }
    if (odd !== null) whole[0] = odd
    whole.set(bytes.subarray(0, whole.length - lead), lead)
    odd = count % 2 === 0 ? null : (bytes[bytes.length - 1] ?? null)
    return new Int16Array(whole.buffer)
  }
}

/** What is said with an error status, as far as it comes soon; the status says enough. */
async function readRefusal(reply: HttpReply): Promise<string> {
  const timer = setTimeout(() => reply.cancel(), REFUSAL_MS)
  try {
    return await reply.text(MAXIMUM_ERROR_BYTES)
  } catch {
    return ''
  } finally {
    clearTimeout(timer)
  }
}

function isSound({ audio }: VoicePiece): boolean {
  return audio.type === 'silent' ? audio.durationMs > 0 : audio.samples.length > 0
}

function isText({ headers }: HttpReply): boolean {
  return /^(text\/|application\/([\w.]+\+)?(json|xml))/i.test(headers['content-type'] ?? '')
}

/** The reader, behind a look at the first bytes: an error may come in place of sound, with status 200 and a wrong name. */
function checked(reader: SoundReader, context: ErrorContext): Required<Pick<SoundReader, 'push' | 'end'>> {
  let held: Buffer | null = reader.isRaw === true ? Buffer.alloc(0) : null
  const release = (): VoicePiece[] => {
    const bytes = held
    held = null
    return bytes === null || bytes.length === 0 ? [] : reader.push(bytes)
  }
  return {
    push(bytes) {
      if (held === null) return reader.push(bytes)
      held = Buffer.concat([held, bytes])
      const mayBeJson = /^\{["\s]?$/.test(held.toString('latin1', 0, 2))
      return mayBeJson && held.length <= MAXIMUM_ERROR_BYTES ? [] : release()
    },
    end() {
      const text = held === null ? '' : held.toString()
      if (text.startsWith('{') && isJson(text)) throw providerRefusal(context, null, text)
      return [...release(), ...(reader.end?.() ?? [])]
    },
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** One request and its reply. */
interface Exchange {
  reply: Promise<HttpReply>
  /** The next bytes; none are the end. */
  read(): Promise<Uint8Array>
  /** Nobody waits for it any more. The connection is kept if the rest comes soon, else closed. */
  leave(): void
}

function openExchange(http: HttpClient, request: HttpRequest): Exchange {
  const closing = new AbortController()
  // Speaking twice does no harm: a kept connection that turns out to be closed is not a failed voice.
  const reply = http.request({ repeatable: true, ...request, signal: closing.signal })
  let body: AsyncIterator<Uint8Array> | null = null
  const read = async (): Promise<Uint8Array> => {
    body ??= (await reply).body[Symbol.asyncIterator]()
    for (;;) {
      const { done, value } = await body.next()
      if (done) return new Uint8Array()
      if (value.length > 0) return value
    }
  }
  const readAll = async () => {
    while ((await read()).length > 0);
  }
  return {
    reply,
    read,
    leave() {
      const timer = setTimeout(() => closing.abort(), LEFTOVER_MS)
      timer.unref()
      readAll()
        .catch(() => closing.abort())
        .finally(() => clearTimeout(timer))
    },
  }
}

/** Ends waits at once when `signal` aborts: they give null then. */
function cutBy(signal: AbortSignal) {
  let abort = () => {}
  const aborted = new Promise<null>(resolve => {
    abort = () => resolve(null)
    signal.addEventListener('abort', abort)
  })
  return {
    unless: <Value>(value: Promise<Value>): Promise<Value | null> => {
      value.catch(() => {})
      return Promise.race([aborted, value])
    },
    off: () => signal.removeEventListener('abort', abort),
  }
}
