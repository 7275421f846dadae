import { isObject } from '../is-object.ts'

const SECRET_NAME = /secret|token|passw|authorization|api[-_]?key|credential|signature|cookie/i
/** Numbers as the platform writes them, and e-mail addresses. */
const NUMBER = /\+\d{6,15}\b/g
const ADDRESS = /\b[\w.%+-]+@[\w-]+(?:\.[\w-]+)+\b/g

/** Values of such names in JSON and in queries within a text. */
const NAMED = SECRET_NAME.source
const IN_JSON = new RegExp(`("[^"]{0,60}(?:${NAMED})[^"]{0,60}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, 'gi')
const IN_QUERY = new RegExp(`([?&][^=&\\s]{0,60}(?:${NAMED})[^=&\\s]{0,60}=)[^&\\s]*`, 'gi')

/**
 * Hides what others may not see in a text: telephone numbers but for their last two digits, e-mail addresses, and values
 * whose names tell of a secret.
 */
export function maskText(text: string): string {
  return text
    .replace(IN_JSON, '$1***')
    .replace(IN_QUERY, '$1***')
    .replace(NUMBER, number => `${number.slice(0, 2)}${'•'.repeat(number.length - 4)}${number.slice(-2)}`)
    .replace(ADDRESS, '•••@•••')
}

/** The same in all texts of a JSON value; values whose names tell of a secret are hidden whole. */
export function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return maskText(value)
  if (Array.isArray(value)) return value.map(maskValue)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      SECRET_NAME.test(name) && typeof inner === 'string' ? '***' : maskValue(inner),
    ]),
  )
}
