import { isObject } from '../is-object.ts'

/** A text of a configuration and where it stands. */
export interface PlacedText {
  text: string
  at: readonly (string | number)[]
}

/** Below these nothing is a template: they are data, program text or patterns. */
const notRendered = new Set([
  'metadata',
  'code',
  'schema',
  'properties',
  'credentials',
  'aliases',
  'regex',
  'assistantRegex',
  'customerRegex',
])

/** Every text of a configuration that may hold a template, in the order of the document. */
export function textsBelow(value: unknown, at: readonly (string | number)[] = []): PlacedText[] {
  if (typeof value === 'string') return [{ text: value, at }]
  if (Array.isArray(value)) return value.flatMap((item, index) => textsBelow(item, [...at, index]))
  if (!isObject(value)) return []
  return Object.entries(value)
    .filter(([key]) => !notRendered.has(key))
    .flatMap(([key, item]) => textsBelow(item, [...at, key]))
}

/** True for a text that Liquid must look at. */
export function isTemplate(text: string): boolean {
  return text.includes('{{') || text.includes('{%')
}
