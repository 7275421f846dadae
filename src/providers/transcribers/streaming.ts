/**
 * A transcriber at the other end of a WebSocket. The protocol of a provider is a pure object; here the connection's loss
 * and return. Sound that has no final transcript yet is kept and sent again when a connection is lost, so that no word is.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type AudioFrame, FRAME_SAMPLES } from '../../engine/ports/audio-input.ts'
import type { Transcriber, TranscriberListener } from '../../engine/ports/transcriber.ts'
import { VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { type ErrorContext, providerError } from '../provider-error.ts'
import { createAttempts } from './attempts.ts'
import { type Connection, type HeardTranscript, openConnection } from './connection.ts'
import { createKeptSound, FRAME_MS } from './kept-sound.ts'
import type { StreamingProtocol } from './protocol.ts'

export type { Heard, ProtocolSession, SocketAddress, StreamingProtocol } from './protocol.ts'

export interface StreamingOptions {
  name: string
  capabilities: Transcriber['capabilities']
  protocol: StreamingProtocol
  http: HttpClient
  context: ErrorContext
}

/** A connection that lived so long was of use, in milliseconds. */
const GOOD_MS = 10_000
/** After so long, in milliseconds, another transcriber is the better hope: a server that hangs takes its whole limit. */
const PATIENCE_MS = 4_000

export function createStreamingTranscriber(options: StreamingOptions): Transcriber {
  const { protocol, context } = options
  const closing = new AbortController()
  const pieceFrames = Math.max(1, Math.ceil((protocol.pieceMs ?? FRAME_MS) / FRAME_MS))
  const kept = createKeptSound()
  const attempts = createAttempts()
  let listener: TranscriberListener | null = null
  let current: Connection | null = null
  /** Closed or failed. */
  let over = false

  /** Connects, several times if that may help; `lost` is why it has to. Throws VapiError. */
  async function establish(lost: VapiError | null): Promise<void> {
    let failure = lost
    const sinceMs = performance.now()
    for (;;) {
      if (failure !== null) {
        const isHopeful = failure.retryable && performance.now() - sinceMs < PATIENCE_MS
        const waitMs = isHopeful ? attempts.next(performance.now()) : null
        if (waitMs === null) throw failure
        await sleep(waitMs, undefined, { signal: closing.signal }).catch(() => {})
      }
      try {
        const connection = await openConnection(
          options,
          heardOn(() => connection),
          closing.signal,
        )
        begin(connection)
        return
      } catch (thrown) {
        closing.signal.throwIfAborted()
        failure = providerError(context, thrown)
      }
    }
  }

  function begin(connection: Connection): void {
    if (over) {
      connection.close()
      closing.signal.throwIfAborted()
    }
    current = connection
    kept.rewind()
    flush(connection)
  }

  /** What is said on a connection counts as long as it is the current one. */
  function heardOn(connection: () => Connection) {
    let last: HeardTranscript | null = null
    return {
      transcript: (heard: HeardTranscript) => {
        if (connection() !== current) return
        const { type: _type, streamMs, ...transcript } = heard
        if (heard.transcriptType === 'final') {
          if (last !== null && isRepeated(heard, last)) return
          last = heard
          attempts.progress()
          kept.covered(inCall(connection(), streamMs))
        }
        listener?.transcript({ ...transcript, audioMs: inCall(connection(), streamMs) })
      },
      covered: (streamMs: number | null) => {
        if (connection() === current) kept.covered(inCall(connection(), streamMs))
      },
      warning: (message: string) => listener?.warning?.(`${context.vendor.label} ${message}`),
      lost: (error: VapiError) => {
        if (connection() !== current) return
        current = null
        // Until another one listens, what was sent cannot be answered: none of it is let go.
        kept.rewind()
        if (over) return
        if (performance.now() - connection().readyMs > GOOD_MS) attempts.progress()
        establish(error).catch(fail)
      },
    }
  }

  function fail(thrown: unknown): void {
    if (over) return
    over = true
    listener?.failed(providerError(context, thrown))
  }

  /** Sends what there is, in pieces. */
  function flush(connection: Connection): void {
    connection.check()
    while (connection === current && connection.takesSound()) {
      const piece = kept.next(pieceFrames)
      if (piece === null) return
      connection.send(piece)
    }
  }

  /** All that is left, the last of it filled up with silence; there is no time to hold it back. */
  function flushRest(connection: Connection): void {
    for (;;) {
      const piece = kept.next(pieceFrames, true)
      if (piece === null) return
      connection.send({ ...piece, frames: padded(piece.frames, pieceFrames) })
    }
  }

  return {
    name: options.name,
    capabilities: options.capabilities,
    async start(given) {
      listener = given
      try {
        await establish(null)
      } catch (error) {
        over = true
        throw error
      }
    },
    push(frame) {
      if (over) return
      kept.push(frame)
      if (current !== null) flush(current)
    },
    speech(edge, audioMs) {
      if (over) return
      if (kept.speech({ edge, audioMs })) current?.speech({ edge, audioMs })
    },
    async close() {
      over = true
      const connection = current
      if (connection === null) {
        const { label } = context.vendor
        closing.abort(
          new VapiError({ code: 'transcriber-closed', message: `${label} is not needed any more` }),
        )
      } else {
        flushRest(connection)
        await connection.finish()
        current = null
      }
      listener = null
    },
  }
}

/** In milliseconds since the call began. Nobody has heard what was not sent, and a time that is none counts as not told. */
function inCall({ baseMs, sentMs }: Connection, streamMs: number | null): number {
  const toldMs = streamMs === null || !Number.isFinite(streamMs) ? sentMs : Math.max(0, streamMs)
  return (baseMs ?? 0) + Math.min(toldMs, sentMs)
}

/** The same words about the same sound. */
function isRepeated(heard: HeardTranscript, last: HeardTranscript): boolean {
  return heard.streamMs !== null && heard.streamMs === last.streamMs && heard.text === last.text
}

function padded(frames: readonly AudioFrame[], count: number): AudioFrame[] {
  const last = frames.at(-1)?.audioMs ?? 0
  const silence = Array.from({ length: count - frames.length }, (_, place) => ({
    samples: new Int16Array(FRAME_SAMPLES),
    audioMs: last + (place + 1) * FRAME_MS,
  }))
  return [...frames, ...silence]
}
