import { setTimeout as sleepFor } from 'node:timers/promises'

/** What came of one of many. */
export interface Shot {
  /** From the begin of the request to the last byte of the reply; null where none came. */
  durationMs: number | null
  /** Why it failed: `500`, `connection-refused`; null where it did not. */
  failure: string | null
  /** Errors that the check of its reply found. */
  errors: readonly string[]
}

export interface VolleyPlan {
  count: number
  /** How many begin in a second; null: as soon as there is room. */
  perSecond: number | null
  /** How many may be under way at once. */
  concurrency: number
  signal: AbortSignal
}

/** What came of all. Times in milliseconds; null where no reply came at all. */
export interface VolleySummary {
  sent: number
  failed: number
  /** Replies that were taken and whose check found errors. */
  wrong: number
  medianMs: number | null
  p95Ms: number | null
  p99Ms: number | null
  maximumMs: number | null
  perSecond: number
  elapsedMs: number
  /** How often each reason came. */
  failures: Readonly<Record<string, number>>
  findings: Readonly<Record<string, number>>
}

/**
 * Sends many, each by `shoot`, and sums up; `progress` is told how many are over. An abort lets those under way end.
 * Times count from the begin of each: where `perSecond` is not reached, `summary.perSecond` says it.
 */
export async function fireVolley(
  { count, perSecond, concurrency, signal }: VolleyPlan,
  shoot: (place: number) => Promise<Shot>,
  progress: (done: number) => void = () => {},
): Promise<VolleySummary> {
  const durations: number[] = []
  const failures = new Map<string, number>()
  const findings = new Map<string, number>()
  const totals = { sent: 0, failed: 0, wrong: 0 }
  const beganMs = performance.now()
  let next = 0

  const worker = async () => {
    while (next < count && !signal.aborted) {
      const place = next++
      if (perSecond !== null) await until(beganMs + (place * 1000) / perSecond, signal)
      if (signal.aborted) return
      take(await shoot(place))
    }
  }
  const take = ({ durationMs, failure, errors }: Shot) => {
    totals.sent++
    if (durationMs !== null) durations.push(durationMs)
    if (failure !== null) {
      totals.failed++
      countOne(failures, failure)
    } else if (errors.length > 0) totals.wrong++
    for (const error of errors) countOne(findings, error)
    progress(totals.sent)
  }

  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, worker))
  const elapsedMs = performance.now() - beganMs
  durations.sort((one, other) => one - other)
  return {
    ...totals,
    medianMs: percentile(durations, 0.5),
    p95Ms: percentile(durations, 0.95),
    p99Ms: percentile(durations, 0.99),
    maximumMs: percentile(durations, 1),
    perSecond: elapsedMs > 0 ? (totals.sent * 1000) / elapsedMs : 0,
    elapsedMs,
    failures: Object.fromEntries(failures),
    findings: Object.fromEntries(findings),
  }
}

async function until(atMs: number, signal: AbortSignal): Promise<void> {
  const leftMs = atMs - performance.now()
  // Timers have a millisecond at the finest.
  if (leftMs >= 1) await sleepFor(leftMs, undefined, { signal }).catch(() => {})
}

function countOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The nearest rank of sorted values; null where there are none. */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
