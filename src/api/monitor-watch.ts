import { VapiError } from '../errors.ts'
import { fieldOf, isOver, type LiveCall, textOf } from './live-call.ts'
import type { MonitorSocket } from './monitor-socket.ts'
import { type ConversationLine, createTranscriptTracker } from './monitor-transcript.ts'
import type { Json, JsonObject } from './types.ts'

/** What is seen of a call. `json` is what machines get: the server’s own message where there was one. */
export type WatchEvent = { json: JsonObject | null } & (
  | { kind: 'status'; status: string }
  | { kind: 'line'; line: ConversationLine }
  /** A message of the stream that is of use to machines only. */
  | { kind: 'frame' }
  /** About the watching itself. */
  | { kind: 'note'; text: string }
)

export interface WatchParts {
  readCall(): Promise<LiveCall>
  /** Opens the monitor’s stream of a call that has one. */
  openStream(call: LiveCall, listenUrl: string): Promise<MonitorSocket>
  /** Resolves after so long, or sooner when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  /** Epoch milliseconds. */
  now(): number
  intervalMs: number
  signal: AbortSignal
}

/** Between looks at a call that has not begun, or whose conversation the stream tells. */
const SLOW_MS = 5000
const LONGEST_WAIT_MS = 30_000
const MAXIMUM_FAILURES = 6
/** The first connection and one more. */
const MAXIMUM_STREAMS = 2
/** Looks at the record after the stream said that the call is over, before that is believed. */
const LOOKS_AFTER_END = 5

/**
 * Follows a call until it is over and gives its last record. Events are told in their order. Throws what reading the
 * call throws (after six failures in a row where trying again may help), or the signal’s reason.
 */
export async function watchCall(parts: WatchParts, tell: (event: WatchEvent) => void): Promise<LiveCall> {
  const { signal } = parts
  const tracker = createTranscriptTracker()
  let stream: MonitorSocket | null = null
  let streams = 0
  let endedByStream: JsonObject | null = null
  let status = ''
  let wakeUp = new AbortController()
  let done = false

  const note = (text: string) => tell({ kind: 'note', text, json: null })
  const tellStatus = (next: string, json: JsonObject) => {
    if (next !== status) tell({ kind: 'status', status: next, json })
    status = next
  }

  async function follow(socket: MonitorSocket): Promise<void> {
    for await (const frame of socket.frames) {
      if (done) return
      if (frame.type !== 'message') continue
      const { message } = frame
      const line = tracker.stream(message, parts.now())
      const next = textOf(message.status)
      if (line !== null) tell({ kind: 'line', line, json: message })
      else if (message.type === 'status-update' && next !== undefined) tellStatus(next, message)
      else if (!isFinalTranscript(message)) tell({ kind: 'frame', json: message })
      if ((message.type === 'status-update' && next === 'ended') || message.type === 'call-ended') {
        endedByStream = message
        wakeUp.abort()
      }
    }
    stream = null
    wakeUp.abort()
  }

  async function connect(call: LiveCall): Promise<void> {
    const listenUrl = textOf(fieldOf(call, 'monitor', 'listenUrl'))
    if (listenUrl === undefined || streams >= MAXIMUM_STREAMS || call.status !== 'in-progress') return
    streams++
    if (streams > 1) note('the live stream broke off; connecting once more')
    try {
      stream = await parts.openStream(call, listenUrl)
      void follow(stream)
    } catch (thrown) {
      signal.throwIfAborted()
      streams = MAXIMUM_STREAMS + 1
      const reason = thrown instanceof VapiError ? thrown.message : String(thrown)
      note(`no live stream (${reason}); asking the API every ${parts.intervalMs / 1000} s instead`)
    }
  }

  try {
    let looksAfterEnd = 0
    let waitMs = parts.intervalMs
    for (;;) {
      wakeUp = new AbortController()
      const call = await lookAt(parts, note)
      for (const line of tracker.record(messagesOf(call), stream !== null && !isOver(call)))
        tell({ kind: 'line', line, json: lineJson(call, line) })
      tellStatus(call.status ?? 'unknown', statusJson(call))
      if (isOver(call)) return call
      if (endedByStream !== null && ++looksAfterEnd > LOOKS_AFTER_END)
        return { ...call, ...endOf(endedByStream), status: 'ended' }
      const wasLive = streams > 0
      if (stream === null && endedByStream === null) await connect(call)
      if (wasLive && stream === null && streams === MAXIMUM_STREAMS) {
        note(`the live stream is gone; asking the API every ${parts.intervalMs / 1000} s instead`)
        streams++
      }
      const begun = call.status === 'in-progress' || call.status === 'ringing' || call.status === 'forwarding'
      if (begun && stream === null) waitMs = parts.intervalMs
      else waitMs = begun ? Math.max(parts.intervalMs, SLOW_MS) : Math.min(waitMs * 1.5, SLOW_MS * 3)
      if (endedByStream !== null) waitMs = parts.intervalMs
      await rest(parts, waitMs, wakeUp.signal)
    }
  } finally {
    done = true
    ;(stream as MonitorSocket | null)?.close()
  }
}

/** Reads the call; where the server fails in a way that may pass, tries again after longer and longer waits. */
async function lookAt(parts: WatchParts, note: (text: string) => void): Promise<LiveCall> {
  let waitMs = parts.intervalMs
  for (let failures = 1; ; failures++) {
    parts.signal.throwIfAborted()
    try {
      return await orAborted(parts.readCall(), parts.signal)
    } catch (thrown) {
      parts.signal.throwIfAborted()
      if (!(thrown instanceof VapiError) || !thrown.retryable || failures >= MAXIMUM_FAILURES) throw thrown
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
      note(`${thrown.message}; trying again in ${Math.round(waitMs / 1000)} s`)
      await rest(parts, waitMs, new AbortController().signal)
    }
  }
}

async function rest({ sleep, signal }: WatchParts, ms: number, wakeUp: AbortSignal): Promise<void> {
  if (!wakeUp.aborted) await sleep(ms, AbortSignal.any([signal, wakeUp]))
  signal.throwIfAborted()
}

/** The promise’s result, or the signal’s reason as soon as it aborts. */
export function orAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Messages of a call, wherever this server puts them. */
export function messagesOf(call: LiveCall): readonly Json[] {
  const messages = fieldOf(call, 'artifact', 'messages') ?? fieldOf(call, 'messages')
  return Array.isArray(messages) ? messages : []
}

function isFinalTranscript(message: JsonObject): boolean {
  return (
    typeof message.type === 'string' &&
    message.type.startsWith('transcript') &&
    message.transcriptType === 'final'
  )
}

function endOf(message: JsonObject): JsonObject {
  const reason = message.endedReason ?? message.reason
  return reason === undefined ? {} : { endedReason: reason }
}

function statusJson(call: LiveCall): JsonObject {
  return {
    type: 'status-update',
    status: call.status ?? 'unknown',
    ...(call.endedReason !== undefined && { endedReason: call.endedReason }),
    ...(call.id !== undefined && { callId: call.id }),
  }
}

function lineJson(call: LiveCall, { role, text, atMs }: ConversationLine): JsonObject {
  const common = {
    ...(atMs !== null && { timestamp: atMs }),
    ...(call.id !== undefined && { callId: call.id }),
  }
  if (role === 'tool') return { type: 'tool', text, ...common }
  return { type: 'transcript', role, transcriptType: 'final', transcript: text, ...common }
}
