import type { TrackedText } from '../tracked-text.ts'

/** The scheme's length is bounded to keep the search linear. Closing punctuation is not part of an address. */
const WEB_ADDRESS =
  /(?<![A-Za-z0-9])(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>"'`*\uE000\uE001]*[^\s<>"'`*\uE000\uE001.,;:!?)\]}_~]/gi

/**
 * Settles web addresses as they are: any change (`:` to `.`, `_` dropped, numbers in words) makes them wrong. Not one
 * of the documented steps; it goes with the first and always runs.
 */
export function protectWebAddresses(text: TrackedText): TrackedText {
  if (!text.text.includes('://') && !/www\./i.test(text.text)) return text
  return text.replace(WEB_ADDRESS, match => match[0])
}
