import { isObject } from '../../is-object.ts'

/** Small parts that the protocols of several providers share: addresses, samples as bytes, fields of messages. */

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

export function base64Of(samples: Int16Array): string {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64')
}

/** `ws:` or `wss:`, as the address is `http:` or `https:`. Settings that are undefined are left out; lists become repeated ones. */
export function socketUrl(
  baseUrl: string,
  path: string,
  settings: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>,
): string {
  const url = new URL(baseUrl.replace(/^http/, 'ws') + path)
  for (const [name, value] of Object.entries(settings)) {
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) url.searchParams.append(name, String(one))
  }
  return url.href
}

/** The language alone of a BCP 47 code (`de` of `de-AT`); undefined where the provider is to find it out. */
export function languageOf(language: string): string | undefined {
  return /^(multi|multilingual|auto)$/i.test(language) ? undefined : language.split('-')[0]?.toLowerCase()
}

/** A number of the configuration; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The probability of a whole text from those of its parts, given as natural logarithms; undefined without parts. */
export function confidenceOf(logarithms: readonly unknown[]): number | undefined {
  const numbers = logarithms.filter(value => typeof value === 'number')
  if (numbers.length === 0) return undefined
  return Math.exp(numbers.reduce((sum, value) => sum + value, 0) / numbers.length)
}
