import { PROSODY_KEYS, type Prosody } from '../../src/audio/end-of-turn/prosody.ts'

/** How a stretch of speech ended, and whether the turn did. */
export interface SpokenEnd {
  prosody: Prosody
  complete: boolean
  voice: string
}

export interface ProsodyModel {
  bias: number
  weights: Record<keyof Prosody, { weight: number; mean: number; spread: number }>
}

const ROUNDS = 2000
const RATE = 0.5
/** Strength of the pull of every weight to 0: strong, because a synthesiser's habits are not people's. */
const DECAY = 0.02

/** Logistic regression; every voice and both kinds of ending count the same. */
export function trainProsody(ends: readonly SpokenEnd[]): ProsodyModel {
  const shares = new Map<string, number>()
  const keyOf = ({ voice, complete }: SpokenEnd) => `${voice} ${complete}`
  for (const end of ends) shares.set(keyOf(end), (shares.get(keyOf(end)) ?? 0) + 1)
  const scales = PROSODY_KEYS.map(key => {
    const values = ends.map(({ prosody }) => prosody[key])
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 1
    return { mean: round(mean), spread: round(spread) }
  })
  const rows = ends.map(end => ({
    values: PROSODY_KEYS.map(
      (key, index) => (end.prosody[key] - (scales[index]?.mean ?? 0)) / (scales[index]?.spread ?? 1),
    ),
    target: end.complete ? 1 : 0,
    weight: 1 / (shares.get(keyOf(end)) ?? 1) / shares.size,
  }))
  const weights = PROSODY_KEYS.map(() => 0)
  let bias = 0
  for (let round = 0; round < ROUNDS; round++) {
    const slopes = weights.map(weight => -DECAY * weight)
    let biasSlope = 0
    for (const { values, target, weight } of rows) {
      const score = values.reduce((sum, value, index) => sum + value * (weights[index] ?? 0), bias)
      const error = (target - 1 / (1 + Math.exp(-score))) * weight
      biasSlope += error
      for (const [index, value] of values.entries()) slopes[index] = (slopes[index] ?? 0) + error * value
    }
    bias += RATE * biasSlope
    for (const [index, slope] of slopes.entries()) weights[index] = (weights[index] ?? 0) + RATE * slope
  }
  const found = PROSODY_KEYS.map((key, index) => [
    key,
    {
      weight: round(weights[index] ?? 0),
      mean: scales[index]?.mean ?? 0,
      spread: scales[index]?.spread ?? 1,
    },
  ])
  return { bias: round(bias), weights: Object.fromEntries(found) }
}

/** The logit that a model gives. */
export function scoreWith(model: ProsodyModel, prosody: Prosody): number {
  return PROSODY_KEYS.reduce((sum, key) => {
    const { weight, mean, spread } = model.weights[key]
    return sum + (weight * (prosody[key] - mean)) / spread
  }, model.bias)
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
