import { joinSamples } from '../../../src/audio/samples.ts'

/** Centre (hertz) and strength of the resonances of some vowels. */
const FORMANTS = {
  a: [
    [730, 1],
    [1090, 0.6],
    [2440, 0.2],
  ],
  i: [
    [270, 1],
    [2290, 0.4],
    [3010, 0.3],
  ],
  o: [
    [570, 1],
    [840, 0.6],
    [2410, 0.1],
  ],
} as const

export type Vowel = keyof typeof FORMANTS

/** A sung vowel at 16 kHz: the harmonics of a pitch under three resonances, with soft edges of 5 ms. */
export function vowel(name: Vowel, durationMs: number, pitchHertz: number): Int16Array {
  const samples = new Float64Array(durationMs * 16)
  for (let frequency = pitchHertz; frequency < 4000; frequency += pitchHertz) {
    const strength = FORMANTS[name].reduce(
      (sum, [centre, height]) => sum + height / (1 + ((frequency - centre) / 120) ** 2),
      0,
    )
    for (let index = 0; index < samples.length; index++) {
      samples[index] += strength * Math.sin((2 * Math.PI * frequency * index) / 16_000)
    }
  }
  return Int16Array.from(samples, (value, index) => {
    const edge = Math.min(1, index / 80, (samples.length - 1 - index) / 80)
    return Math.round(value * edge * 5000)
  })
}

/** So many milliseconds of digital silence. */
export function silence(durationMs: number): Int16Array {
  return new Int16Array(durationMs * 16)
}

export function join(...pieces: Int16Array[]): Int16Array {
  return joinSamples(pieces)
}
