/** Steps of the level histogram, from -100 to 0 dBFS. */
const STEPS_PER_DB = 4
const LOWEST_DB = -100
const STEPS = -LOWEST_DB * STEPS_PER_DB + 1

/** Sound under this level is silence, in dBFS. */
const SILENCE_DB = -60
/** Sound stands out when it is so much above the quietest of the last moments. */
const STAND_OUT_DB = 6
const FLOOR_BLOCK_MS = 750
/** Time over which a level is calmed before it is compared with the quietest. */
const CALM_MS = 80
/** How much sound that stands out makes a baseline. */
const LEAST_SOUND_MS = 200

/** The level of the speaker, from what was heard last. */
export interface Baseline {
  /** Takes the level of the next hop, in dBFS; gives the baseline, or null while there is none. */
  push(levelDb: number): number | null
}

/**
 * A percentile of the levels in a rolling window of time. Only sound that stands out of the quietest of the last
 * 0.75 to 1.5 s counts, so that steady noise alone is no baseline; with less than 0.2 s of it in the window there is none.
 */
export function createBaseline(windowSizeMs: number, percentile: number, hopMs: number): Baseline {
  const size = Math.round(windowSizeMs / hopMs)
  const least = Math.round(LEAST_SOUND_MS / hopMs)
  /** Step of each hop in the window; -1 for one that does not count. */
  const window = new Int16Array(size).fill(-1)
  const counts = new Uint16Array(STEPS)
  const floor = createFloor(Math.round(FLOOR_BLOCK_MS / hopMs))
  const share = 1 - Math.exp(-hopMs / CALM_MS)
  let calm: number | null = null
  let next = 0
  let counted = 0
  return {
    push(levelDb) {
      const power = 10 ** (levelDb / 10)
      calm = calm === null ? power : calm + share * (power - calm)
      const calmDb = 10 * Math.log10(calm + 1e-12)
      const standsOut = calmDb > Math.max(SILENCE_DB, floor(calmDb) + STAND_OUT_DB)
      const step = standsOut ? stepOf(levelDb) : -1
      const old = window[next]
      if (old >= 0) {
        counts[old]--
        counted--
      }
      window[next] = step
      next = (next + 1) % size
      if (step >= 0) {
        counts[step]++
        counted++
      }
      return counted < least ? null : levelAt((percentile / 100) * counted)
    },
  }

  function levelAt(rank: number): number {
    let seen = 0
    for (let step = 0; step < STEPS; step++) {
      seen += counts[step]
      if (seen >= rank && seen > 0) return LOWEST_DB + step / STEPS_PER_DB
    }
    return 0
  }
}

function stepOf(levelDb: number): number {
  return Math.min(STEPS - 1, Math.max(0, Math.round((levelDb - LOWEST_DB) * STEPS_PER_DB)))
}

/** The quietest level of this block of hops and the one before it. */
function createFloor(block: number): (levelDb: number) => number {
  let count = 0
  let before = Number.POSITIVE_INFINITY
  let current = Number.POSITIVE_INFINITY
  return levelDb => {
    if (count === block) {
      before = current
      current = Number.POSITIVE_INFINITY
      count = 0
    }
    count++
    current = Math.min(current, levelDb)
    return Math.min(before, current)
  }
}
