import { NUMBER } from '../numbers-in-words.ts'
import { QUANTITY_START, RANGE_JOINT, spokenQuantity } from '../quantities.ts'
import type { TrackedText } from '../tracked-text.ts'

const PERCENTAGE = new RegExp(
  String.raw`${QUANTITY_START}(?<first>${NUMBER})(?:%?${RANGE_JOINT}(?<second>${NUMBER}))? ?%(?!\w)`,
  'g',
)

/** Names the sign; the number stays in digits: `50%` -> `50 percent`, `5-10%` -> `5 to 10 percent`. */
export function formatPercentages(text: TrackedText): TrackedText {
  return text.replace(PERCENTAGE, match => {
    const { sign, first, second } = match.groups ?? {}
    return `${spokenQuantity({ sign, first, second }, number => number)} percent`
  })
}
