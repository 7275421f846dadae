import { createFourierTransform } from '../fourier-transform.ts'
import { toFloat, toInt16 } from '../samples.ts'
import { createBaseline } from './baseline.ts'
import type { Denoiser } from './denoiser.ts'
import { createMediaProfile } from './media.ts'

/** The six documented parameters without `enabled` (seed, Background speech denoising). */
export interface FourierSettings {
  /** Find and filter what sounds all the time. */
  readonly mediaDetectionEnabled: boolean
  /** Threshold while there is no baseline, -80 to 0 dBFS. */
  readonly staticThreshold: number
  /** How far under the baseline sound is filtered, -30 to -5 dB; closer to 0 filters more. */
  readonly baselineOffsetDb: number
  /** Time from which the baseline is made, 1000 to 30,000. */
  readonly windowSizeMs: number
  /** Which percentile of the levels is the baseline, 1 to 99. */
  readonly baselinePercentile: number
}

export interface FourierDenoiser extends Denoiser {
  /** The speaker's level as it is known now, in dBFS; null while the static threshold counts. */
  readonly baselineDb: number | null
}

const SAMPLE_RATE = 16_000
/** Samples of a spectrum (32 ms) and from one to the next (10 ms). */
const SIZE = 512
const HOP = 160
const HOP_MS = (HOP / SAMPLE_RATE) * 1000

/** By how many dB sound is lowered for each dB that it is under a threshold. */
const SLOPE = 3
/** Nothing is lowered by more. */
const DEEPEST_DB = -24
/** Share of a closing bin's gain, in dB, that is left after a hop; opening is at once. */
const RELEASE = 0.75

/**
 * Frequency-domain filtering by level, after a smart denoiser. Sound whose level is further under the speaker's usual
 * one (the baseline) than the offset is lowered: bin by bin, where speech of that loudness would be louder, and as a whole
 * where all of it is that quiet. Without a baseline the static threshold stands for both. Pure and deterministic.
 */
export function createFourier(settings: FourierSettings): FourierDenoiser {
  const transform = createFourierTransform(SIZE)
  const { bins, real, imaginary } = transform
  const { analysis, synthesis, power } = createWindows()
  const baseline = createBaseline(settings.windowSizeMs, settings.baselinePercentile, HOP_MS)
  const media = settings.mediaDetectionEnabled
    ? createMediaProfile(bins, settings.windowSizeMs, HOP_MS)
    : null
  const speech = speechLevels(bins)
  const input = new Float64Array(SIZE)
  const output = new Float64Array(SIZE)
  const work = new Float64Array(SIZE)
  const levels = new Float64Array(bins)
  const mediaLimits = new Float64Array(bins).fill(Number.NEGATIVE_INFINITY)
  const wanted = new Float64Array(bins)
  const gains = new Float64Array(bins).fill(DEEPEST_DB)
  let baselineDb: number | null = null
  let hops = 0

  /** Measures the bins; gives the level of the whole, in dBFS. */
  function measure(): number {
    let sum = 0
    let before = 0
    let here = real[0] ** 2 + imaginary[0] ** 2
    for (let bin = 0; bin < bins; bin++) {
      const after = bin + 1 < bins ? real[bin + 1] ** 2 + imaginary[bin + 1] ** 2 : 0
      // Neighbours calm the level of a single bin.
      levels[bin] = decibels((2 * (before + 2 * here + after)) / 4 / power)
      sum += bin === 0 || bin === bins - 1 ? here : 2 * here
      before = here
      here = after
    }
    return decibels(sum / power)
  }

  function decideGains(level: number): void {
    // The first windows are filled with silence in part.
    if (++hops * HOP >= SIZE) {
      baselineDb = baseline.push(level)
      media?.push(levels, mediaLimits)
    }
    const threshold = baselineDb === null ? settings.staticThreshold : baselineDb + settings.baselineOffsetDb
    const whole = level - threshold
    for (let bin = 0; bin < bins; bin++) {
      const excess = Math.min(whole, levels[bin] - Math.max(threshold + speech[bin], mediaLimits[bin]))
      wanted[bin] = Math.min(0, Math.max(DEEPEST_DB, SLOPE * excess))
    }
    for (let bin = 0; bin < bins; bin++) {
      const open = Math.max(wanted[Math.max(0, bin - 1)], wanted[bin], wanted[Math.min(bins - 1, bin + 1)])
      gains[bin] = Math.max(open, RELEASE * gains[bin] + (1 - RELEASE) * open)
    }
  }

  /** Takes 160 samples and gives the 160 that are complete now. */
  function processHop(samples: Float32Array, result: Float32Array, at: number): void {
    input.copyWithin(0, HOP)
    for (let index = 0; index < HOP; index++) input[SIZE - HOP + index] = samples[at + index]
    for (let index = 0; index < SIZE; index++) work[index] = input[index] * analysis[index]
    transform.forward(work)
    decideGains(measure())
    for (let bin = 0; bin < bins; bin++) {
      const factor = 10 ** (gains[bin] / 20)
      real[bin] *= factor
      imaginary[bin] *= factor
    }
    transform.inverse(work)
    for (let index = 0; index < SIZE; index++) output[index] += work[index] * synthesis[index]
    for (let index = 0; index < HOP; index++) result[at + index] = output[index]
    output.copyWithin(0, HOP)
    output.fill(0, SIZE - HOP)
  }

  return {
    name: 'fourier',
    delayMs: ((SIZE - HOP) / SAMPLE_RATE) * 1000,
    get baselineDb() {
      return baselineDb
    },
    process(frame) {
      const samples = toFloat(frame)
      const result = new Float32Array(frame.length)
      for (let at = 0; at + HOP <= frame.length; at += HOP) processHop(samples, result, at)
      return toInt16(result)
    },
    close() {},
  }
}

/** Root-Hann windows that give the sound back unchanged where all gains are 1; `power` scales squares to mean power. */
function createWindows() {
  const analysis = Float64Array.from({ length: SIZE }, (_, index) =>
    Math.sin((Math.PI * (index + 0.5)) / SIZE),
  )
  const overlap = new Float64Array(HOP)
  for (let index = 0; index < SIZE; index++) overlap[index % HOP] += analysis[index] ** 2
  const synthesis = analysis.map((value, index) => value / overlap[index % HOP])
  return { analysis, synthesis, power: SIZE * analysis.reduce((sum, value) => sum + value ** 2, 0) }
}

/** Long-term levels of speech in a bin of 31.25 Hz, in dB under the whole (Byrne et al. 1994), by frequency in Hz. */
const SPEECH_SPECTRUM: readonly (readonly [hertz: number, db: number])[] = [
  [0, -22],
  [100, -13],
  [600, -14],
  [1000, -25],
  [2000, -33],
  [4000, -39],
  [8000, -44],
]

function speechLevels(bins: number): Float64Array {
  return Float64Array.from({ length: bins }, (_, bin) => {
    const hertz = (bin * SAMPLE_RATE) / SIZE
    const place = Math.max(
      1,
      SPEECH_SPECTRUM.findIndex(([known]) => known >= hertz),
    )
    const [lowHertz, low] = SPEECH_SPECTRUM[place - 1]
    const [highHertz, high] = SPEECH_SPECTRUM[place]
    return low + ((high - low) * (hertz - lowHertz)) / (highHertz - lowHertz)
  })
}

function decibels(power: number): number {
  return 10 * Math.log10(power + 1e-12)
}
