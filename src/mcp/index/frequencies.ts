/** One byte says it well enough: 256 steps, each a sixteenth of a doubling. */
const STEPS = 16
const LEAST = 1 / 1024

/** How much of a term is in a unit, as one byte. */
export function frequencyCode(frequency: number): number {
  return Math.min(255, Math.max(0, Math.round(Math.log2(frequency / LEAST) * STEPS)))
}

/** What each code means. */
export function frequencyTable(): Float32Array {
  return Float32Array.from({ length: 256 }, (_, code) => LEAST * 2 ** (code / STEPS))
}
