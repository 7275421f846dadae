import { tokensOf } from './words.ts'

const CODE_BLOCK = /^(`{3,}|~{3,})[\s\S]*?^\1[ \t]*$/gm

/**
 * The part of a section that has most of the terms, in whole lines and at most about so many characters; a code block that
 * it touches is whole, however long.
 */
export function snippetOf(text: string, terms: readonly string[], maximum = 400): string {
  const blocks = blocksOf(text)
  const wanted = new Set(terms)
  const values = blocks.map(block => tokensOf(block).filter(({ term }) => wanted.has(term)).length)
  let from = values.indexOf(Math.max(...values))
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
function blocksOf(text: string): string[] {
  const blocks: string[] = []
  let place = 0
  for (const match of text.matchAll(CODE_BLOCK)) {
    blocks.push(...text.slice(place, match.index).split('\n'), match[0])
    place = match.index + match[0].length
  }
  blocks.push(...text.slice(place).split('\n'))
  return blocks.filter(block => block.trim() !== '')
}
