/** Lines into files of the user, in place: everything else stays as it is, and what is there is not added again. */

export interface LineEdit {
  add: string
  after?: string
  before?: string
  afterLast?: string
  atEnd?: boolean
  /** With `after`: right behind the match, within its line. */
  inline?: boolean
  /** It is there already where this matches; else where the lines are. */
  unless?: string
}

/** The text with the lines in it: unchanged where they are there, null where there is no place for them. */
export function withLines(text: string, edit: LineEdit): string | null {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = edit.add.replace(/\n$/, '').replaceAll('\n', lineEnd)
  const isThere = edit.unless === undefined ? containsLines(text, lines) : matcher(edit.unless).test(text)
  if (isThere) return text
  const at = placeIn(text, edit)
  if (at === null) return null
  const [before, behind] = [text.slice(0, at), text.slice(at)]
  if (edit.inline === true) return before + lines + behind
  const opens = before === '' || before.endsWith('\n') ? '' : lineEnd
  return before + opens + lines + lineEnd + behind
}

function containsLines(text: string, lines: string): boolean {
  const bare = (value: string) => value.replace(/\s+/g, ' ').trim()
  return bare(text).includes(bare(lines))
}

/** Where a line begins that the new ones go before. */
function placeIn(text: string, { after, before, afterLast, atEnd, inline }: LineEdit): number | null {
  const pattern = after ?? before ?? afterLast
  if (pattern === undefined) return atEnd === true ? text.length : null
  const matches = [...text.matchAll(matcher(pattern))]
  const match = afterLast === undefined ? matches[0] : matches.at(-1)
  if (match === undefined) return null
  if (before !== undefined) return text.lastIndexOf('\n', match.index - 1) + 1
  if (inline === true) return match.index + match[0].length
  const end = text.indexOf('\n', match.index + Math.max(0, match[0].length - 1))
  return end === -1 ? text.length : end + 1
}

function matcher(pattern: string): RegExp {
  return new RegExp(pattern, 'gm')
}
