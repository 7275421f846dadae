import type { TrackedText } from '../tracked-text.ts'

/** A colon between two digits belongs to a time, a ratio, a score or a verse. */
const COLON = /:(?!(?<=\d:)\d)/g

/** Makes colons into full stops, but not in times, ratios and web addresses. */
export function replaceColonsWithPeriods(text: TrackedText): TrackedText {
  return text.replace(COLON, () => '.')
}
