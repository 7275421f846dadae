import { createRandom, makeNoise, type Random } from '../vad/noise.ts'
import { readCorpus, type Split } from './corpus.ts'
import type { Speak, Spoken } from './speech.ts'

const SAMPLES_PER_MS = 16

/** Sound that ends in silence, after a complete turn or in the middle of one. */
export interface Scene {
  samples: Int16Array
  /** Where the speech ends in it, in milliseconds. */
  speechEndMs: number
  /** Length of the turn that is judged, in milliseconds. */
  speechMs: number
  complete: boolean
  voice: string
}

/** Silence after the speech of a scene. */
export const SILENCE_MS = 2500

/** A turn to speak, and after how many words it may be cut off. */
export interface Sentence {
  text: string
  cuts: number[]
}

/**
 * Whole turns of the corpus that can be spoken: four to fourteen words without numerals or spelled letters. They are
 * cut at the places that are marked there.
 */
export function sentencesOf(data: string, splits: readonly Split[], most: number): Sentence[] {
  const items = readCorpus(data).filter(({ split }) => splits.includes(split))
  const whole = items.filter(({ text, complete }) => {
    const words = text.split(' ')
    return complete && words.length >= 4 && words.length <= 14 && !/\d|\b[A-Z]\b(?<!I)/.test(text)
  })
  const sentences = whole.flatMap(({ text }) => {
    const cuts = items
      .filter(item => !item.complete && text.startsWith(`${item.text} `) && item.text.split(' ').length >= 2)
      .map(item => item.text.split(' ').length)
    return cuts.length === 0 ? [] : [{ text, cuts: [...new Set(cuts)] }]
  })
  const step = Math.max(1, sentences.length / most)
  return Array.from(
    { length: Math.min(most, sentences.length) },
    (_, index) => sentences[Math.floor(index * step)],
  ).filter(sentence => sentence !== undefined)
}

/**
 * Speaks each sentence whole and cut off. Both kinds get the same treatment, so that no edge gives the cut away: the
 * sound is trimmed to its last loud moment, faded out over 30 to 80 ms, played in a room with 0.15 to 0.45 s of
 * reverberation and pink noise 20 to 40 dB under it, at a random level, after another turn of the same voice.
 */
export async function makeScenes(
  voice: string,
  speak: Speak,
  sentences: readonly Sentence[],
  seed: number,
): Promise<Scene[]> {
  const random = createRandom(seed)
  const scenes: Scene[] = []
  let before: Int16Array | null = null
  for (const { text, cuts } of sentences) {
    const spoken = await speak(text)
    if (spoken === null) continue
    const whole = trimmed(spoken.samples)
    if (before !== null) {
      scenes.push(sceneOf(voice, before, whole, true, random))
      for (const cut of pickTwo(cuts, random)) {
        const part = await cutAt(spoken, cut)
        if (part !== null) scenes.push(sceneOf(voice, before, part, false, random))
      }
    }
    before = whole
  }
  return scenes
}

async function cutAt(spoken: Spoken, words: number): Promise<Int16Array | null> {
  const endMs = await spoken.endMs(words)
  if (endMs === null) return null
  const part = trimmed(spoken.samples.slice(0, Math.round(endMs * SAMPLES_PER_MS)))
  return part.length < 350 * SAMPLES_PER_MS ? null : part
}

function pickTwo(cuts: readonly number[], random: Random): number[] {
  const rest = [...cuts]
  const picked: number[] = []
  while (picked.length < 2 && rest.length > 0)
    picked.push(...rest.splice(Math.floor(random() * rest.length), 1))
  return picked
}

/** Without what is more than 30 dB under the loudest 10 ms, at both ends. */
function trimmed(samples: Int16Array): Int16Array {
  const size = 10 * SAMPLES_PER_MS
  const powers: number[] = []
  for (let at = 0; at + size <= samples.length; at += size) {
    let sum = 0
    for (let index = at; index < at + size; index++) sum += (samples[index] ?? 0) ** 2
    powers.push(sum)
  }
  const least = powers.reduce((most, power) => Math.max(most, power), 0) / 1000
  const from = powers.findIndex(power => power > least)
  const to = powers.findLastIndex(power => power > least)
  return from < 0 ? new Int16Array(0) : samples.slice(from * size, (to + 1) * size)
}

function sceneOf(
  voice: string,
  before: Int16Array,
  speech: Int16Array,
  complete: boolean,
  random: Random,
): Scene {
  const faded = Float32Array.from(speech)
  const fade = Math.round((30 + 50 * random()) * SAMPLES_PER_MS)
  for (let index = Math.max(0, faded.length - fade); index < faded.length; index++) {
    faded[index] *= 0.5 + 0.5 * Math.cos((Math.PI * (index - faded.length + fade)) / fade)
  }
  const lead = 300 * SAMPLES_PER_MS
  const gap = Math.round((700 + 600 * random()) * SAMPLES_PER_MS)
  const start = lead + before.length + gap
  const end = start + faded.length
  const dry = new Float32Array(end + SILENCE_MS * SAMPLES_PER_MS)
  dry.set(before, lead)
  dry.set(faded, start)
  const wet = inRoom(dry, 0.15 + 0.3 * random(), 0.1 + 0.2 * random(), random)
  let power = 0
  for (let index = start; index < end; index++) power += (wet[index] ?? 0) ** 2
  const loudness = Math.sqrt(power / faded.length)
  const gain = (10 ** ((-28 + 12 * random()) / 20) * 32768) / loudness
  const noise = makeNoise('pink', wet.length, random)
  const hiss = loudness * 10 ** (-(20 + 20 * random()) / 20)
  const samples = Int16Array.from(wet, (sample, index) =>
    Math.max(-32768, Math.min(32767, Math.round(gain * (sample + hiss * (noise[index] ?? 0))))),
  )
  return {
    samples,
    speechEndMs: end / SAMPLES_PER_MS,
    speechMs: faded.length / SAMPLES_PER_MS,
    complete,
    voice,
  }
}

/** Reverberation: an echo every 2 ms on average, with a random sign, dying away by 60 dB in `seconds`. */
function inRoom(dry: Float32Array, seconds: number, strength: number, random: Random): Float32Array {
  const wet = Float32Array.from(dry)
  const echoes: { delay: number; gain: number }[] = []
  for (let delay = 3; delay < seconds * 1000; delay += 2) {
    const jitter = Math.floor(random() * 2 * SAMPLES_PER_MS)
    const gain = strength * 10 ** ((-3 * delay) / 1000 / seconds) * (random() < 0.5 ? -1 : 1)
    echoes.push({ delay: delay * SAMPLES_PER_MS + jitter, gain })
  }
  for (const { delay, gain } of echoes) {
    for (let index = delay; index < wet.length; index++) wet[index] += gain * (dry[index - delay] ?? 0)
  }
  return wet
}
