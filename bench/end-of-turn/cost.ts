/** Answers to a pause of the caller: how long a complete turn waits, and how often a caller who goes on is cut into. */
export interface Cost {
  /** Mean silence added to complete turns, in milliseconds. */
  waitMs: number
  /** Share of cut-off moments in which the assistant began before the caller went on. */
  cutIns: number
}

/**
 * Pauses inside a turn are taken to be log-normal. This is an assumption about people, the same for all
 * estimators, not a measurement.
 */
export const PAUSE_MEDIAN_MS = 600
export const PAUSE_SPREAD = 0.8

/** The share of pauses inside a turn that last longer. */
export function pausesLongerThan(waitMs: number): number {
  if (waitMs <= 0) return 1
  return 1 - normalCumulative(Math.log(waitMs / PAUSE_MEDIAN_MS) / PAUSE_SPREAD)
}

/** What a wait for each moment costs. */
export function costOf(waits: readonly { waitMs: number; complete: boolean }[]): Cost {
  const complete = waits.filter(one => one.complete)
  const cutOff = waits.filter(one => !one.complete)
  return {
    waitMs: complete.reduce((sum, { waitMs }) => sum + waitMs, 0) / complete.length,
    cutIns: cutOff.reduce((sum, { waitMs }) => sum + pausesLongerThan(waitMs), 0) / cutOff.length,
  }
}

/** The costs when every wait is stretched so that the cut-ins are as frequent as `cutIns`. */
export function costAtCutIns(waits: readonly { waitMs: number; complete: boolean }[], cutIns: number): Cost {
  let [low, high] = [0.001, 1000]
  const stretched = (factor: number) => waits.map(one => ({ ...one, waitMs: one.waitMs * factor }))
  for (let round = 0; round < 60; round++) {
    const middle = Math.sqrt(low * high)
    if (costOf(stretched(middle)).cutIns > cutIns) low = middle
    else high = middle
  }
  return costOf(stretched(high))
}

/** The normal distribution's cumulative function (Abramowitz and Stegun 26.2.17; off by less than 1e-7). */
function normalCumulative(value: number): number {
  const scaled = 1 / (1 + 0.2316419 * Math.abs(value))
  const series =
    scaled *
    (0.31938153 +
      scaled * (-0.356563782 + scaled * (1.781477937 + scaled * (-1.821255978 + scaled * 1.330274429))))
  const tail = (Math.exp((-value * value) / 2) / Math.sqrt(2 * Math.PI)) * series
  return value >= 0 ? 1 - tail : tail
}
