import { STEP_MS, type Track } from './track.ts'

/** How a stretch of speech ended. All are numbers without a unit of loudness: no gain changes them. */
export interface Prosody {
  /** Pitch of the last voice against the speaker's usual pitch, semitones. */
  endPitch: number
  /** The same against the lowest tenth of the speaker's pitches, semitones. */
  overFloor: number
  /** How the pitch moved in the last 300 ms of voice, semitones in 100 ms; falls are negative. */
  fall: number
  rise: number
  /** Level of the last syllable against the ones before, decibels. */
  lastLoudness: number
  /** How the level moved in the last 300 ms of the speech but for its edge, decibels in 100 ms. */
  fading: number
  /** Length of the last syllable against the ones before: logarithm, 0 is the same. */
  lengthening: number
  /** Share of voice in the last 300 ms: 0 to 1. */
  voicing: number
}

export const PROSODY_KEYS = [
  'endPitch',
  'overFloor',
  'fall',
  'rise',
  'lastLoudness',
  'fading',
  'lengthening',
  'voicing',
] as const satisfies readonly (keyof Prosody)[]

export interface SpeechEnd {
  /** First step of the stretch of speech, pauses under 300 ms within. */
  start: number
  /** First step after the speech. */
  end: number
}

/** Speech is what is no more than this under the loudest of the kept past … */
const UNDER_PEAK_DB = 27
/** … and at least this over the noise. */
const OVER_NOISE_DB = 7
const LOOK_BACK_STEPS = 150
/** A pause as long as this begins another stretch of speech. */
const GAP_STEPS = 30
/** What a cut edge could tell is not looked at: the last steps of the speech. */
const EDGE_STEPS = 4

/** Where the last speech ended, from the level alone; null where there was none. */
export function findSpeechEnd(track: Track, atStep: number): SpeechEnd | null {
  const levels: number[] = []
  for (let step = track.oldest; step < atStep; step++) levels.push(track.levelAt(step))
  if (levels.length === 0) return null
  const sorted = [...levels].sort((left, right) => left - right)
  const noise = sorted[Math.floor(sorted.length * 0.1)] ?? -90
  const peak = sorted[Math.floor(sorted.length * 0.98)] ?? -90
  if (peak < -60 || peak - noise < OVER_NOISE_DB) return null
  const threshold = Math.max(peak - UNDER_PEAK_DB, noise + OVER_NOISE_DB)
  for (let step = atStep - 1; step > track.oldest + 1; step--) {
    // Two steps of three, so that a click is no speech.
    const loud = [0, 1, 2].filter(back => track.levelAt(step - back) > threshold).length
    if (loud < 2 || track.levelAt(step) <= threshold) continue
    return { start: startBefore(track, step, threshold), end: step + 1 }
  }
  return null
}

function startBefore(track: Track, last: number, threshold: number): number {
  let start = last
  for (let step = last; step >= track.oldest && start - step < GAP_STEPS; step--)
    if (track.levelAt(step) > threshold) start = step
  return start
}

/** Looks at the last 1.5 s of a stretch of speech. */
export function prosodyOf(track: Track, speech: SpeechEnd): Prosody {
  const { end } = speech
  const start = Math.max(track.oldest, speech.start, end - LOOK_BACK_STEPS)
  const pitches = smoothPitches(track, start, end)
  const usual = track.usualPitches()
  const middle = usual[Math.floor(usual.length / 2)] ?? Number.NaN
  const floor = usual[Math.floor(usual.length / 10)] ?? Number.NaN
  const voicedSteps = pitches.flatMap((pitch, index) => (Number.isNaN(pitch) ? [] : [index]))
  const last = voicedSteps.slice(-6).map(index => pitches[index] ?? 0)
  const endPitch = median(last)
  const tail = voicedSteps.filter(index => index >= (voicedSteps.at(-1) ?? 0) - 30)
  const slope = slopeOf(tail.map(index => [(index * STEP_MS) / 1000, pitches[index] ?? 0]))
  const syllables = syllablesOf(track, start, end)
  return {
    endPitch: held(endPitch - middle, 12),
    overFloor: held(endPitch - floor, 12),
    fall: held(Math.min(0, slope) / 10, 3),
    rise: held(Math.max(0, slope) / 10, 3),
    ...rhythmOf(syllables, end - start),
    fading: fadingOf(track, start, end),
    voicing: pitches.slice(-30).filter(pitch => !Number.isNaN(pitch)).length / 30,
  }
}

/** Pitches without jumps: medians of five voiced neighbours; a step far from them is no voice. */
function smoothPitches(track: Track, start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, index) => {
    const here = track.pitchAt(start + index)
    if (Number.isNaN(here)) return here
    const near = [-2, -1, 0, 1, 2]
      .map(offset => start + index + offset)
      .filter(step => step >= start && step < end)
      .map(step => track.pitchAt(step))
      .filter(pitch => !Number.isNaN(pitch))
    const smooth = median(near)
    return near.length < 3 || Math.abs(smooth - here) > 4 ? Number.NaN : smooth
  })
}

interface Syllable {
  peak: number
  level: number
}

/** Syllables are peaks of the smoothed level that dips of 2 dB part, as far as there is voice in them. */
function syllablesOf(track: Track, start: number, end: number): Syllable[] {
  const smooth = Array.from({ length: end - start }, (_, index) => {
    let [sum, count] = [0, 0]
    for (
      let step = Math.max(start, start + index - 2);
      step <= Math.min(end - 1, start + index + 2);
      step++
    ) {
      sum += track.levelAt(step)
      count++
    }
    return sum / count
  })
  const top = Math.max(...smooth)
  const found: Syllable[] = []
  let [peak, dip] = [-1, Number.POSITIVE_INFINITY]
  for (const [index, level] of smooth.entries()) {
    if (level < dip) dip = level
    const isPeak =
      level >= (smooth[index - 1] ?? -99) && level >= (smooth[index + 1] ?? -99) && level > top - 22
    if (!isPeak || Number.isNaN(track.pitchAt(start + index))) continue
    const previous = found.at(-1)
    if (previous !== undefined && Math.min(previous.level, level) - dip < 2) {
      if (level > previous.level) found[found.length - 1] = { peak: index, level }
    } else {
      found.push({ peak: index, level })
    }
    peak = index
    dip = level
  }
  return peak < 0 ? [] : found
}

function rhythmOf(
  syllables: readonly Syllable[],
  size: number,
): Pick<Prosody, 'lastLoudness' | 'lengthening'> {
  const last = syllables.at(-1)
  const before = syllables.slice(0, -1)
  if (last === undefined || before.length === 0) return { lastLoudness: 0, lengthening: 0 }
  const gaps = syllables.slice(1).map(({ peak }, index) => peak - (syllables[index]?.peak ?? 0))
  // From the middle of the last syllable to the end is half of it; half a gap is half of the others.
  const ratio = (size - last.peak + 1) / (median(gaps) / 2 + 1)
  const loudness = before.reduce((sum, { level }) => sum + level, 0) / before.length
  return { lastLoudness: held(last.level - loudness, 20), lengthening: held(Math.log(ratio), 2) }
}

function fadingOf(track: Track, start: number, end: number): number {
  const points: [number, number][] = []
  for (let step = Math.max(start, end - 34); step < end - EDGE_STEPS; step++)
    points.push([(step * STEP_MS) / 1000, track.levelAt(step)])
  return held(slopeOf(points) / 10, 12)
}

/** Least squares; 0 for fewer than four points. */
function slopeOf(points: readonly (readonly [number, number])[]): number {
  if (points.length < 4) return 0
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / Math.max(1e-9, spread)
}

function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[sorted.length >> 1] ?? Number.NaN
}

/** Unknown is 0; nothing is further from 0 than `most`. */
function held(value: number, most: number): number {
  if (!Number.isFinite(value)) return 0
  return Math.max(-most, Math.min(most, value))
}
