/** A number before a unit, as the steps for distances, units and percentages read it. */
import { NUMBER } from './numbers-in-words.ts'
import { type TrackedText, VISIBLE_MASK } from './tracked-text.ts'
import type { UnitTable } from './units.ts'

/** Not inside a word, an amount of money or a longer chain of numbers. */
export const QUANTITY_START = String.raw`(?<![\w%$€£¥₹]|\d[-–:/.,]|[A-Za-z]\.)(?<sign>(?<!${VISIBLE_MASK})[-−])?`

/** Between the ends of a range. A space on one side only is no range: "5 -3". */
export const RANGE_JOINT = '(?:[-–]| [-–] )'

export interface Quantity {
  readonly sign: string | undefined
  readonly first: string
  /** The end of a range: `5-10 km`. */
  readonly second: string | undefined
}

/** Finds quantities with one of the units of a table. `joint` is what stands between: nothing, a space or a hyphen. */
export function quantityPattern(table: UnitTable): RegExp {
  const units = Object.keys(table).sort((left, right) => right.length - left.length)
  const number = `(?<first>${NUMBER})(?:${RANGE_JOINT}(?<second>${NUMBER}))?`
  return new RegExp(
    String.raw`${QUANTITY_START}${number}(?<joint>[ -]?)(?<unit>${units.join('|')})(?![\w/²³])`,
    'g',
  )
}

/**
 * Speaks quantities that a pattern of `quantityPattern` finds. A hyphen before the unit makes an adjective, which is
 * singular: `a 5-lb bag` is a "five pound bag".
 */
export function speakQuantities(
  text: TrackedText,
  pattern: RegExp,
  table: UnitTable,
  speakNumber: (number: string) => string,
): TrackedText {
  return text.replace(pattern, match => {
    const { sign, first, second, joint, unit } = match.groups ?? {}
    if (unit === 'in' && joint === ' ') return undefined
    const [one, many] = table[unit]
    const isSingular = joint === '-' || (first === '1' && second === undefined)
    return `${spokenQuantity({ sign, first, second }, speakNumber)} ${isSingular ? one : many}`
  })
}

/** `minus 5`, `5 to 10`, each number spoken by `speakNumber`. */
export function spokenQuantity(quantity: Quantity, speakNumber: (number: string) => string): string {
  const sign = quantity.sign === undefined ? '' : 'minus '
  const range = quantity.second === undefined ? '' : ` to ${speakNumber(quantity.second)}`
  return `${sign}${speakNumber(quantity.first)}${range}`
}
