import { isObject } from '../../is-object.ts'

/** The texts in a list of settings, or of a message. */
export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}

/** Of words as providers tell them; null where they tell none. */
export function meanConfidence(words: unknown): number | null {
  const told = (Array.isArray(words) ? words : []).flatMap(word =>
    isObject(word) && typeof word.confidence === 'number' ? [word.confidence] : [],
  )
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0) / told.length
}

/** The samples as 16-bit little-endian bytes. */
export function bytesOfSamples(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
}
