import { lstatSync } from 'node:fs'
import { type FileLock, takeLock } from '../../config/file-lock.ts'
import { messageOf } from '../../errors.ts'
import type { RetryPlan } from '../../messages/delivery-plan.ts'
import type { RelayedEvent, RelayedReply, RelayProblem } from '../relay/types.ts'
import { DEFAULT_RETRY_PLAN, Deliveries, type OpenDelivery, type Outcome } from './deliveries.ts'
import type { Journal } from './journal.ts'
import { entryOf } from './lines.ts'
import { loadLine, scanJournal } from './reader.ts'
import { type ResendOutcome, restoreEvent, wasUnreached } from './resend.ts'
import { SecretFiles } from './secrets.ts'
import { listSegments, lockTarget } from './segments.ts'
import { type EventEntry, type Place, REPLAY_RUN } from './types.ts'

/** Older events are left alone: nobody waits for them any more. */
export const RETRY_AGE_MS = 86_400_000
/** A target that is down is looked at after this time, then less and less often. */
const FIRST_LOOK_MS = 200
const LONGEST_LOOK_MS = 5000
/** A lock that shows no life for so long may be of a listener in a container that is gone. */
const QUIET_LOCK_MS = 10_000

export interface RetryClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after the time, or when the signal aborts. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
}

/** One more try. */
export interface Retry {
  event: RelayedEvent
  /** Address of the target, as `target.url.href` has it. */
  target: string
  answers: boolean
  /** From 1 on. */
  attempt: number
  possiblyDelivered: boolean
  /** Names and values in turn, to go along: `X-Vapi-Retry: 2`. */
  headers: readonly string[]
}

export interface RetrierOptions {
  journal: Journal
  /** `DEFAULT_RETRY_PLAN` unless given. */
  plan?: RetryPlan
  /** Addresses of this listener's targets; events for others stay where they are. */
  targets: readonly string[]
  send(retry: Retry, signal: AbortSignal): Promise<ResendOutcome>
  /** Does anybody take connections at this address? */
  reaches(target: string, signal: AbortSignal): Promise<boolean>
  clock: RetryClock
  /** Hears of each try when it is over. */
  heard?(retry: Retry, outcome: ResendOutcome): void
  /** Something that the user should know. */
  note?(message: string): void
}

/**
 * Sends again what a target did not take: in order of arrival, one at a time for each target, when the plan allows it. A
 * target that cannot be reached is waited for, without counting. What was under way when a listener ended is sent
 * again as possibly delivered.
 */
export class Retrier {
  private readonly options: RetrierOptions
  private readonly deliveries: Deliveries
  private readonly workers = new Map<string, Worker>()
  private readonly stopped = new AbortController()
  private readonly locks: FileLock[] = []
  private readonly secrets = new SecretFiles()
  private closing = false
  private gone = 0
  private hasToldOfLost = false

  constructor(options: RetrierOptions) {
    this.options = options
    this.deliveries = new Deliveries(options.plan ?? DEFAULT_RETRY_PLAN)
  }

  /** Tries that are still to be made. */
  get waiting(): number {
    return this.deliveries.waiting
  }

  /** An event of this listener, right after the journal has it. `place`: null where it is not there with its body. */
  event({ id, receivedMs }: RelayedEvent, to: readonly string[], place: Place | null): void {
    if (place !== null) this.deliveries.event({ id, atMs: receivedMs, to, place })
  }

  /** A reply to its delivery. */
  reply({ id, url: target, status }: RelayedReply): void {
    this.take({ type: 'reply', id, atMs: this.options.clock.now(), target, status })
    // Whoever answers is there.
    this.workers.get(target)?.wake('back')
  }

  /** What came in place of a reply. */
  problem(problem: RelayProblem): void {
    const { id, type } = problem
    const target = 'url' in problem ? problem.url : null
    const code = 'code' in problem ? problem.code : null
    this.take({ type: 'problem', problem: type, id, atMs: this.options.clock.now(), target, code })
  }

  /**
   * Takes over what listeners that have ended left open, and begins to send. Gives the number of deliveries, and how many
   * of them may have been made already. Events that are older than a day are left alone.
   */
  async start(): Promise<{ open: number; possiblyDelivered: number }> {
    const { journal, clock } = this.options
    const { folder } = journal
    const sinceMs = clock.now() - RETRY_AGE_MS
    const recent = listSegments(folder).filter(({ changedMs }) => changedMs >= sinceMs)
    const runs = new Set<string>()
    for (const run of new Set(recent.map(segment => segment.run)))
      if (run !== journal.run && run !== REPLAY_RUN && (await this.takeOver(run))) runs.add(run)
    const left = new Deliveries(this.options.plan ?? DEFAULT_RETRY_PLAN)
    for await (const { entry, header, place } of scanJournal(folder, recent)) {
      if (entry.type !== 'event') left.outcome(entry)
      else if (isLeftOver(entry, sinceMs) && runs.has(header.run)) left.event({ ...entry, place })
    }
    left.interrupted()
    const counts = { open: 0, possiblyDelivered: 0 }
    for (const delivery of left.all()) {
      if (!this.options.targets.includes(delivery.target)) continue
      this.deliveries.adopt(delivery)
      counts.open++
      if (delivery.possiblyDelivered) counts.possiblyDelivered++
    }
    for (const target of this.options.targets) this.work(target)
    return counts
  }

  /** Lets the tries that are under way come to their end, or with `force` breaks them off, and begins no more. */
  async close(force = false): Promise<void> {
    this.closing = true
    if (force) this.stopped.abort()
    for (const worker of this.workers.values()) worker.wake('end')
    await Promise.all([...this.workers.values()].map(({ done }) => done))
    for (const lock of this.locks.splice(0)) lock.release()
  }

  /** True where the listener of this run has ended, and no other one cares for what it left. */
  private async takeOver(run: string): Promise<boolean> {
    const path = lockTarget(this.options.journal.folder, run)
    try {
      this.locks.push(await takeLock(path, { waitMs: isQuiet(`${path}.lock`) ? 8000 : 0 }))
      return true
    } catch {
      return false
    }
  }

  private take(outcome: Outcome): void {
    const { target } = outcome
    const givenUp = this.deliveries.outcome(outcome)
    if (givenUp !== null) this.tellGivenUp(givenUp)
    if (outcome.type === 'reply' && outcome.status >= 200 && outcome.status < 300) return
    if (target !== null) this.work(target)
    else for (const one of this.options.targets) this.work(one)
  }

  private tellLost(lost: readonly string[]): void {
    if (lost.length === 0 || this.hasToldOfLost) return
    this.hasToldOfLost = true
    this.options.note?.(
      `events are sent again without ${lost.join(', ')}: the journal does not have these secrets any more`,
    )
  }

  private tellGivenUp({ id, target, failures }: OpenDelivery): void {
    this.options.note?.(`${id} is given up after ${failures} tries: ${target} does not take it`)
  }

  private work(target: string): void {
    const working = this.workers.get(target)
    if (working !== undefined) {
      working.wake('due')
      return
    }
    if (this.closing || this.deliveries.next(target, 0) === null) return
    const worker = new Worker(this.options.clock)
    this.workers.set(target, worker)
    worker.done = this.run(target, worker).finally(() => {
      this.workers.delete(target)
      this.work(target)
    })
  }

  private async run(target: string, worker: Worker): Promise<void> {
    let lookMs = FIRST_LOOK_MS
    const { clock } = this.options
    await null
    while (!this.closing) {
      const next = this.deliveries.next(target, clock.now())
      if (next === null) return
      if (!('id' in next)) {
        await worker.sleep(next.dueMs - clock.now(), 'due')
        continue
      }
      const reached = (await this.options.reaches(target, this.stopped.signal)) && (await this.try(next))
      if (reached) {
        lookMs = FIRST_LOOK_MS
        continue
      }
      if (this.closing) return
      await worker.sleep(lookMs, 'back')
      lookMs = Math.min(lookMs * 2, LONGEST_LOOK_MS)
    }
  }

  /** False where the target was not there after all. */
  private async try(delivery: OpenDelivery): Promise<boolean> {
    const { journal, clock, heard } = this.options
    const { id, target, answers, possiblyDelivered } = delivery
    const attempt = delivery.attempt + 1
    let event: RelayedEvent
    try {
      const line = await loadLine(delivery.place, this.secrets)
      const entry = entryOf(line.parsed)
      if (entry?.type !== 'event') throw new Error('no event stands there')
      event = restoreEvent(entry, line)
      this.tellLost(line.lost)
    } catch (error) {
      this.deliveries.close(delivery)
      if (++this.gone === 1) this.options.note?.(`an event cannot be sent again: ${messageOf(error)}`)
      return true
    }
    if (this.closing) return true
    const headers = [
      ...['X-Vapi-Retry', String(attempt)],
      ...(possiblyDelivered ? ['X-Vapi-Possibly-Delivered', 'true'] : []),
    ]
    const begun = { type: 'attempt', id, atMs: clock.now(), target, attempt, possiblyDelivered } as const
    journal.attempt(begun)
    this.deliveries.outcome(begun)
    const retry: Retry = { event, target, answers, attempt, possiblyDelivered, headers }
    let outcome: ResendOutcome
    try {
      outcome = await this.options.send(retry, this.stopped.signal)
    } catch {
      // It was broken off; the next start sees that it was under way.
      return true
    }
    if (outcome.type === 'reply') {
      journal.reply(outcome.reply, attempt)
      this.reply(outcome.reply)
    } else {
      journal.problem(outcome.problem, attempt)
      this.problem(outcome.problem)
    }
    heard?.(retry, outcome)
    return (
      outcome.type === 'reply' || outcome.problem.type !== 'target' || !wasUnreached(outcome.problem.code)
    )
  }
}

/** A replay by hand is nothing that somebody waits for. */
function isLeftOver({ atMs, bodyBytes, replayOf }: EventEntry, sinceMs: number): boolean {
  return atMs >= sinceMs && bodyBytes !== null && replayOf === null
}

/** What sends to one target; it sleeps until something is due, or until the target is back. */
class Worker {
  done: Promise<void> = Promise.resolve()
  private readonly clock: RetryClock
  private sleeping: { until: 'due' | 'back'; wake: AbortController } | null = null

  constructor(clock: RetryClock) {
    this.clock = clock
  }

  async sleep(durationMs: number, until: 'due' | 'back'): Promise<void> {
    const wake = new AbortController()
    this.sleeping = { until, wake }
    await this.clock.sleep(Math.max(0, durationMs), wake.signal)
    this.sleeping = null
  }

  /** Something new that is due says nothing about whether the target is there, and the other way round. */
  wake(reason: 'due' | 'back' | 'end'): void {
    if (this.sleeping !== null && (reason === 'end' || this.sleeping.until === reason))
      this.sleeping.wake.abort()
  }
}

function isQuiet(lock: string): boolean {
  try {
    return Date.now() - lstatSync(lock).mtimeMs > QUIET_LOCK_MS
  } catch {
    return false
  }
}

export function createRetrier(options: RetrierOptions): Retrier {
  return new Retrier(options)
}
