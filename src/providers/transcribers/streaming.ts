/**
 * A transcriber at the other end of a WebSocket. The protocol of a provider is a pure object; here are the connection, its loss
 * and its return. Sound that has no final transcript yet is kept and sent again when a connection is lost, so that
 * no word is.
 */
import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Transcriber, TranscriberListener, Transcript } from '../../engine/ports/transcriber.ts'
import { isObject } from '../../is-object.ts'
import type { HttpClient } from '../../net/http.ts'
import type { Socket } from '../../net/web-socket.ts'
import { type ErrorContext, providerError, providerFailure, providerRefusal } from '../provider-error.ts'

/** What one message of the provider says. */
export type Heard =
  /** It takes sound now. */
  | { type: 'ready' }
  | (Omit<Transcript, 'audioMs'> & {
      type: 'transcript'
      /** End of the speech that the text covers, counted from the connection's first sample; null: up to now. */
      streamMs: number | null
    })
  | { type: 'error'; status: number | null; message: string }
  /** All is told; it answers `finish`. */
  | { type: 'ended' }

/** One connection. */
export interface ProtocolSession {
  /** Sent first. */
  opening?: readonly string[]
  /** Sound waits for `ready`. */
  waitsForReady?: boolean
  sound(samples: Int16Array): string | Uint8Array
  read(message: Readonly<Record<string, unknown>>): readonly Heard[]
  /** Sent when voice activity detection has found the end of speech: a provider without an endpointer ends its utterance. */
  speechStopped?(): string | null
  /** Asks for what is still missing before the end. */
  finish?: string
}

export interface SocketAddress {
  url: string
  headers?: Readonly<Record<string, string>>
  protocols?: readonly string[]
}

export interface StreamingProtocol {
  /** Asked for each connection; it may have to make a request first. Throws VapiError. */
  address(signal: AbortSignal): SocketAddress | Promise<SocketAddress>
  session(): ProtocolSession
  /** Sound goes out in pieces of at least this length, in milliseconds; 20 unless given. */
  pieceMs?: number
  /** While sound flows, the provider says something at least this often, in milliseconds; without it, it may be silent. */
  saysSomethingEveryMs?: number
}

export interface StreamingOptions {
  name: string
  capabilities: Transcriber['capabilities']
  protocol: StreamingProtocol
  http: HttpClient
  context: ErrorContext
}

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
/** Without a final transcript, this much sound is kept for another connection, in milliseconds. */
const KEPT_MS = 30_000
/** Waits before the attempts to connect again, in milliseconds. */
const RECONNECT_MS = [0, 100, 300] as const
/** A connection that lived so long counts as a good one. */
const GOOD_MS = 10_000
const READY_MS = 5000
const FINISH_MS = 1500
/** A peer that is behind by so much takes no sound any more: 30 s of it. */
const MAXIMUM_WAITING_BYTES = 960_000

interface Connection {
  socket: Socket
  session: ProtocolSession
  /** When its first sample was heard, in milliseconds since the call began; null before. */
  baseMs: number | null
  sentMs: number
  openedMs: number
  saidMs: number
}

export function createStreamingTranscriber(options: StreamingOptions): Transcriber {
  const { protocol, http, context } = options
  const closing = new AbortController()
  const pieceFrames = Math.max(1, Math.ceil((protocol.pieceMs ?? FRAME_MS) / FRAME_MS))
  /** Sound since the last final transcript; the first `sent` frames of it are with the provider. */
  const kept: AudioFrame[] = []
  let sent = 0
  let listener: TranscriberListener | null = null
  let current: Connection | null = null
  let losses = 0
  let over = false
  let ended: () => void = () => {}

  async function connect(): Promise<void> {
    const session = protocol.session()
    const address = await protocol.address(closing.signal)
    await new Promise<void>((resolve, reject) => {
      let connection: Connection | null = null
      const timer = setTimeout(
        () => reject(providerFailure(context, `was not ready within ${READY_MS / 1000} s`)),
        READY_MS,
      )
      const ready = () => {
        clearTimeout(timer)
        resolve()
        if (connection === null || over) return
        current = connection
        sent = 0
        flush()
      }
      const early: string[] = []
      const hear = (text: string) => {
        if (connection === null) early.push(text)
        else receive(connection, text, ready, reject)
      }
      http
        .openSocket({
          ...address,
          signal: closing.signal,
          listener: {
            text: hear,
            binary: bytes => hear(Buffer.from(bytes).toString()),
            closed: ({ code, reason }) => {
              clearTimeout(timer)
              ended()
              const told = reason === '' ? `(${code})` : `(${code} ${reason})`
              const error = providerFailure(context, `closed the connection ${told}`)
              if (connection === current) lost(error)
              reject(error)
            },
          },
        })
        .then(socket => {
          const nowMs = performance.now()
          connection = { socket, session, baseMs: null, sentMs: 0, openedMs: nowMs, saidMs: nowMs }
          for (const text of session.opening ?? []) socket.send(text)
          if (session.waitsForReady !== true) ready()
          for (const text of early) hear(text)
        })
        .catch(error => {
          clearTimeout(timer)
          reject(error)
        })
    })
  }

  function receive(
    connection: Connection,
    text: string,
    ready: () => void,
    reject: (e: unknown) => void,
  ): void {
    connection.saidMs = performance.now()
    const message = parseObject(text)
    if (message === null) {
      fault(connection, providerFailure(context, 'sent something that is not JSON'), reject)
      return
    }
    for (const heard of connection.session.read(message)) {
      if (heard.type === 'ready') ready()
      else if (heard.type === 'ended') ended()
      else if (heard.type === 'error')
        fault(connection, providerRefusal(context, heard.status, heard.message), reject)
      else if (connection === current) pass(connection, heard)
    }
  }

  /** The connection is of no use any more. */
  function fault(connection: Connection, error: Error, reject: (error: unknown) => void): void {
    reject(error)
    if (connection === current) lost(error)
    connection.socket.close()
  }

  function pass(connection: Connection, heard: Extract<Heard, { type: 'transcript' }>): void {
    const { type: _type, streamMs, ...transcript } = heard
    const audioMs = (connection.baseMs ?? 0) + Math.min(streamMs ?? connection.sentMs, connection.sentMs)
    losses = 0
    if (heard.transcriptType === 'final') forget(audioMs)
    listener?.transcript({ ...transcript, audioMs })
  }

  /** Sound before a moment has its transcript. */
  function forget(untilMs: number): void {
    const covered = kept.findIndex(({ audioMs }) => audioMs + FRAME_MS > untilMs)
    const count = Math.min(covered === -1 ? kept.length : covered, sent)
    kept.splice(0, count)
    sent -= count
  }

  function lost(error: unknown): void {
    const broken = current
    current = null
    if (over || broken === null) return
    if (performance.now() - broken.openedMs > GOOD_MS) losses = 0
    void reconnect(error)
  }

  async function reconnect(reason: unknown): Promise<void> {
    let cause = reason
    while (!over) {
      const waitMs = RECONNECT_MS[losses++]
      const error = providerError(context, cause)
      if (waitMs === undefined || !error.retryable) {
        over = true
        listener?.failed(error)
        return
      }
      if (waitMs > 0) await new Promise(resolve => setTimeout(resolve, waitMs))
      if (over) return
      try {
        await connect()
        return
      } catch (thrown) {
        cause = thrown
      }
    }
  }

  /** Sends what is there, in pieces. */
  function flush(): void {
    const connection = current
    if (connection === null) return
    while (kept.length - sent >= pieceFrames) {
      const frames = kept.slice(sent, sent + pieceFrames)
      connection.baseMs ??= frames[0]?.audioMs ?? 0
      const samples = new Int16Array(frames.length * FRAME_SAMPLES)
      frames.forEach((frame, place) => {
        samples.set(frame.samples, place * FRAME_SAMPLES)
      })
      connection.socket.send(connection.session.sound(samples))
      connection.sentMs += frames.length * FRAME_MS
      sent += frames.length
    }
    const limitMs = protocol.saysSomethingEveryMs
    const isSilent = limitMs !== undefined && performance.now() - connection.saidMs > limitMs
    if (isSilent || connection.socket.waitingBytes > MAXIMUM_WAITING_BYTES) {
      lost(providerFailure(context, isSilent ? `said nothing for ${limitMs} ms` : 'takes no more sound'))
      connection.socket.close()
    }
  }

  return {
    name: options.name,
    capabilities: options.capabilities,
    async start(given) {
      listener = given
      try {
        await connect()
      } catch (thrown) {
        throw providerError(context, thrown)
      }
    },
    push(frame) {
      kept.push(frame)
      if (kept.length * FRAME_MS > KEPT_MS) {
        kept.shift()
        sent = Math.max(0, sent - 1)
      }
      flush()
    },
    speech(edge) {
      if (edge !== 'stopped' || current === null) return
      const message = current.session.speechStopped?.() ?? null
      if (message !== null) current.socket.send(message)
    },
    async close() {
      over = true
      const connection = current
      if (connection === null) {
        closing.abort()
        return
      }
      const { finish } = connection.session
      if (finish !== undefined) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, FINISH_MS)
          ended = () => {
            clearTimeout(timer)
            resolve()
          }
          connection.socket.send(finish)
        })
      }
      connection.socket.close()
      current = null
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
