/** The level that a bin exceeds for the rest of the time counts as background: what is heard most of the time. */
const QUANTILE = 0.35
/** Where the estimate begins, so that first words are no background. */
const LOWEST_DB = -100
/** The first steps are longer by this, in dB, divided by their number. */
const FIRST_STEP_DB = 30
/** How far the estimate of a bin can move in a window of time, in dB. */
const RANGE_DB = 120
/** How far above its usual level a bin is still background. */
const MARGIN_DB = 10

/** Finds what sounds all the time in each bin: television, music, a radio. */
export interface MediaProfile {
  /** Takes the levels of the next hop's bins, in dB; writes up to which level each bin is background. */
  push(levels: Float64Array, limits: Float64Array): void
}

/**
 * Follows a low quantile of each bin's level by small steps, up and down in the ratio of the quantile. A speaker pauses
 * and moves between bins; what is there most of the time is media.
 */
export function createMediaProfile(bins: number, windowSizeMs: number, hopMs: number): MediaProfile {
  const usual = new Float64Array(bins).fill(LOWEST_DB)
  const shortest = (RANGE_DB * hopMs) / windowSizeMs
  let count = 0
  return {
    push(levels, limits) {
      const step = shortest + FIRST_STEP_DB / ++count
      for (let bin = 0; bin < bins; bin++) {
        usual[bin] += levels[bin] > usual[bin] ? step * QUANTILE : -step * (1 - QUANTILE)
        limits[bin] = usual[bin] + MARGIN_DB
      }
    },
  }
}
