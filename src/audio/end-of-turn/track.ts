import { createPitchMeter, WINDOW } from './pitch.ts'

/** Steps of the track in milliseconds. */
export const STEP_MS = 10
/** New samples of a step at 8 kHz. */
const STEP_SAMPLES = 80
/** Steps that are kept: 8 s. */
const KEPT_STEPS = 800
/** Voiced steps that tell a speaker's usual pitch: the last 6 s of voice. */
const KEPT_VOICED = 600

/** Level and pitch of the recent past, step by step. */
export interface Track {
  /** Takes 16 kHz samples, any number of them. */
  push(samples: Int16Array): void
  /** Steps since the beginning. */
  readonly steps: number
  /** The first step that is still kept. */
  readonly oldest: number
  /** Level of a step in dB (full scale is 0). */
  levelAt(step: number): number
  /** Pitch of a step in semitones over 65 Hz; NaN where there is none. */
  pitchAt(step: number): number
  /** The speaker's usual pitch: values of the last voiced steps, in order of height. */
  usualPitches(): Float32Array
}

/** Analyses sound in steps of 10 ms as it comes; memory and work per step are constant. */
export function createTrack(): Track {
  const pitchOf = createPitchMeter()
  const window = new Float32Array(WINDOW)
  const levels = new Float32Array(KEPT_STEPS)
  const pitches = new Float32Array(KEPT_STEPS)
  const voiced = new Float32Array(KEPT_VOICED)
  let [steps, fresh, voicedSteps, held] = [0, 0, 0, Number.NaN]

  function addStep(): void {
    let energy = 0
    for (let index = WINDOW - 2 * STEP_SAMPLES; index < WINDOW; index++) energy += window[index] ** 2
    const level = 10 * Math.log10(energy / (2 * STEP_SAMPLES) + 1e-9)
    // Windows are in the middle of steps of voice; what is quieter than a whisper has no pitch worth a search.
    const pitch = level > -65 ? pitchOf(window) : Number.NaN
    levels[steps % KEPT_STEPS] = level
    pitches[steps % KEPT_STEPS] = pitch
    if (!Number.isNaN(pitch)) voiced[voicedSteps++ % KEPT_VOICED] = pitch
    steps++
  }

  return {
    push(samples) {
      for (const sample of samples) {
        if (Number.isNaN(held)) {
          held = sample
          continue
        }
        // Two samples to one: the mean is filter enough for pitch and level.
        window[WINDOW - STEP_SAMPLES + fresh++] = (held + sample) / 65536
        held = Number.NaN
        if (fresh < STEP_SAMPLES) continue
        addStep()
        window.copyWithin(0, STEP_SAMPLES)
        fresh = 0
      }
    },
    get steps() {
      return steps
    },
    get oldest() {
      return Math.max(0, steps - KEPT_STEPS)
    },
    levelAt: step => levels[step % KEPT_STEPS] ?? -90,
    pitchAt: step => pitches[step % KEPT_STEPS] ?? Number.NaN,
    usualPitches: () => voiced.slice(0, Math.min(voicedSteps, KEPT_VOICED)).sort(),
  }
}
