/** Checks of single values, wherever they come from: a flag, a variable, a file. `source` names it in the error. */
import { usageError } from '../errors.ts'
import { keyFault } from '../key-form.ts'

/** Node's timers cannot wait longer: 2^31 - 1 ms. */
const MAXIMUM_TIMEOUT_SECONDS = 2_147_483

/** A line break, control, blank or non-ASCII character inside: no key has one, and a header must not. */
const notAKey = /[^\x21-\x7e]/

/** The key without blanks around it. Throws a usage error, which never shows the key, for what cannot be one. */
export function checkKey(text: string, source: string): string {
  const key = text.trim()
  if (key === '') throw usageError(`${source} is empty`, 'give the whole private key, or leave it out')
  if (keyFault(key) === 'has quotes around it')
    throw usageError(`${source} has quotes around it, which no key has`, 'give the key alone')
  if (notAKey.test(key)) {
    throw usageError(
      `${source} has a character inside that no key has (a line break, blank, control or non-ASCII character)`,
      'copy the private key again from the dashboard, as one line',
    )
  }
  return key
}

/** An address of a server: http or https, no credentials, query or fragment; without a slash at its end. */
export function checkServerUrl(text: string, source: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null
  // The text itself is not repeated: it may hold a password.
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageError(`${source} is not an address that starts with http:// or https://`)
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(`${source} must not have a user name or password in it`, 'keys go into --api-key')
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`${source} must not have a query or fragment`)
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/** Seconds from 0 (no limit) to what a timer can wait. */
export function checkTimeoutSeconds(value: number, source: string): number {
  if (!(value >= 0 && value <= MAXIMUM_TIMEOUT_SECONDS)) {
    throw usageError(`${source} must be seconds from 0 (no limit) to ${MAXIMUM_TIMEOUT_SECONDS}`)
  }
  return value
}

/** Only such names survive a round trip through older tools, which lower-case keys and split them at dots. */
export function isAccountName(name: string): boolean {
  return /^[a-z0-9_-]+$/.test(name)
}

/** Throws a usage error for a name that `isAccountName` refuses. `what` is "account name" or "alias". */
export function checkAccountName(name: string, what: string): string {
  if (isAccountName(name)) return name
  const suggestion = name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  throw usageError(
    `"${name}" cannot be an ${what}: use a-z, 0-9, _ and - only`,
    suggestion === '' ? undefined : `for example ${suggestion}`,
  )
}

/** True and false as people write them in files and variables; null for anything else. */
export function parseSwitch(text: string): boolean | null {
  const word = text.trim().toLowerCase()
  if (['true', 'yes', 'on', '1'].includes(word)) return true
  return ['false', 'no', 'off', '0'].includes(word) ? false : null
}
