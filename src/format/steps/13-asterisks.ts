import { type TrackedText, VISIBLE_MASK } from '../tracked-text.ts'

const ASTERISKS = new RegExp(`(?<joint>(?<=${VISIBLE_MASK})\\*+(?=${VISIBLE_MASK}))|\\*`, 'g')

/** Removes every asterisk that is left. Between two spoken numbers (`3*4`) a space keeps their words apart. */
export function removeAsterisks(text: TrackedText): TrackedText {
  if (!text.openText.includes('*')) return text
  return text.replace(ASTERISKS, match => (match.groups?.joint === undefined ? '' : ' '))
}
