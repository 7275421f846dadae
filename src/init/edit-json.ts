import { isDeepStrictEqual } from 'node:util'
import { applyEdits, findNodeAtLocation, getNodeValue, modify, parseTree } from 'jsonc-parser'

export interface JsonEdit {
  path: (string | number)[]
  value: unknown
  /** Added to the list unless it is in it; else set where there is none. */
  append?: boolean
}

/** A JSON text, comments and form kept, with a value in it: unchanged where it is there, null where the text cannot be read. */
export function withValue(text: string, { path, value, append = false }: JsonEdit): string | null {
  const tree = parseTree(text, [], { allowTrailingComma: true })
  if (tree === undefined) return null
  const node = findNodeAtLocation(tree, path)
  const list: unknown = node === undefined ? [] : getNodeValue(node)
  if (append && !Array.isArray(list)) return null
  if (append ? (list as unknown[]).some(one => sameEntry(one, value)) : node !== undefined) return text
  const indent = /\n([ \t]+)/.exec(text)?.[1] ?? '  '
  const formattingOptions = {
    insertSpaces: !indent.startsWith('\t'),
    tabSize: indent.startsWith('\t') ? 1 : indent.length,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
  }
  const at = append && node !== undefined ? [...path, -1] : path
  const added = append && node === undefined ? [value] : value
  return applyEdits(
    text,
    modify(text, at, added, { formattingOptions, isArrayInsertion: append && node !== undefined }),
  )
}

/** Plug-ins are written by name or as a pair of name and options. */
function sameEntry(one: unknown, other: unknown): boolean {
  const nameOf = (entry: unknown): unknown => (Array.isArray(entry) ? entry[0] : entry)
  return isDeepStrictEqual(one, other) || (typeof nameOf(other) === 'string' && nameOf(one) === nameOf(other))
}
