import { connect } from 'node:net'
import { noHead, readMessageHead } from '../message-head.ts'
import { Forward } from '../relay/forward.ts'
import { forwardedHeaders } from '../relay/headers.ts'
import type { TargetPools } from '../relay/pools.ts'
import { KEPT_REPLY_BYTES, type RelayedEvent, type RelayedReply, type RelayProblem } from '../relay/types.ts'
import type { LoadedLine } from './reader.ts'
import { withoutLost } from './secrets.ts'
import type { EventEntry } from './types.ts'

/** What became of an event that was sent again. */
export type ResendOutcome =
  | { type: 'reply'; reply: RelayedReply }
  | { type: 'problem'; problem: Extract<RelayProblem, { type: 'target' | 'broken' }> }

export interface ResendRequest {
  event: RelayedEvent
  target: URL
  /** Path and query at the target. */
  path: string
  answers: boolean
  /** Names and values in turn; recorded ones of the same names are left out. */
  headers: readonly string[]
  sessionId: string
  nowMs: number
  /** How long to wait for the whole reply; 0 is without end. */
  timeoutMs: number
  signal: AbortSignal
}

/** The event as the relay had it, without the headers whose secrets are not kept any more. */
export function restoreEvent(
  entry: EventEntry,
  { rawHeaders, lost, body }: Pick<LoadedLine, 'rawHeaders' | 'lost' | 'body'>,
): RelayedEvent {
  const head = body === null ? noHead : readMessageHead(body, true)
  const { id, atMs, method, requested, malformed } = entry
  return {
    id,
    receivedMs: atMs,
    method,
    requested,
    rawHeaders: withoutLost(rawHeaders, lost),
    head: head === null || head === 'malformed' ? noHead : head,
    malformed,
    body,
  }
}

/** The headers of such a request, as they go out but for the length of the body. */
export function resendHeaders(
  request: Omit<ResendRequest, 'path' | 'answers' | 'timeoutMs' | 'signal'>,
): string[] {
  const { event, target, headers, sessionId, nowMs } = request
  const kept = withHeaders(event, [], headers)
  const forwarded = forwardedHeaders({
    rawHeaders: kept,
    requested: event.requested,
    targetHost: target.host,
    eventType: event.head.type,
    sessionId,
    nowMs,
  })
  return [...forwarded, ...headers]
}

/** The headers of the event with those in place of what has the names of `instead`, and without a length: it is that of the body. */
export function withHeaders(
  { rawHeaders }: Pick<RelayedEvent, 'rawHeaders'>,
  added: readonly string[],
  instead: readonly string[] = added,
): string[] {
  const replaced = new Set(instead.filter((_, place) => place % 2 === 0).map(name => name.toLowerCase()))
  replaced.add('content-length')
  const kept: string[] = []
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const name = rawHeaders[place] ?? ''
    if (!replaced.has(name.toLowerCase())) kept.push(name, rawHeaders[place + 1] ?? '')
  }
  return [...kept, ...added]
}

/** Sends a recorded event to a target in the way in which the relay sends it. Rejects with the reason of the signal alone. */
export function resend(pools: TargetPools, request: ResendRequest): Promise<ResendOutcome> {
  const { event, target, path, answers, timeoutMs, signal } = request
  const { id } = event
  const url = target.href
  const limit = timeoutMs === 0 ? null : AbortSignal.timeout(timeoutMs)
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const startedMs = performance.now()
    const about = { id, url, answers }
    const durationMs = () => performance.now() - startedMs
    const pieces: Buffer[] = []
    let bytes = 0
    let response: { status: number; rawHeaders: string[] } | null = null
    const finish = (outcome: ResendOutcome) => {
      over()
      resolve(outcome)
    }
    const fail = (code: string, message: string) =>
      finish({
        type: 'problem',
        problem:
          response === null
            ? { type: 'target', ...about, code, message, durationMs: durationMs() }
            : { type: 'broken', ...about, message, durationMs: durationMs() },
      })
    const body = event.body === null || event.body.length === 0 ? [] : [event.body]
    const forward = new Forward(
      pools,
      { url: target, path, method: event.method, headers: resendHeaders(request) },
      body,
      true,
      {
        response: (status, _text, rawHeaders) => {
          response = { status, rawHeaders }
        },
        body: piece => {
          if (bytes < KEPT_REPLY_BYTES) pieces.push(piece)
          bytes += piece.length
          return true
        },
        complete: () => {
          if (response === null) return fail('ECONNRESET', 'it closed the connection')
          const reply: RelayedReply = {
            ...about,
            ...response,
            body: Buffer.concat(pieces).subarray(0, KEPT_REPLY_BYTES),
            bodyBytes: bytes,
            durationMs: durationMs(),
          }
          finish({ type: 'reply', reply })
        },
        failed: ({ code, message }) => fail(code, message),
        drained: () => {},
      },
    )
    const onAbort = () => {
      over()
      forward.cancel()
      reject(signal.reason)
    }
    const onLimit = () => {
      forward.cancel()
      fail('timeout', `no whole reply within ${timeoutMs / 1000} s`)
    }
    const over = () => {
      signal.removeEventListener('abort', onAbort)
      limit?.removeEventListener('abort', onLimit)
    }
    signal.addEventListener('abort', onAbort)
    limit?.addEventListener('abort', onLimit)
  })
}

/** Does anybody take connections there? Nothing is sent. */
export function isReachable(target: URL, signal: AbortSignal, timeoutMs = 2000): Promise<boolean> {
  const { hostname, port, protocol } = target
  return new Promise(resolve => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port) || (protocol === 'https:' ? 443 : 80),
      timeout: timeoutMs,
    })
    const done = (reached: boolean) => {
      signal.removeEventListener('abort', stop)
      socket.destroy()
      resolve(reached)
    }
    const stop = () => done(false)
    signal.addEventListener('abort', stop)
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
    socket.once('timeout', () => done(false))
    if (signal.aborted) stop()
  })
}

/** Codes of a target that was not reached at all. */
const UNREACHED =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/

export function wasUnreached(code: string | null): boolean {
  return code !== null && UNREACHED.test(code)
}

/** An address without a path takes the path that was asked for; one with a path is taken as it is. */
export function keepsPath({ pathname, search }: URL): boolean {
  return pathname === '/' && search === ''
}
