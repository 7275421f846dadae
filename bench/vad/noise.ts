/** A stream of numbers from 0 to 1 that depends on the seed alone (mulberry32). */
export type Random = () => number

export function createRandom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), state | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

export type NoiseColour = 'white' | 'pink'

/** Gaussian noise of unit power. Pink falls by 3 dB an octave (Paul Kellet's filter). */
export function makeNoise(colour: NoiseColour, length: number, random: Random): Float32Array {
  const noise = new Float32Array(length)
  const filter = colour === 'pink' ? pinkFilter() : (white: number) => white
  let sum = 0
  for (let index = 0; index < length; index++) {
    const value = filter(gaussian(random))
    noise[index] = value
    sum += value * value
  }
  const scale = 1 / Math.sqrt(sum / length)
  return noise.map(value => value * scale)
}

function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function pinkFilter(): (white: number) => number {
  let slow = 0
  let middle = 0
  let fast = 0
  return white => {
    slow = 0.99765 * slow + white * 0.099046
    middle = 0.963 * middle + white * 0.2965164
    fast = 0.57 * fast + white * 1.0526913
    return slow + middle + fast + white * 0.1848
  }
}
