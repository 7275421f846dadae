import { isObject } from '../is-object.ts'
import { isSecretName, maskUrl } from '../net/trace.ts'

const SECRET_NAME = /secret|token|passw|authorization|api[-_]?key|credential|signature|cookie/i
/** Numbers as the platform writes them, and e-mail addresses. */
const NUMBER = /\+\d{6,15}\b/g
const ADDRESS = /\b[\w.%+-]+@[\w-]+(?:\.[\w-]+)+\b/g

/** Values of such names in JSON and in queries within a text. */
const NAMED = SECRET_NAME.source
const IN_JSON = new RegExp(`("[^"]{0,60}(?:${NAMED})[^"]{0,60}"\\s*:\\s*")(?:[^"\\\\]|\\\\.)*`, 'gi')
const IN_QUERY = /([?&])([^=?&\s"]{1,80})=([^&\s"]*)/g
/** A query without these has no secret; taking it apart would cost a tenth of relaying an event. */
const MAY_TELL = /auth|key|secret|token|pass|pwd|cookie|sig|credential|code|jwt|bearer|%/i
/** User and password of an address. */
const USER = /\b([a-z][a-z0-9+.-]*:\/\/)[^/?#\s"@]+@/gi

/**
 * Hides what others may not see in a text: telephone numbers but for their last two digits, e-mail addresses, values
 * whose names tell of a secret in JSON and in queries, and users and passwords of addresses.
 */
export function maskText(text: string): string {
  return text
    .replace(IN_JSON, '$1***')
    .replace(IN_QUERY, (whole, before: string, name: string) =>
      isSecretName(name) ? `${before}${name}=***` : whole,
    )
    .replace(USER, '$1***@')
    .replace(NUMBER, number => `${number.slice(0, 2)}${'•'.repeat(number.length - 4)}${number.slice(-2)}`)
    .replace(ADDRESS, '•••@•••')
}

/**
 * A path or an address that is told to somebody, as it is written but for its secrets: user and password, and values of
 * the query whose names tell of one. They are never shown, whether masking is asked for or not.
 */
export function hideAddress(address: string): string {
  const plain = address.includes('@')
    ? address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, '$1***@')
    : address
  const question = plain.indexOf('?')
  if (question === -1 || !MAY_TELL.test(plain.slice(question))) return plain
  const url = new URL('http://x/')
  url.search = plain.slice(question)
  const masked = maskUrl(url)
  return masked === url.href ? plain : `${plain.slice(0, question)}${new URL(masked).search}`
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
