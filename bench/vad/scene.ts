import { createRandom, makeNoise, type NoiseColour } from './noise.ts'
import { power } from './speech.ts'

/** Joined speech whose edges are known, in milliseconds. */
export interface Scene {
  samples: Int16Array
  utterances: { fromMs: number; toMs: number }[]
}

const SAMPLES_PER_MS = 16

/** Joins words with silences of 500 to 900 ms, a second of it at both ends; each word at another phase of the frames. */
export function joinWords(words: readonly Int16Array[], rounds: number, seed: number): Scene {
  const random = createRandom(seed)
  const placed: { word: Int16Array; at: number }[] = []
  let at = 1000 * SAMPLES_PER_MS
  for (let round = 0; round < rounds; round++) {
    for (const word of words) {
      placed.push({ word, at })
      at += word.length + Math.round((500 + 400 * random()) * SAMPLES_PER_MS)
    }
  }
  const samples = new Int16Array(at + 500 * SAMPLES_PER_MS)
  for (const { word, at: start } of placed) samples.set(word, start)
  return {
    samples,
    utterances: placed.map(({ word, at: start }) => ({
      fromMs: start / SAMPLES_PER_MS,
      toMs: (start + word.length) / SAMPLES_PER_MS,
    })),
  }
}

/** The scene with noise so many decibels under the mean level of its speech. */
export function addNoise(scene: Scene, colour: NoiseColour, decibels: number, seed: number): Scene {
  const spoken = scene.utterances.map(({ fromMs, toMs }) =>
    scene.samples.subarray(fromMs * SAMPLES_PER_MS, toMs * SAMPLES_PER_MS),
  )
  const length = spoken.reduce((sum, word) => sum + word.length, 0)
  const energy = spoken.reduce((sum, word) => sum + power(word) * word.length, 0)
  const level = Math.sqrt(energy / length / 10 ** (decibels / 10))
  const noise = makeNoise(colour, scene.samples.length, createRandom(seed))
  const samples = scene.samples.map((sample, index) =>
    Math.max(-32768, Math.min(32767, Math.round(sample + noise[index] * level))),
  )
  return { ...scene, samples }
}

/** Noise alone, about as loud as speech at 10 dB under full scale. */
export function noiseScene(colour: NoiseColour, seconds: number, seed: number): Scene {
  const noise = makeNoise(colour, seconds * 1000 * SAMPLES_PER_MS, createRandom(seed))
  return {
    samples: Int16Array.from(noise, value => Math.max(-32768, Math.min(32767, value * 3000))),
    utterances: [],
  }
}
