/** Test sound and its comparison with what arrived; all 16 kHz mono. */

/** Noise between 100 and 2000 Hz, the same for the same seed, loud enough to stand out (RMS about 5000). */
export function noise(seconds: number, seed = 1): Int16Array {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  const partials = Array.from({ length: 60 }, () => ({
    step: (2 * Math.PI * (100 + 1900 * (random() + 0.5))) / 16_000,
    phase: 2 * Math.PI * random(),
  }))
  return Int16Array.from({ length: seconds * 16_000 }, (_, index) =>
    Math.round(900 * partials.reduce((sum, { step, phase }) => sum + Math.sin(step * index + phase), 0)),
  )
}

/** A tone of 400 Hz, sample `from` and following. */
export function tone(from: number, length: number): Int16Array {
  return Int16Array.from({ length }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 400 * (from + index)) / 16_000)),
  )
}

/** First and last loud sample; -1 where there is none. */
export function loudPart(samples: Int16Array): { first: number; last: number } {
  const loud = (sample: number) => Math.abs(sample) > 500
  return { first: samples.findIndex(loud), last: samples.findLastIndex(loud) }
}

/** Silent stretches of more than 2 ms between the first and the last loud sample, in milliseconds each. */
export function gapsMs(samples: Int16Array): number[] {
  const { first, last } = loudPart(samples)
  const gaps: number[] = []
  let quiet = 0
  for (let index = first; index <= last; index++) {
    if (Math.abs(samples[index]!) < 300) quiet += 1
    else {
      if (quiet > 32) gaps.push(quiet / 16)
      quiet = 0
    }
  }
  return gaps
}

/**
 * Finds `sent` in `heard`. `lags`: for each quarter of a second, how many samples later it was heard; equal lags mean
 * that nothing was lost, doubled or put in. `snrDb`: its level over what else was heard, after fitting delay and gain.
 */
export function compare(sent: Int16Array, heard: Int16Array): { lags: number[]; snrDb: number } {
  const start = bestLag(sent.subarray(0, 1600), heard, 0, heard.length - sent.length)
  const lags: number[] = []
  let signal = 0
  let rest = 0
  for (let at = 0; at + 4000 <= sent.length; at += 4000) {
    const piece = sent.subarray(at, at + 4000)
    const lag = bestLag(piece, heard, Math.max(0, at + start - 200), at + start + 200) - at
    lags.push(lag)
    const fit = fitDelay(piece, heard, at + lag)
    signal += fit.signal
    rest += fit.rest
  }
  return { lags, snrDb: 10 * Math.log10(signal / rest) }
}

function bestLag(piece: Int16Array, heard: Int16Array, from: number, to: number): number {
  let best = from
  let highest = Number.NEGATIVE_INFINITY
  for (let lag = from; lag <= Math.min(to, heard.length - piece.length); lag++) {
    let sum = 0
    for (let index = 0; index < piece.length; index++) sum += piece[index]! * heard[lag + index]!
    if (sum > highest) {
      highest = sum
      best = lag
    }
  }
  return best
}

/** The device's clock is not in step with the samples, so the delay is fitted to a tenth of a sample. */
function fitDelay(piece: Int16Array, heard: Int16Array, offset: number): { signal: number; rest: number } {
  let best = { signal: 0, rest: Number.POSITIVE_INFINITY }
  for (let tenths = -6; tenths <= 6; tenths++) {
    let cross = 0
    let power = 0
    let energy = 0
    for (let index = 32; index < piece.length - 32; index++) {
      const value = interpolate(piece, index, tenths / 10)
      const other = heard[offset + index]!
      cross += value * other
      power += value * value
      energy += other * other
    }
    const signal = (cross * cross) / power
    if (energy - signal < best.rest) best = { signal, rest: energy - signal }
  }
  return best
}

function interpolate(samples: Int16Array, index: number, shift: number): number {
  if (shift === 0) return samples[index]!
  let sum = 0
  for (let tap = -16; tap <= 16; tap++) {
    const x = Math.PI * (tap - shift)
    const window = 0.5 + 0.5 * Math.cos((Math.PI * (tap - shift)) / 17)
    sum += ((samples[index + tap]! * Math.sin(x)) / x) * window
  }
  return sum
}
