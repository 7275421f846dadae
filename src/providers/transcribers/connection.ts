/** One connection to a transcriber: from its opening until it is ready, what it says, and its one end. */
import { FRAME_SAMPLES } from '../../engine/ports/audio-input.ts'
import type { VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient } from '../../net/http.ts'
import { excerpt } from '../../net/reply.ts'
import type { SocketEnd } from '../../net/web-socket.ts'
import { type ErrorContext, providerFailure, providerRefusal } from '../provider-error.ts'
import { FRAME_MS, type Piece, type SpeechEdge } from './kept-sound.ts'
import type { Heard, ProtocolSession, StreamingProtocol } from './protocol.ts'

/** From the name look-up to the moment when it takes sound, in milliseconds. */
const READY_MS = 5000
/** How long the last words may take after they were asked for, in milliseconds. */
const FINISH_MS = 1500
/** A peer that is silent so long is asked for a sign of life. */
const QUIET_MS = 2000
/** More sound than this does not wait in the network: it is held back here. */
const HIGH_WATER_BYTES = 65_536
/** A peer that takes no sound for so long is left, in milliseconds. */
const STUCK_MS = 5000
/** Speech that is shorter may be none, in milliseconds. */
const LEAST_SPEECH_MS = 250
/** Where the protocol promises no answer: a provider that says nothing about so much speech, for so long, does not listen. */
const UNPROMISED = { speechMs: 5000, answerMs: 8000 } as const
/** Sound that had to wait goes out at once up to this length, in milliseconds; `maximumPace` is for what is beyond. */
const BURST_MS = 1000

export type HeardTranscript = Extract<Heard, { type: 'transcript' }>

export interface ConnectionListener {
  transcript(transcript: HeardTranscript): void
  covered(streamMs: number | null): void
  warning(message: string): void
  /** It ended by itself. Told once, and not after `finish` or `close`. */
  lost(error: VapiError): void
}

export interface Connection {
  /** When the first sample that it got was heard, in milliseconds since the call began; null before. */
  readonly baseMs: number | null
  /** Length of the sound that it got. */
  readonly sentMs: number
  /** When it became ready, on the clock of `performance.now()`. */
  readonly readyMs: number
  /** It takes sound at this moment. */
  takesSound(): boolean
  send(piece: Piece): void
  speech(edge: SpeechEdge): void
  /** Looks whether it has become silent or stuck; then it is lost. */
  check(): void
  /** Asks for the last words, waits for them for a while and ends. */
  finish(): Promise<void>
  close(): void
}

/**
 * Resolves when the provider takes sound. Throws VapiError: what keeps it from doing so, without the provider's name where the
 * network is the cause; or the signal's reason.
 */
export async function openConnection(
  { protocol, http, context }: { protocol: StreamingProtocol; http: HttpClient; context: ErrorContext },
  listener: ConnectionListener,
  closing: AbortSignal,
): Promise<Connection> {
  const session: ProtocolSession = protocol.session()
  const opening = new AbortController()
  const signal = AbortSignal.any([closing, opening.signal])
  const limit = (ms: number) =>
    setTimeout(() => opening.abort(providerFailure(context, `was not ready within ${ms / 1000} s`)), ms)
  let timer = limit(READY_MS)
  let stage: 'opening' | 'ready' | 'finishing' | 'over' = 'opening'
  const ready = deferred()
  const ended = deferred()
  let saidMs = 0
  let freeMs = 0
  /** Speech since it last said something, and since when that is enough to be answered. */
  let unanswered: { speechMs: number; sinceMs: number | null } = { speechMs: 0, sinceMs: null }
  const leastSpeechMs = protocol.answersSpeechWithinMs === undefined ? UNPROMISED.speechMs : LEAST_SPEECH_MS
  let speechFromMs: number | null = null
  let readyMs = 0
  let suspected = false

  /** Of no use any more. */
  function fail(error: VapiError): void {
    const before = stage
    stage = 'over'
    ended.resolve()
    if (before === 'opening') opening.abort(error)
    else socket.close()
    if (before === 'ready') listener.lost(error)
  }

  function receive(text: string): void {
    if (stage === 'over') return
    saidMs = performance.now()
    let heard: readonly Heard[]
    try {
      const message = parseObject(text)
      if (message === null && session.readOther === undefined) throw new TypeError('no JSON object')
      heard = message === null ? (session.readOther?.(text) ?? []) : session.read(message)
    } catch {
      fail(providerFailure(context, `sent something that is not understood: ${excerpt(text, 80)}`))
      return
    }
    // Words that are not final yet are still to be answered.
    const isPartial = heard.some(item => item.type === 'transcript' && item.transcriptType === 'partial')
    unanswered = { speechMs: 0, sinceMs: isPartial && unanswered.sinceMs !== null ? saidMs : null }
    for (const item of heard) tell(item)
  }

  /** What speaks against waiting for the provider any longer; null while there is nothing. */
  function silence(): VapiError | null {
    const nowMs = performance.now()
    const { saysSomethingEveryMs: limitMs, answersSpeechWithinMs: answerMs = UNPROMISED.answerMs } = protocol
    if (nowMs - freeMs > STUCK_MS) return providerFailure(context, `took no sound for ${STUCK_MS / 1000} s`)
    if (limitMs !== undefined && nowMs - saidMs > limitMs)
      return providerFailure(context, `said nothing for ${limitMs / 1000} s`)
    if (nowMs - (unanswered.sinceMs ?? nowMs) <= answerMs) return null
    // Where another connection heard nothing of it either, a third one is of no use.
    return providerFailure(context, 'said nothing about what was spoken', saidMs !== readyMs)
  }

  function tell(heard: Heard): void {
    if (heard.type === 'ready') ready.resolve()
    else if (heard.type === 'ended') {
      // Said before it was asked, it would leave the last words unwaited for.
      if (stage === 'finishing') ended.resolve()
    } else if (heard.type === 'error')
      fail(providerRefusal(context, heard.status, heard.message, heard.fatal))
    else if (heard.type === 'warning') listener.warning(heard.message)
    else if (stage === 'opening' || stage === 'over') return
    else if (heard.type === 'covered') listener.covered(heard.streamMs)
    else listener.transcript(heard)
  }

  function closed({ code, reason }: SocketEnd): void {
    if (stage === 'over') return
    if (stage === 'finishing') {
      ended.resolve()
      return
    }
    const status = protocol.closeStatus?.(code, reason) ?? null
    if (status !== null) fail(providerRefusal(context, status, reason))
    else
      fail(
        providerFailure(
          context,
          `closed the connection (${reason === '' ? code : `${code} ${excerpt(reason)}`})`,
        ),
      )
  }

  async function open() {
    const { url, headers, protocols, connectMs } = await protocol.address(signal)
    signal.throwIfAborted()
    if (connectMs !== undefined) {
      clearTimeout(timer)
      timer = limit(connectMs)
    }
    return http.openSocket({
      url,
      ...(headers !== undefined && { headers }),
      ...(protocols !== undefined && { protocols }),
      ...(connectMs !== undefined && { connectMs }),
      quietMs: QUIET_MS,
      signal,
      listener: { text: receive, binary: bytes => receive(Buffer.from(bytes).toString()), closed },
    })
  }

  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  aborted.catch(() => {})
  let socket: Awaited<ReturnType<typeof open>>
  try {
    signal.throwIfAborted()
    socket = await Promise.race([open(), aborted])
    for (const text of session.opening ?? []) socket.send(text)
    if (session.waitsForReady !== true) ready.resolve()
    await Promise.race([ready.promise, aborted])
    signal.throwIfAborted()
  } catch (thrown) {
    stage = 'over'
    // Whatever is still being opened is not to stay.
    opening.abort(thrown)
    throw thrown
  } finally {
    clearTimeout(timer)
  }
  stage = 'ready'
  readyMs = performance.now()
  saidMs = readyMs
  freeMs = readyMs
  let baseMs: number | null = null
  let sentMs = 0

  function speech({ edge, audioMs }: SpeechEdge): void {
    session.speech?.(edge, Math.max(0, audioMs - (baseMs ?? audioMs)))
    const message = edge === 'stopped' ? (session.speechStopped?.() ?? null) : null
    if (message !== null) socket.send(message)
    if (edge === 'started') speechFromMs = audioMs
    else if (speechFromMs !== null) {
      const speechMs = unanswered.speechMs + audioMs - speechFromMs
      const sinceMs = speechMs < leastSpeechMs ? null : (unanswered.sinceMs ?? performance.now())
      unanswered = { speechMs, sinceMs }
      speechFromMs = null
    }
  }

  return {
    get baseMs() {
      return baseMs
    },
    get sentMs() {
      return sentMs
    },
    readyMs,
    takesSound() {
      if (stage === 'over' || socket.waitingBytes >= HIGH_WATER_BYTES) return false
      const { maximumPace } = protocol
      return maximumPace === undefined || sentMs <= (performance.now() - readyMs) * maximumPace + BURST_MS
    },
    send({ frames, edges }) {
      baseMs ??= frames[0]?.audioMs ?? 0
      const samples = new Int16Array(frames.length * FRAME_SAMPLES)
      frames.forEach((frame, place) => {
        samples.set(frame.samples, place * FRAME_SAMPLES)
      })
      sentMs += frames.length * FRAME_MS
      socket.send(session.sound(samples, frames))
      for (const edge of edges) speech(edge)
    },
    speech,
    check() {
      if (stage !== 'ready') return
      if (socket.waitingBytes < HIGH_WATER_BYTES) freeMs = performance.now()
      if (silence() === null || suspected) return
      suspected = true
      // A machine that stood still has not read yet what came meanwhile.
      setImmediate(() => {
        suspected = false
        const found = silence()
        if (stage === 'ready' && found !== null) fail(found)
      })
    },
    async finish() {
      if (stage !== 'ready') return
      stage = 'finishing'
      if (session.finish !== undefined) {
        const patience = setTimeout(ended.resolve, FINISH_MS)
        socket.send(session.finish)
        await ended.promise
        clearTimeout(patience)
        for (const heard of session.rest?.() ?? []) tell(heard)
      }
      stage = 'over'
      socket.close()
    },
    close() {
      stage = 'over'
      ended.resolve()
      socket.close()
    },
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const message: unknown = JSON.parse(text)
    return isObject(message) ? message : null
  } catch {
    return null
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>(given => {
    resolve = given
  })
  return { promise, resolve }
}
