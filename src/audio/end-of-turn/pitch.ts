/** Analysed sound is at half the rate of the call: 8 kHz. */
const RATE = 8000
/** Length of the window in samples: 40 ms, two periods of the deepest voice. */
export const WINDOW = 320
const MIN_LAG = Math.floor(RATE / 400)
const MAX_LAG = Math.ceil(RATE / 65)
/** Correlation from which a window counts as voiced. */
const VOICED = 0.55
/** A shorter period is preferred to a longer one that fits only so much better: the longer is a multiple of it. */
const OCTAVE_TOLERANCE = 0.9
/** An octave, in semitones, is this many. */
const SEMITONES = 12

/**
 * The pitch of a window of sound in semitones over 65 Hz, from the normalised autocorrelation between 65 and 400 Hz;
 * NaN where it is not voiced. Nothing depends on the level.
 */
export function createPitchMeter(): (window: Float32Array) => number {
  const correlations = new Float32Array(MAX_LAG + 2)
  return window => {
    let total = 0
    for (let index = 0; index < WINDOW; index++) total += window[index] * window[index]
    if (total < 1e-9) return Number.NaN
    let [front, back] = [total, total]
    for (let lag = 1; lag < MIN_LAG - 1; lag++) {
      front -= window[WINDOW - lag] ** 2
      back -= window[lag - 1] ** 2
    }
    let best = 0
    for (let lag = MIN_LAG - 1; lag <= MAX_LAG + 1; lag++) {
      front -= window[WINDOW - lag] ** 2
      back -= window[lag - 1] ** 2
      let sum = 0
      for (let index = 0; index < WINDOW - lag; index++) sum += window[index] * window[index + lag]
      const value = sum / Math.sqrt(Math.max(1e-12, front * back))
      correlations[lag] = value
      if (lag >= MIN_LAG && lag <= MAX_LAG && value > best) best = value
    }
    if (best < VOICED) return Number.NaN
    for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) {
      const here = correlations[lag]
      const [left, right] = [correlations[lag - 1], correlations[lag + 1]]
      if (here < best * OCTAVE_TOLERANCE || here < left || here < right) continue
      const curve = left - 2 * here + right
      const shift = curve < 0 ? (0.5 * (left - right)) / curve : 0
      return SEMITONES * Math.log2(RATE / (lag + shift) / 65)
    }
    return Number.NaN
  }
}
