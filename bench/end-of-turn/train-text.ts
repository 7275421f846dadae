import type { LinearModel } from '../../src/providers/end-of-turn/estimator.ts'
import { featuresOf, hashOf } from '../../src/providers/end-of-turn/features.ts'
import { createLexicon } from '../../src/providers/end-of-turn/lexicon.ts'
import { type Item, withoutPunctuation } from './corpus.ts'

export interface TrainingSettings {
  /** Weights; a power of two. */
  buckets: number
  rounds: number
  rate: number
  /** Strength of the pull of every weight to 0. */
  decay: number
  /** Weight of generated items beside written ones. */
  generatedWeight: number
}

/** Chosen on dev. */
export const SETTINGS: TrainingSettings = {
  buckets: 8192,
  rounds: 150,
  rate: 1,
  decay: 0.003,
  generatedWeight: 0.3,
}

interface Example {
  places: number[]
  target: number
  weight: number
}

/** Logistic regression by gradient descent over all examples at once (Nesterov's momentum), calibrated and rounded. */
export function trainText(
  train: readonly Item[],
  dev: readonly Item[],
  settings: TrainingSettings,
): LinearModel {
  const examples = examplesOf(train, settings)
  const weights = new Float64Array(settings.buckets)
  const ahead = new Float64Array(settings.buckets)
  const slopes = new Float64Array(settings.buckets)
  const total = examples.reduce((sum, { weight }) => sum + weight, 0)
  let bias = 0
  for (let round = 0; round < settings.rounds; round++) {
    slopes.fill(0)
    let biasSlope = 0
    for (const { places, target, weight } of examples) {
      let score = bias
      for (const place of places) score += ahead[place]
      const error = (target - sigmoid(score)) * weight
      biasSlope += error
      for (const place of places) slopes[place] += error
    }
    bias += (settings.rate * biasSlope) / total
    const momentum = round / (round + 3)
    for (const [place, slope] of slopes.entries()) {
      const next = ahead[place] + settings.rate * (slope / total - settings.decay * ahead[place])
      ahead[place] = next + momentum * (next - weights[place])
      weights[place] = next
    }
  }
  return calibrate(rounded(weights, bias), examplesOf(dev, settings))
}

function examplesOf(items: readonly Item[], { buckets, generatedWeight }: TrainingSettings): Example[] {
  const lexicon = createLexicon()
  return items.map(({ text, assistantText, complete, domain }) => {
    const weight = domain === 'generated' ? generatedWeight : 1
    const names = new Set(featuresOf(withoutPunctuation(text), assistantText, lexicon))
    return { places: [...names].map(name => hashOf(name) & (buckets - 1)), target: complete ? 1 : 0, weight }
  })
}

function rounded(weights: Float64Array, bias: number): LinearModel {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0)
  const scale = largest / 127
  return { weights: Int8Array.from(weights, weight => Math.round(weight / scale)), scale, bias }
}

/** Platt's scaling on dev: the two numbers that make the scores probabilities, found by Newton's method. */
function calibrate(model: LinearModel, dev: readonly Example[]): LinearModel {
  const scores = dev.map(({ places }) =>
    places.reduce((sum, place) => sum + model.scale * model.weights[place], model.bias),
  )
  let [slope, offset] = [1, 0]
  for (let round = 0; round < 50; round++) {
    let [gradientSlope, gradientOffset, slopes, mixed, offsets] = [0, 0, 1e-9, 0, 1e-9]
    for (const [index, score] of scores.entries()) {
      const probability = sigmoid(slope * score + offset)
      const error = (dev[index]?.target ?? 0) - probability
      const spread = probability * (1 - probability)
      gradientSlope += error * score
      gradientOffset += error
      slopes += spread * score * score
      mixed += spread * score
      offsets += spread
    }
    const determinant = slopes * offsets - mixed * mixed
    slope += (offsets * gradientSlope - mixed * gradientOffset) / determinant
    offset += (slopes * gradientOffset - mixed * gradientSlope) / determinant
  }
  return { weights: model.weights, scale: model.scale * slope, bias: model.bias * slope + offset }
}

function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score))
}
