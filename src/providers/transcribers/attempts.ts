/** Waits before attempts that follow each other, in milliseconds. */
const WAITS_MS = [0, 100, 300, 1000] as const
/** More attempts than this in a minute are a storm, whatever came in between. */
const MAXIMUM_A_MINUTE = 12
const MINUTE_MS = 60_000

/** When it is worth trying to connect again. */
export interface Attempts {
  /** How long to wait before the next attempt, in milliseconds; null where there is to be none. */
  next(nowMs: number): number | null
  /** The connection was of use. */
  progress(): void
}

export function createAttempts(): Attempts {
  let recentMs: number[] = []
  let following = 0
  return {
    next(nowMs) {
      recentMs = recentMs.filter(ms => nowMs - ms < MINUTE_MS)
      if (recentMs.length >= MAXIMUM_A_MINUTE) return null
      recentMs.push(nowMs)
      return WAITS_MS[following++] ?? null
    },
    progress() {
      following = 0
    },
  }
}
