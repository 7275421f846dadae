import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { ListenEvent } from './events.ts'
import { journalHistory } from './inspector/history.ts'
import { createEventMemory, type EventMemory } from './inspector/memory.ts'
import { createResend } from './inspector/resend.ts'
import { type Inspector, startInspector } from './inspector/server.ts'
import { type Journal, openJournal } from './journal/journal.ts'
import { createKeeper } from './journal/keep.ts'
import { isReachable, resend } from './journal/resend.ts'
import { createRetrier, type Retrier } from './journal/retry.ts'
import { createListener, type ListenerSettings, type Tally } from './listener.ts'
import { hideAddress } from './mask.ts'
import { makeRoomForBodies } from './relay/engine-memory.ts'
import { TargetPools } from './relay/pools.ts'
import { DRAIN_MS, startRelay } from './relay/relay.ts'
import type { RelayedEvent, RelayListener, RelayOptions } from './relay/types.ts'
import { routesFor } from './routes.ts'
import { pathFor } from './target.ts'

export interface SessionOptions
  extends Pick<RelayOptions, 'routes' | 'pathMode' | 'passes' | 'verify' | 'maximumBodyBytes' | 'tls'> {
  /** `passes` asks for the call, whose id may stand at the end of a body. */
  byCall: boolean
  host: string
  /** 0: any free one. */
  port: number
  listener: ListenerSettings
  /** Null: nothing is kept. */
  journal: { folder: string; maximumBytes?: number } | null
  /** Sends again what a target did not take; needs the journal. */
  retry: boolean
  /** Port of the inspector, 0 for any free one; null: there is none. */
  inspectorPort: number | null
  tell(event: ListenEvent): void
}

/** A `vapi listen` that runs. */
export interface Session {
  url: string
  port: number
  /** Address of the inspector with its token, or null. */
  inspectorUrl: string | null
  tally: Readonly<Tally>
  /** Lets what is under way finish, then closes everything. */
  end(): Promise<void>
}

/** A try that is made again waits so long for the reply, in milliseconds. */
const RETRY_TIMEOUT_MS = 60_000

/**
 * Starts relay, journal, retries and inspector. Each event is on disk before anybody else hears of it. Throws usage errors
 * (a port in use) and VapiError where the journal cannot be opened; nothing is left open then.
 */
export async function startSession(options: SessionOptions): Promise<Session> {
  const ended = new AbortController()
  const note = (message: string) => options.tell({ type: 'note', at: new Date().toISOString(), message })
  const retries = { attempt: 0 }
  const listener = createListener(options.listener, event => options.tell(asRetried(event, retries, options)))
  const journal =
    options.journal === null
      ? null
      : await openJournal(options.journal.folder, {
          ...options.journal,
          pathMode: options.pathMode,
          gathers: true,
          warn: note,
        })
  const endRoom = makeRoomForBodies()
  const sessionId = journal?.run ?? randomBytes(4).toString('hex')
  const pools = new TargetPools(options.tls)
  const retrier =
    journal === null || !options.retry
      ? null
      : retrierOf(options, { journal, pools, sessionId, listener, retries, note })
  const memory = options.inspectorPort === null ? null : memoryOf(options, journal, sessionId, ended.signal)
  const duplicate = (id: string, of: string) => {
    listener.duplicate(id, of)
    memory?.duplicate(id, of)
  }
  const keeper =
    journal === null
      ? null
      : createKeeper({ journal, retrier, targetsOf: event => targetsOf(options, event), duplicate })
  const hearers = [keeper, listener, memory].filter(hearer => hearer !== null)
  const close = async () => {
    ended.abort()
    endRoom()
    await retrier?.close()
    pools.close()
    journal?.close()
  }
  let inspector: Inspector | null = null
  try {
    const relay = await startRelay(
      options,
      {
        ...options,
        sessionId,
        ...(journal !== null && { whenKept: then => journal.written(then) }),
        wholeBodies:
          journal !== null ||
          memory !== null ||
          options.verify !== null ||
          options.listener.withBodies ||
          options.byCall,
      },
      hearers.length === 1 ? listener : together(hearers),
    )
    try {
      if (memory !== null)
        inspector = await startInspector({
          source: memory,
          port: options.inspectorPort ?? 0,
          listener: { url: relay.url, routes: shownRoutes(options), mask: options.listener.mask },
        })
      const left = await retrier?.start()
      if (left !== undefined && left.open > 0) note(leftOver(left))
    } catch (error) {
      relay.close()
      inspector?.close()
      throw error
    }
    return {
      url: relay.url,
      port: relay.port,
      inspectorUrl: inspector?.url ?? null,
      tally: listener.tally,
      end: async () => {
        const cutOff = await relay.drain()
        if (cutOff > 0)
          note(
            `${cutOff} ${cutOff === 1 ? 'exchange was' : 'exchanges were'} cut off after ${DRAIN_MS / 1000} s`,
          )
        inspector?.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Marks tries that `--retry` made, and gives the hint that fits where what fails is sent again. */
function asRetried(
  event: ListenEvent,
  { attempt }: Readonly<Attempt>,
  { retry }: Pick<SessionOptions, 'retry'>,
): ListenEvent {
  if (!retry || (event.type !== 'reply' && event.type !== 'error')) return event
  return {
    ...event,
    ...(event.type === 'error' && event.code === 'target-down' && { hint: HINT_OF_RETRY }),
    ...(attempt > 0 && { attempt }),
  }
}

const HINT_OF_RETRY = 'start your server: the event is sent again when it is there'

/** Which try is told of at this moment; 0 for the delivery itself. */
interface Attempt {
  attempt: number
}

/** The targets by the events that go there, as they are told: without secrets of their addresses. */
export function shownRoutes({
  routes,
}: Pick<SessionOptions, 'routes'>): { events: readonly string[]; target: string }[] {
  return routes.map(({ patterns, target }) => ({ events: patterns, target: hideAddress(target.url.href) }))
}

function targetsOf({ passes, routes }: SessionOptions, { head }: RelayedEvent): string[] {
  return passes(head) ? routesFor(routes, head.type ?? '').map(({ target }) => target.url.href) : []
}

/** Everybody hears of everything, in this order. */
function together(hearers: readonly RelayListener[]): RelayListener {
  return {
    event: (event, pieces) => {
      for (const hearer of hearers) hearer.event(event, pieces)
    },
    reply: (reply, event) => {
      for (const hearer of hearers) hearer.reply(reply, event)
    },
    problem: (problem, event) => {
      for (const hearer of hearers) hearer.problem(problem, event)
    },
  }
}

function memoryOf(
  options: SessionOptions,
  journal: Journal | null,
  sessionId: string,
  signal: AbortSignal,
): EventMemory {
  const { listener } = options
  return createEventMemory({
    ...listener,
    resend: createResend({ ...options, sessionId }, signal, journal),
    history: journal === null ? null : journalHistory(journal.folder),
  })
}

interface RetryParts {
  journal: Journal
  pools: TargetPools
  sessionId: string
  listener: RelayListener
  retries: Attempt
  note(message: string): void
}

function retrierOf(
  options: SessionOptions,
  { journal, pools, sessionId, listener, retries, note }: RetryParts,
): Retrier {
  const targets = [...new Set(options.routes.map(({ target }) => target.url.href))]
  return createRetrier({
    journal,
    targets,
    send: ({ event, target, answers, headers }, signal) => {
      const url = new URL(target)
      const path = pathFor({ url }, event.requested, options.pathMode)
      const nowMs = Date.now()
      return resend(pools, {
        event,
        target: url,
        path,
        answers,
        headers,
        sessionId,
        nowMs,
        timeoutMs: RETRY_TIMEOUT_MS,
        signal,
      })
    },
    reaches: (target, signal) => isReachable(new URL(target), signal),
    clock: {
      now: () => Date.now(),
      sleep: (durationMs, signal) => wait(durationMs, undefined, { signal }).catch(() => {}),
    },
    heard: ({ event, attempt }, outcome) => {
      retries.attempt = attempt
      if (outcome.type === 'reply') listener.reply(outcome.reply, event)
      else listener.problem(outcome.problem, event)
      retries.attempt = 0
    },
    note,
  })
}

function leftOver({ open, possiblyDelivered }: { open: number; possiblyDelivered: number }): string {
  const again = possiblyDelivered === 0 ? '' : ` (${possiblyDelivered} of them perhaps for the second time)`
  return `${open} ${open === 1 ? 'event' : 'events'} of before ${open === 1 ? 'is' : 'are'} sent again${again}`
}
