import type { RetryPlan } from '../../messages/delivery-plan.ts'
import { retryDelay } from '../../messages/server-sink.ts'
import { wasUnreached } from './resend.ts'
import type { AttemptEntry, Place, ProblemEntry, ReplyEntry } from './types.ts'

/**
 * What the platform's plan leaves open is decided here: growing delays from a second on, and as often as the platform
 * allows. The last try comes 17 minutes after the first.
 */
export const DEFAULT_RETRY_PLAN: RetryPlan = {
  type: 'exponential',
  maxRetries: 10,
  baseDelayMs: 1000,
  excludedStatusCodes: [],
}

/** An event that one target has not taken yet. */
export interface OpenDelivery {
  id: string
  /** When the event came. */
  atMs: number
  place: Place
  target: string
  /** The target whose reply goes back to the sender. */
  answers: boolean
  /** It is with the target, or on its way there. */
  underWay: boolean
  /** When it may be sent again; milliseconds since 1970. */
  dueMs: number
  /** Tries that reached the target and failed. */
  failures: number
  /** Number of the last time that it was sent again. */
  attempt: number
  /** The target may have had it: nobody knows how far it came. */
  possiblyDelivered: boolean
}

export type Outcome =
  | Pick<ReplyEntry, 'type' | 'id' | 'atMs' | 'target' | 'status'>
  | Pick<ProblemEntry, 'type' | 'id' | 'atMs' | 'target' | 'problem' | 'code'>
  | Pick<AttemptEntry, 'type' | 'id' | 'atMs' | 'target' | 'attempt' | 'possiblyDelivered'>

/** Which events are open, derived from what stands in a journal and what happens meanwhile, by the same rules. Pure. */
export class Deliveries {
  private readonly plan: RetryPlan
  private readonly byEvent = new Map<string, OpenDelivery[]>()
  /** In order of arrival. */
  private readonly byTarget = new Map<string, Map<string, OpenDelivery>>()

  constructor(plan: RetryPlan) {
    this.plan = plan
  }

  event(event: { id: string; atMs: number; to: readonly string[]; place: Place }): void {
    const { id, atMs, to, place } = event
    const deliveries = [...new Set(to)].map(
      (target, index): OpenDelivery => ({
        id,
        atMs,
        place,
        target,
        answers: index === 0,
        underWay: true,
        dueMs: 0,
        failures: 0,
        attempt: 0,
        possiblyDelivered: false,
      }),
    )
    for (const delivery of deliveries) this.adopt(delivery)
  }

  /** Takes an open delivery as it stands. */
  adopt(delivery: OpenDelivery): void {
    const { id, target } = delivery
    this.byEvent.set(id, [...(this.byEvent.get(id) ?? []), delivery])
    const open = this.byTarget.get(target) ?? new Map<string, OpenDelivery>()
    open.set(id, delivery)
    this.byTarget.set(target, open)
  }

  /** Takes what happened to an event. Gives the delivery that is given up with it, or null. */
  outcome(outcome: Outcome): OpenDelivery | null {
    const all = this.byEvent.get(outcome.id) ?? []
    if (outcome.type === 'problem' && outcome.problem === 'refused') {
      for (const delivery of all) this.close(delivery)
      return null
    }
    const delivery =
      outcome.target === null
        ? all.find(({ answers, underWay }) => answers && underWay)
        : all.find(({ target }) => target === outcome.target)
    if (delivery === undefined) return null
    if (outcome.type === 'attempt') {
      delivery.underWay = true
      delivery.attempt = outcome.attempt
      // Known to the listener that made it; what it knew is not to be seen from the other lines.
      delivery.possiblyDelivered ||= outcome.possiblyDelivered
      return null
    }
    delivery.underWay = false
    if (outcome.type === 'reply') {
      const { status } = outcome
      if (status >= 200 && status < 300) {
        this.close(delivery)
        return null
      }
      return this.failed(delivery, status, outcome.atMs)
    }
    if (outcome.problem === 'target' && wasUnreached(outcome.code)) {
      delivery.dueMs = outcome.atMs
      return null
    }
    delivery.possiblyDelivered = true
    return this.failed(delivery, null, outcome.atMs)
  }

  private failed(delivery: OpenDelivery, status: number | null, atMs: number): OpenDelivery | null {
    const delayMs = retryDelay(this.plan, delivery.failures, status)
    delivery.failures++
    delivery.dueMs = atMs + (delayMs ?? 0)
    if (delayMs !== null) return null
    this.close(delivery)
    return delivery
  }

  /** Nothing more is done about it. */
  close({ id, target }: OpenDelivery): void {
    this.byTarget.get(target)?.delete(id)
    const left = (this.byEvent.get(id) ?? []).filter(delivery => delivery.target !== target)
    if (left.length === 0) this.byEvent.delete(id)
    else this.byEvent.set(id, left)
  }

  /** After a listener has ended: what it had under way may have been delivered, and is due. */
  interrupted(): void {
    for (const delivery of this.all()) {
      if (!delivery.underWay) continue
      delivery.underWay = false
      delivery.possiblyDelivered = true
      delivery.dueMs = 0
    }
  }

  /** The first in order of arrival that is due; else when the next one will be, or null where none waits. */
  next(target: string, nowMs: number): OpenDelivery | { dueMs: number } | null {
    let soonest = Number.POSITIVE_INFINITY
    for (const delivery of this.byTarget.get(target)?.values() ?? []) {
      if (delivery.underWay) continue
      if (delivery.dueMs <= nowMs) return delivery
      soonest = Math.min(soonest, delivery.dueMs)
    }
    return soonest === Number.POSITIVE_INFINITY ? null : { dueMs: soonest }
  }

  *all(): Generator<OpenDelivery> {
    for (const open of this.byTarget.values()) yield* open.values()
  }

  /** Those that wait to be sent again. */
  get waiting(): number {
    let count = 0
    for (const { underWay } of this.all()) if (!underWay) count++
    return count
  }
}
