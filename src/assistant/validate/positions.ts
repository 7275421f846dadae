import { extname } from 'node:path'
import type { Node, ParseError } from 'jsonc-parser'
import type { PathPart } from './finding.ts'

/** Counted from 1. */
export interface Position {
  line: number
  column: number
}

/** Finds the place of a path in a text; a part that is not there gives the place of the nearest thing above it. */
export type Locate = (at: readonly PathPart[]) => Position

/** Reads the places of a text that parsed before; by its file's name like `parseDocument`. */
export async function createLocator(text: string, path: string): Promise<Locate> {
  const offsetOf = extname(path).toLowerCase() === '.json' ? await jsonOffsets(text) : await yamlOffsets(text)
  const lineStarts = [0]
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) lineStarts.push(end + 1)
  return at => positionOf(offsetOf(at), lineStarts)
}

async function jsonOffsets(text: string): Promise<(at: readonly PathPart[]) => number> {
  const { parseTree } = await import('jsonc-parser')
  const errors: ParseError[] = []
  const root = parseTree(text, errors)
  return at => {
    let node = root
    let offset = root?.offset ?? 0
    for (const part of at) {
      const next: { node: Node | undefined; offset: number } | null = jsonStep(node, part)
      if (next === null) return offset
      ;({ node, offset } = next)
    }
    return offset
  }
}

/** What a part leads to; the place of a field is its name. A field that stands twice counts by its last value. */
function jsonStep(node: Node | undefined, part: PathPart): { node: Node | undefined; offset: number } | null {
  if (typeof part === 'number') {
    const item = node?.type === 'array' ? node.children?.[part] : undefined
    return item === undefined ? null : { node: item, offset: item.offset }
  }
  const property =
    node?.type === 'object'
      ? node.children?.findLast(child => child.children?.[0]?.value === part)
      : undefined
  return property === undefined ? null : { node: property.children?.[1], offset: property.offset }
}

async function yamlOffsets(text: string): Promise<(at: readonly PathPart[]) => number> {
  const { isAlias, isMap, isNode, isScalar, isSeq, parseDocument } = await import('yaml')
  const document = parseDocument(text)
  const start = (node: unknown) => (isNode(node) ? node.range?.[0] : undefined)
  return at => {
    let node: unknown = document.contents
    let offset = start(node) ?? 0
    for (const part of at) {
      if (isAlias(node)) node = node.resolve(document)
      if (isMap(node)) {
        const pair = node.items.find(
          ({ key }) => (isScalar(key) ? String(key.value) : String(key)) === String(part),
        )
        if (pair === undefined) return offset
        offset = start(pair.key) ?? offset
        node = pair.value
      } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
        node = node.items[part]
        offset = start(node) ?? offset
      } else return offset
    }
    return offset
  }
}

function positionOf(offset: number, lineStarts: readonly number[]): Position {
  let [low, high] = [0, lineStarts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((lineStarts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (lineStarts[low] ?? 0) + 1 }
}
