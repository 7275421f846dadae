import { wholeNumber } from '../report/words.ts'

/** A length of a stage as people who tune calls say it: `400 ms`, `2,300 ms`. */
export function length(ms: number): string {
  return `${wholeNumber(ms)} ms`
}

/** A number of seconds as it stands in a configuration: `0.4`. */
export function seconds(ms: number): number {
  return Math.round(ms) / 1000
}

/** The value in the middle; the mean of the two where there are two. NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((first, second) => first - second)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** `turn 3`, `turns 1, 2 and 5`, `14 turns`. */
export function turnList(turns: readonly number[]): string {
  const names = turns.map(turn => (turn === 0 ? 'the opening' : String(turn)))
  if (turns.length === 1) return turns[0] === 0 ? 'the opening' : `turn ${names[0]}`
  if (turns.length > 6) return `${turns.length} turns`
  return `turns ${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** The largest of them, or 0. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

/** All that is saved in some turns. */
export function total(saves: readonly { ms: number }[]): number {
  return saves.reduce((sum, { ms }) => sum + ms, 0)
}
