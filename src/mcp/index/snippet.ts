import { stretchesOf } from './markdown.ts'
import { tokensOf } from './words.ts'

/**
 * The part of a section that has most of the terms, in whole lines and of at most so many characters; a line that is longer is
 * taken apart at its spaces. A code block that it touches is whole, however long.
 */
export function snippetOf(text: string, terms: readonly string[], maximum = 400): string {
  const blocks = blocksOf(text, maximum)
  const wanted = new Set(terms)
  const values = blocks.map(block => tokensOf(block).filter(({ term }) => wanted.has(term)).length)
  let from = values.indexOf(values.reduce((most, value) => Math.max(most, value), 0))
  if (from < 0) return ''
  let to = from + 1
  const length = () => blocks.slice(from, to).join('\n').length
  // It grows to where more is found, then to what follows.
  while (from > 0 || to < blocks.length) {
    const before = from > 0 ? (values[from - 1] ?? 0) + 0.25 : -1
    const after = to < blocks.length ? (values[to] ?? 0) + 0.5 : -1
    if (before > after) from--
    else to++
    if (length() <= maximum) continue
    if (before > after) from++
    else to--
    break
  }
  return blocks.slice(from, to).join('\n').trim()
}

/** Lines, and code blocks as one. */
function blocksOf(text: string, maximum: number): string[] {
  const piece = new RegExp(`.{1,${maximum}}(?=\\s|$)|.{1,${maximum}}`, 'gu')
  return stretchesOf(text)
    .flatMap(({ isCode, text: stretch }) => {
      if (isCode) return [stretch]
      return stretch.split('\n').flatMap(line => (line.length > maximum ? (line.match(piece) ?? []) : [line]))
    })
    .filter(block => block.trim() !== '')
}
