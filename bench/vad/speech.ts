import { readFileSync } from 'node:fs'
import { readWav, toMono16k } from '../../src/audio/wav/read.ts'

/** Real speech of Debian's alsa-utils: a woman's voice that names the channels of a sound card. */
export const SPEECH_FILES = [
  'Front_Center',
  'Front_Left',
  'Front_Right',
  'Rear_Center',
  'Rear_Left',
  'Rear_Right',
  'Side_Left',
  'Side_Right',
].map(name => `/usr/share/sounds/alsa/${name}.wav`)

/** Speech is where the level of 5 ms is less than this much under the loudest 5 ms of its file. */
const EDGE_DECIBELS = 45
/** A quiet stretch as long as this parts two words; shorter ones belong to a word (stops before a plosive). */
const WORD_GAP_MS = 200
const STEP_SAMPLES = 80

/** The words of all files, cut at the edges of their sound, at 16 kHz. */
export async function readWords(): Promise<Int16Array[]> {
  const words: Int16Array[] = []
  for (const file of SPEECH_FILES) {
    const samples = await toMono16k(readWav(readFileSync(file)))
    for (const [from, to] of wordsOf(levelsOf(samples))) {
      words.push(samples.slice(from * STEP_SAMPLES, to * STEP_SAMPLES))
    }
  }
  return words
}

/** The mean square of each 5 ms. */
function levelsOf(samples: Int16Array): number[] {
  const levels: number[] = []
  for (let from = 0; from + STEP_SAMPLES <= samples.length; from += STEP_SAMPLES)
    levels.push(power(samples.subarray(from, from + STEP_SAMPLES)))
  return levels
}

/** Mean square of samples; 0 for none. */
export function power(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return samples.length === 0 ? 0 : sum / samples.length
}

function wordsOf(levels: number[]): [number, number][] {
  const threshold = Math.max(...levels) * 10 ** (-EDGE_DECIBELS / 10)
  const gap = (WORD_GAP_MS * 16) / STEP_SAMPLES
  const words: [number, number][] = []
  for (const [step, level] of levels.entries()) {
    const last = words.at(-1)
    if (level < threshold) continue
    if (last && step - last[1] < gap) last[1] = step + 1
    else words.push([step, step + 1])
  }
  return words
}
