import type { Clock } from '../../engine/ports/clock.ts'

/** After its last sound the assistant has finished, for one who waits for his turn. */
const FINISHED_MS = 2000
const LOOK_MS = 100

/** Knows how long nothing has been heard of the assistant. */
export interface Pauses {
  /** Something was heard of it, or will be until so much later. */
  heard(forMs?: number): void
  /** Milliseconds of silence so far. */
  quietMs(): number
  /** Resolves when the assistant has answered and finished, or has said nothing for `longestMs`. */
  untilFinished(longestMs: number, signal: AbortSignal): Promise<void>
}

/** All times count from the making of it on. */
export function createPauses(clock: Clock): Pauses {
  let lastMs = clock.now()
  const quietMs = () => Math.max(0, clock.now() - lastMs)
  return {
    heard: (forMs = 0) => {
      lastMs = Math.max(lastMs, clock.now() + forMs)
    },
    quietMs,
    async untilFinished(longestMs, signal) {
      const sinceMs = clock.now()
      while (!signal.aborted) {
        const answered = lastMs > sinceMs
        if (answered && quietMs() >= FINISHED_MS) return
        if (clock.now() - Math.max(lastMs, sinceMs) >= longestMs) return
        await clock.sleep(LOOK_MS, signal)
      }
    },
  }
}
