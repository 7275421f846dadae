import type { TrackedText } from '../tracked-text.ts'

const NEW_LINES = /\r?\n(?:[ \t]*\r?\n)*/g

/**
 * Makes new lines into ` . `, blank lines included. A space is enough where the line already ends in punctuation, and
 * at the very start.
 */
export function replaceNewLinesWithPeriods(text: TrackedText): TrackedText {
  return text.replace(NEW_LINES, match => {
    const before = lastVisibleBefore(text.text, match.index)
    return before === '' || '.!?…,;:'.includes(before) ? ' ' : ' . '
  })
}

function lastVisibleBefore(text: string, position: number): string {
  let at = position - 1
  while (at >= 0 && (text[at] === ' ' || text[at] === '\t')) at--
  return at < 0 ? '' : text[at]
}
