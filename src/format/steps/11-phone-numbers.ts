import { digitByDigit } from '../numbers-in-words.ts'
import type { TrackedText } from '../tracked-text.ts'

const NORTH_AMERICAN = String.raw`(?:\+?1[ .-]?)?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?!\w|[.-]\d)`
const LOCAL = String.raw`\d{3}-\d{4}(?!\w|[.-]\d)`
const INTERNATIONAL = String.raw`\+\d{8,15}(?!\d)|\+\d+(?:[ .-]?\(\d+\)[ .-]?\d+|[ .-]\d+)*`
const PHONE_NUMBER = new RegExp(
  String.raw`(?<![\w+]|\d[-./:,])(?:${NORTH_AMERICAN}|${LOCAL}|${INTERNATIONAL})`,
  'g',
)

/** Shortest and longest number with a country code (E.164). */
const FEWEST_DIGITS = 8
const MOST_DIGITS = 15

/**
 * Reads phone numbers digit by digit: `123-456-7890`, `(123) 456-7890`, `1-800-555-0100`, `555-0100`, and with a
 * country code `+44 20 7946 0958` -> `plus 4 4 2 0 …`.
 */
export function formatPhoneNumbers(text: TrackedText): TrackedText {
  return text.replace(PHONE_NUMBER, match => {
    const digits = match[0].replace(/\D/g, '')
    if (!match[0].startsWith('+')) return digitByDigit(digits)
    if (digits.length < FEWEST_DIGITS || digits.length > MOST_DIGITS) return undefined
    return `plus ${digitByDigit(digits)}`
  })
}
