import { writeFileSync } from 'node:fs'
import { readCorpus } from './corpus.ts'
import { generateItems } from './generated.ts'
import { SETTINGS, trainText } from './train-text.ts'

const GENERATED_SEED = 1

/** Trains on the corpus in `data` and writes the weights as a TypeScript file. Gives what was learned from. */
export function makeTextWeights(
  data: string,
  target: string,
): { train: number; generated: number; dev: number } {
  const items = readCorpus(data)
  const train = items.filter(({ split }) => split === 'train')
  const dev = items.filter(({ split }) => split === 'dev')
  const generated = generateItems(GENERATED_SEED)
  const { weights, scale, bias } = trainText([...train, ...generated], dev, SETTINGS)
  const text = Buffer.from(weights.buffer).toString('base64')
  writeFileSync(
    target,
    `// Written by scripts/train-end-of-turn.mjs from bench/end-of-turn/data; see README.md.
/** What a step of a weight is worth, in logits. */
export const SCALE = ${scale}
/** The logit of a turn without any known feature. */
export const BIAS = ${bias}
/** ${weights.length} signed bytes in base64, one for each value of the hash. */
export const WEIGHTS =
  '${text}'
`,
  )
  return { train: train.length, generated: generated.length, dev: dev.length }
}
