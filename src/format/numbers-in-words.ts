/** Numbers as a person says them in American English: no hyphen, no "and". All take digits as they were written. */
import { toCardinal, toOrdinal } from 'n2words/en-US'

/** Longer whole numbers exceed what a JavaScript number holds exactly, and nobody says them as one number. */
const MOST_DIGITS_IN_WORDS = 15

/** Matches a plain or grouped number with an optional fraction: `5`, `1,234.56`, `.5`. */
export const NUMBER = String.raw`(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|(?<!\.)\.\d+)`

/** `007` -> `0 0 7`. */
export function digitByDigit(digits: string): string {
  return Array.from(digits).join(' ')
}

/** `42` -> `forty two`. Over 15 digits: digit by digit. */
export function cardinal(digits: string): string {
  if (digits.length > MOST_DIGITS_IN_WORDS) return digitByDigit(digits)
  return withoutHyphens(toCardinal(Number(digits)))
}

/** `21` -> `twenty first`; undefined over 15 digits. */
export function ordinal(digits: string): string | undefined {
  return digits.length > MOST_DIGITS_IN_WORDS ? undefined : withoutHyphens(toOrdinal(Number(digits)))
}

/** A quantity of any form that NUMBER matches: `1,234.05` -> `one thousand two hundred thirty four point zero five`. */
export function quantityInWords(number: string): string {
  const [whole, fraction] = number.replaceAll(',', '').split('.')
  if (fraction === undefined) return cardinal(whole)
  const decimals = `point ${Array.from(fraction, digit => cardinal(digit)).join(' ')}`
  return whole === '' ? decimals : `${cardinal(whole)} ${decimals}`
}

/**
 * A whole number without grouping, which may be a year or an identifier. 1900 to 2099 stays as it is (a year); a
 * leading zero or a value above the cutoff makes it an identifier, said digit by digit; round hundreds are said as
 * such (`1200` -> `twelve hundred`).
 */
export function integerInWords(digits: string, cutoff: number): string {
  if (/^(?:19|20)\d\d$/.test(digits)) return digits
  if (/^0\d/.test(digits) || Number(digits) > cutoff) return digitByDigit(digits)
  if (/^[1-9][1-9]00$/.test(digits)) return `${cardinal(digits.slice(0, 2))} hundred`
  return cardinal(digits)
}

function withoutHyphens(words: string): string {
  return words.replaceAll('-', ' ')
}
