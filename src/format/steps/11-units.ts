import { quantityInWords } from '../numbers-in-words.ts'
import { quantityPattern, speakQuantities } from '../quantities.ts'
import type { TrackedText } from '../tracked-text.ts'
import { UNITS } from '../units.ts'

const UNIT = quantityPattern(UNITS)

/** Says number and unit in words: `43 lb` -> `forty three pounds`. The cutoff for digits does not count here. */
export function formatUnits(text: TrackedText): TrackedText {
  return speakQuantities(text, UNIT, UNITS, quantityInWords)
}
