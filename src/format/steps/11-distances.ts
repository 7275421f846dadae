import { quantityPattern, speakQuantities } from '../quantities.ts'
import type { TrackedText } from '../tracked-text.ts'
import { DISTANCES } from '../units.ts'

const DISTANCE = quantityPattern(DISTANCES)

/** Names the units of lengths; the number stays in digits: `5km` -> `5 kilometers`. */
export function formatDistances(text: TrackedText): TrackedText {
  return speakQuantities(text, DISTANCE, DISTANCES, number => number)
}
