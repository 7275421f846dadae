/** Lines into files of the user, in place: everything else stays as it is, and what is there is not added again. */

export interface LineEdit {
  /** `$<name>` is what the anchor's group of that name found: what the user calls his application. */
  add: string
  after?: string
  before?: string
  afterLast?: string
  atEnd?: boolean
  /** With `after`: right behind the match, within its line. */
  inline?: boolean
  /** The lines begin as far in as the one that is matched. */
  indent?: boolean
  /** It is there already where this matches; else where the lines are. */
  unless?: string
}

/** The text with the lines in it: unchanged where they are there, null where there is no place for them. */
export function withLines(text: string, edit: LineEdit): string | null {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const place = placeIn(text, edit)
  const added = place === null ? linesByHand(edit.add) : withGroups(edit.add, place.groups)
  const lines = added.replace(/\n$/, '').replaceAll('\n', lineEnd)
  const isThere = edit.unless === undefined ? containsLines(text, lines) : matcher(edit.unless).test(text)
  if (isThere) return text
  if (place === null) return null
  const { at, matched } = place
  const [before, behind] = [text.slice(0, at), text.slice(at)]
  if (edit.inline === true) return before + lines + behind
  const opens = before === '' || before.endsWith('\n') ? '' : lineEnd
  const margin = edit.indent === true ? marginAt(text, matched) : ''
  return before + opens + lines.replaceAll(/^(?=.)/gm, margin) + lineEnd + behind
}

/** The lines as they are told where no anchor was found: a thing is called by the name of its group. */
export function linesByHand(add: string): string {
  return add.replace(/\$<(\w+)>/g, '$1')
}

function withGroups(add: string, groups: Readonly<Record<string, string | undefined>>): string {
  return add.replace(/\$<(\w+)>/g, (_all, name: string) => groups[name] ?? '')
}

function containsLines(text: string, lines: string): boolean {
  const bare = (value: string) => value.replace(/\s+/g, ' ').trim()
  return bare(text).includes(bare(lines))
}

interface Place {
  at: number
  /** Where the match of the pattern begins, and its named groups. */
  matched: number
  groups: Readonly<Record<string, string | undefined>>
}

/** Where a line begins that the new ones go before. */
function placeIn(text: string, { after, before, afterLast, atEnd, inline }: LineEdit): Place | null {
  const pattern = after ?? before ?? afterLast
  if (pattern === undefined)
    return atEnd === true ? { at: text.length, matched: text.length, groups: {} } : null
  const matches = [...text.matchAll(matcher(pattern))]
  const match = afterLast === undefined ? matches[0] : matches.at(-1)
  if (match === undefined) return null
  const { index: matched, groups = {} } = match
  if (before !== undefined) return { at: text.lastIndexOf('\n', matched - 1) + 1, matched, groups }
  if (inline === true) return { at: matched + match[0].length, matched, groups }
  const end = text.indexOf('\n', matched + Math.max(0, match[0].length - 1))
  return { at: end === -1 ? text.length : end + 1, matched, groups }
}

/** The white space that the line of a place begins with. */
function marginAt(text: string, place: number): string {
  const start = text.lastIndexOf('\n', place - 1) + 1
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? ''
}

function matcher(pattern: string): RegExp {
  return new RegExp(pattern, 'gm')
}
