import { createRandom, makeNoise } from '../vad/noise.ts'
import { unitPower } from './speech.ts'

const RATE = 16_000

/** Sounds of the places that the documentation names, of mean power 1, made of numbers alone. */
export const SOUNDS = { fan, street, keyboard, pets, music } as const

/** Air: steady pink noise with the hum of a motor. */
function fan(length: number, seed: number): Float32Array {
  const noise = makeNoise('pink', length, createRandom(seed))
  return unitPower(noise.map((value, at) => value + 0.5 * tone(at, 120) + 0.3 * tone(at, 240)))
}

/** Traffic: rumble that swells when something passes. */
function street(length: number, seed: number): Float32Array {
  const noise = makeNoise('pink', length, createRandom(seed))
  let low = 0
  return unitPower(
    noise.map((value, at) => {
      low += 0.08 * (value - low)
      return low * (1 + 0.7 * tone(at, 0.23))
    }),
  )
}

/** Typing: short clicks about six times a second. */
function keyboard(length: number, seed: number): Float32Array {
  const random = createRandom(seed)
  const sound = new Float32Array(length)
  for (let at = 0; at < length; at += Math.round((0.1 + 0.12 * random()) * RATE)) {
    for (let index = 0; index < 480 && at + index < length; index++) {
      sound[at + index] += (random() - 0.5) * Math.exp(-index / 60)
    }
  }
  return unitPower(sound)
}

/** A dog: barks of 0.2 s, harmonics that fall in pitch, in pairs. */
function pets(length: number, seed: number): Float32Array {
  const random = createRandom(seed)
  const sound = new Float32Array(length)
  let bark = 0
  for (let at = 2000; at < length; at += Math.round((bark++ % 2 === 0 ? 0.3 : 1.1) * RATE)) {
    const pitch = 450 + 100 * random()
    let phase = 0
    for (let index = 0; index < 3200 && at + index < length; index++) {
      phase += (2 * Math.PI * pitch * (1 - index / 8000)) / RATE
      const shape = Math.sin((Math.PI * index) / 3200)
      sound[at + index] +=
        shape * (Math.sin(phase) + 0.6 * Math.sin(2 * phase) + 0.4 * Math.sin(3 * phase) + 0.3 * random())
    }
  }
  return unitPower(sound)
}

/** Frequencies of the chord that `music` holds: none is a multiple of a bin of 31.25 Hz but 1000 and 2500. */
export const CHORD = [330, 660, 1000, 1320, 2500] as const

/** A held chord that breathes a little, as from an organ or a radio in the next room. */
function music(length: number): Float32Array {
  const sound = new Float32Array(length)
  for (const [place, hertz] of CHORD.entries()) {
    for (let at = 0; at < length; at++) sound[at] += tone(at, hertz) * (1 + 0.2 * tone(at, 0.7 + 0.3 * place))
  }
  return unitPower(sound)
}

function tone(at: number, hertz: number): number {
  return Math.sin((2 * Math.PI * hertz * at) / RATE)
}

/** Speech with a sound so many decibels under its mean power while it is spoken. */
export function mix(
  speech: Int16Array,
  spoken: readonly (readonly [from: number, to: number])[],
  sound: Float32Array,
  decibels: number,
): Int16Array {
  let sum = 0
  let count = 0
  for (const [from, to] of spoken) {
    for (let at = from; at < to; at++) sum += speech[at] ** 2
    count += to - from
  }
  const level = Math.sqrt(sum / count / 10 ** (decibels / 10))
  return speech.map((sample, at) =>
    Math.max(-32_768, Math.min(32_767, Math.round(sample + sound[at] * level))),
  )
}
