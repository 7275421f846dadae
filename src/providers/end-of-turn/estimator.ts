import type { EndOfTurnModel } from '../../engine/ports/end-of-turn-model.ts'
import { featuresOf, hashOf } from './features.ts'
import { createLexicon } from './lexicon.ts'
import { BIAS, SCALE, WEIGHTS } from './weights.ts'

/** A model that names the languages it knows, as two-letter codes. */
export interface TextEndOfTurnModel extends EndOfTurnModel {
  readonly languages: readonly string[]
}

/** A trained linear model over hashed features: `scale` times the sum of the weights of what is present, plus `bias`. */
export interface LinearModel {
  /** A power of two of them. */
  weights: Int8Array
  scale: number
  bias: number
}

/** The model that scripts/train-end-of-turn.mjs wrote. */
export function loadShippedModel(): LinearModel {
  const bytes = Buffer.from(WEIGHTS, 'base64')
  return { weights: new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length), scale: SCALE, bias: BIAS }
}

/** The probability (0 to 1) that a turn is over, from its words and the assistant's last message. */
export type JudgeText = (text: string, assistantText: string) => number

/** A turn without words is not over. */
export function createTextJudge(model: LinearModel): JudgeText {
  const lexicon = createLexicon()
  return (text, assistantText) => {
    const features = featuresOf(text, assistantText, lexicon)
    if (features.length === 0) return 0
    let sum = 0
    for (const name of new Set(features)) sum += model.weights[hashOf(name) & (model.weights.length - 1)] ?? 0
    return 1 / (1 + Math.exp(-(model.bias + model.scale * sum)))
  }
}

/** The estimator that is shipped: English, deterministic, some 20 µs a judgement. It has no state and is never closed. */
export function createTextEndOfTurnModel(): TextEndOfTurnModel {
  const judge = createTextJudge(loadShippedModel())
  return {
    name: 'text-end-of-turn',
    languages: ['en'],
    finished: async ({ text, assistantText }) => judge(text, assistantText),
  }
}
