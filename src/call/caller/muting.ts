import type { Clock } from '../../engine/ports/clock.ts'

/** When a scripted customer was muted. */
export interface Muting {
  set(muted: boolean): void
  /** True of sound that ends then; the moment of muting itself is still heard. */
  covers(audioMs: number): boolean
  /** From when on the customer is heard without a break until then. */
  heardSince(audioMs: number): number
}

export function createMuting(clock: Clock): Muting {
  const stretches: { fromMs: number; toMs: number }[] = []
  return {
    set: muted => {
      const nowMs = clock.now()
      const last = stretches.at(-1)
      if (muted) stretches.push({ fromMs: nowMs, toMs: Number.POSITIVE_INFINITY })
      else if (last !== undefined) last.toMs = Math.min(last.toMs, nowMs)
    },
    covers: audioMs => stretches.some(({ fromMs, toMs }) => audioMs > fromMs && audioMs <= toMs),
    heardSince: audioMs => {
      const before = stretches.findLast(({ toMs }) => toMs < audioMs)
      return before?.toMs ?? Number.NEGATIVE_INFINITY
    },
  }
}
