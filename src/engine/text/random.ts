/** A generator's state: a 32-bit integer. */
export type RandomState = number

/** A number in [0, 1) and the next state (mulberry32). */
export function draw(state: RandomState): { value: number; state: RandomState } {
  const next = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(next ^ (next >>> 15), next | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, state: next }
}
