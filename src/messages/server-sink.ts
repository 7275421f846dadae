import { randomUUID } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { MessageSink, OutgoingMessage } from '../engine/ports/message-sink.ts'
import { messageOf } from '../errors.ts'
import type { HttpClient } from '../net/http.ts'
import { tokenHeaders } from './credentials.ts'
import { deliver, lowerCased } from './deliver.ts'
import type { DeliveryServer, RetryPlan } from './delivery-plan.ts'
import { createAuthorizationSource } from './oauth2.ts'

/** Messages that may wait for one server; further ones are dropped. */
const QUEUE_LIMIT = 500
/** What is kept even when the queue is full: without these a server does not know where the call stands. */
const KEPT = new Set(['status-update', 'end-of-call-report'])

export interface ServerSinkOptions {
  http: HttpClient
  /** The one server that gets the messages of an assistant; null where there is none. */
  serverOf: (member: number) => DeliveryServer | null
  /** Wall clock, in milliseconds since 1970. */
  now: () => number
  /** Told of each message that a server took. */
  delivered: (type: string, status: number) => void
  /** Told once for each kind of failure, and at the end how many more there were. */
  warn: (message: string) => void
  /** Resolves after so many milliseconds, or at once when the signal aborts. */
  sleep?: (durationMs: number, signal: AbortSignal) => Promise<void>
}

interface Line {
  waiting: OutgoingMessage[]
  running: Promise<void> | null
}

/**
 * Posts messages to servers, one after the other for each server, so that they arrive in their order. A message is sent
 * again by the server's retry plan alone. Failures are told and change nothing.
 */
export function createServerSink(options: ServerSinkOptions): MessageSink {
  const { sleep = pause } = options
  const stopped = new AbortController()
  const lines = new Map<string, Line>()
  const failures = new Map<string, number>()
  const authorize = createAuthorizationSource(options.http, options.now)

  function fail(reason: string): void {
    const count = (failures.get(reason) ?? 0) + 1
    failures.set(reason, count)
    if (count === 1) options.warn(reason)
  }

  async function run(line: Line): Promise<void> {
    await null
    for (let next = line.waiting.shift(); next !== undefined; next = line.waiting.shift()) {
      const server = options.serverOf(next.member)
      if (server !== null && !stopped.signal.aborted) await post(next, server)
    }
    line.running = null
  }

  async function post({ type, body }: OutgoingMessage, server: DeliveryServer): Promise<void> {
    const request = {
      url: server.url,
      auth: server.auth,
      body: JSON.stringify({ message: body }),
      timeoutMs: server.timeoutMs,
      messageId: randomUUID(),
      signal: stopped.signal,
    }
    for (let attempt = 0; ; attempt++) {
      const outcome = await attemptOnce()
      if (outcome.status !== null && outcome.status >= 200 && outcome.status < 300) {
        options.delivered(type, outcome.status)
        return
      }
      if (stopped.signal.aborted) return
      const delayMs = retryDelay(server.retry, attempt, outcome.status)
      if (delayMs === null) {
        fail(`messages to ${placeOf(server.url)} are not taken: ${outcome.reason}`)
        return
      }
      await sleep(delayMs, stopped.signal)
    }

    async function attemptOnce(): Promise<{ status: number | null; reason: string }> {
      try {
        const token = await tokenHeaders(server.auth, authorize, stopped.signal)
        const headers = { ...token, ...lowerCased(server.headers) }
        const delivery = { ...request, headers, nowMs: options.now() }
        const { status, statusText } = await deliver(options.http, delivery)
        return { status, reason: `it answered ${statusText}` }
      } catch (thrown) {
        return { status: null, reason: messageOf(thrown) }
      }
    }
  }

  return {
    reaches: (recipient, member) => recipient === 'server' && options.serverOf(member) !== null,
    send(message) {
      const url = options.serverOf(message.member)?.url
      if (url === undefined) return
      const line = lines.get(url) ?? { waiting: [], running: null }
      lines.set(url, line)
      if (line.waiting.length >= QUEUE_LIMIT && !KEPT.has(message.type)) {
        fail(`a server takes messages too slowly; some were dropped`)
        return
      }
      line.waiting.push(message)
      line.running ??= run(line)
    },
    async close(signal) {
      const stop = (): void => stopped.abort(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      if (signal.aborted) stop()
      try {
        await Promise.all([...lines.values()].map(({ running }) => running))
        for (const [reason, count] of failures)
          if (count > 1) options.warn(`${reason} (${count} messages in all)`)
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
  }
}

/** How long to wait before the next attempt; null where there is none. The growth of the delays is not documented; 2. */
export function retryDelay(plan: RetryPlan | null, attempt: number, status: number | null): number | null {
  if (plan === null || attempt >= plan.maxRetries) return null
  if (status !== null && plan.excludedStatusCodes.includes(status)) return null
  return plan.type === 'exponential' ? plan.baseDelayMs * 2 ** attempt : plan.baseDelayMs
}

/** The address without user, password and query. */
function placeOf(address: string): string {
  if (!URL.canParse(address)) return address
  const { origin, pathname } = new URL(address)
  return origin + pathname
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  await sleepFor(durationMs, undefined, { signal }).catch(() => {})
}
