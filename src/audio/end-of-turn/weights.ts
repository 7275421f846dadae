// Written by scripts/train-end-of-turn.mjs audio; see README.md.
import type { Prosody } from './prosody.ts'

/** The logit of a turn's end: `bias` plus, for each feature, its weight times (value - mean) / spread. */
export const BIAS = -0.099
export const WEIGHTS: Readonly<Record<keyof Prosody, { weight: number; mean: number; spread: number }>> = {
  endPitch: { weight: -0.48, mean: -0.494, spread: 3.209 },
  overFloor: { weight: -0.827, mean: 1.793, spread: 2.841 },
  fall: { weight: -0.115, mean: -0.528, spread: 0.76 },
  rise: { weight: 0.827, mean: 0.312, spread: 0.738 },
  lastLoudness: { weight: -0.017, mean: -0.793, spread: 4.113 },
  fading: { weight: -0.099, mean: -0.45, spread: 3.795 },
  lengthening: { weight: 0.413, mean: 0.247, spread: 0.536 },
  voicing: { weight: -0.31, mean: 0.755, spread: 0.231 },
}
