/**
 * One entry into and out of a JSON file with comments, as an edit of the text: every other byte stays. What is put in and taken
 * out again leaves the text as it was, but for blanks inside an object that had nothing else.
 */
import { isDeepStrictEqual } from 'node:util'
import {
  createScanner,
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import type { Entry } from '../types.ts'
import { brokenFile, unsafeEdit } from './fault.ts'

/** jsonc-parser's SyntaxKind, a const enum, which only its own compiler run could use. */
const TOKEN = { comma: 5, lineComment: 12, blockComment: 13, end: 17 } as const

interface Edit {
  at: number
  /** How much goes. */
  length: number
  text: string
}

/** The value of an entry; undefined where there is none. Throws `mcp-file-broken`. */
export function readJsonEntry(text: string, keys: readonly string[], name: string): unknown {
  const root = parse(text)
  const node = root === null ? undefined : findNodeAtLocation(root, [...keys, name])
  return node === undefined ? undefined : plainValue(node)
}

/** All servers by their names. */
export function readJsonServers(text: string, keys: readonly string[]): Entry {
  const root = parse(text)
  const node = root === null ? undefined : findNodeAtLocation(root, [...keys])
  return node?.type === 'object' ? (plainValue(node) as Entry) : {}
}

/** The text with the entry in it; its own keys that stay the same are not touched. Throws `mcp-file-broken`. */
export function putJsonEntry(text: string, keys: readonly string[], name: string, entry: Entry): string {
  const after = put(text, keys, name, entry)
  if (!isDeepStrictEqual(readJsonEntry(after, keys, name), entry)) throw unsafeEdit()
  return guarded(text, after, keys, name)
}

function put(text: string, keys: readonly string[], name: string, entry: Entry): string {
  const root = parse(text)
  if (root === null) return startedText(text, [...keys, name], entry)
  const path = [...keys, name]
  let node = root
  for (const [depth, key] of path.entries()) {
    const child = childOf(node, key)
    if (child === null) return inserted(text, node, key, nested(path.slice(depth + 1), entry))
    node = child
  }
  return changedEntry(text, path, node, entry)
}

/** The entry's keys one by one, so that what is beside and between them stays. */
function changedEntry(text: string, path: readonly string[], node: Node, entry: Entry): string {
  const old = plainValue(node)
  const isSubset = node.type === 'object' && Object.keys(old as Entry).every(key => Object.hasOwn(entry, key))
  if (!isSubset) return withEdits(text, [replaced(text, node, entry)])
  let result = text
  for (const [key, value] of Object.entries(entry)) {
    const root = parse(result)
    const holder = root === null ? undefined : findNodeAtLocation(root, [...path])
    if (holder === undefined) throw unsafeEdit()
    const present = childOf(holder, key)
    if (present === null) result = inserted(result, holder, key, value)
    else if (!isDeepStrictEqual(plainValue(present), value))
      result = withEdits(result, [replaced(result, present, value)])
  }
  return result
}

/** The text without the entry. Throws `mcp-file-broken`. */
export function takeJsonEntry(text: string, keys: readonly string[], name: string): string {
  const root = parse(text)
  const holder = root === null ? undefined : findNodeAtLocation(root, [...keys])
  const property = holder?.children?.find(child => child.children?.[0]?.value === name)
  if (holder === undefined || property === undefined) return text
  return guarded(text, removed(text, holder, property), keys, name)
}

/** With the usual prototypes, which comparisons look at. */
function plainValue(node: Node): unknown {
  return JSON.parse(JSON.stringify(getNodeValue(node)))
}

/** Parsed as a client does, null where there is nothing but blanks and comments. */
function parse(text: string): Node | null {
  if (tokenAfter(text, 0).kind === TOKEN.end) return null
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const error = errors[0]
  if (error !== undefined)
    throw brokenFile(`no valid JSON (${printParseErrorCode(error.error)})`, text, error.offset)
  if (root?.type !== 'object') throw brokenFile('no JSON object', text, 0)
  return root
}

/** The value of a key; null where the object has no such key. */
function childOf(node: Node, key: string): Node | null {
  if (node.type !== 'object') {
    const name = node.parent?.children?.[0]?.value
    throw brokenFile(`${name} is no JSON object, so nothing can be put into it`)
  }
  const found = (node.children ?? []).filter(child => child.children?.[0]?.value === key)
  if (found.length > 1) throw brokenFile(`it has the key ${key} more than once`)
  return found[0]?.children?.[1] ?? null
}

function nested(keys: readonly string[], value: unknown): unknown {
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
}

function startedText(text: string, path: readonly string[], entry: Entry): string {
  const eol = lineEndOf(text)
  const lead = text.trim() === '' ? '' : `${text.trimEnd()}${eol}`
  return `${lead}${valueText(nested(path, entry), { unit: '  ', margin: '', eol })}${eol}`
}

function inserted(text: string, holder: Node, key: string, value: unknown): string {
  const open = holder.offset
  const close = open + holder.length - 1
  const last = holder.children?.at(-1)
  const lines = last === undefined ? text.trim() : text.slice(open, close)
  const isEmptyFile = last === undefined && holder.parent === undefined
  if (!lines.includes('\n') && !isEmptyFile) return withEdits(text, insertedInline(text, holder, key, value))
  const unit = unitOf(text)
  const eol = lineEndOf(text)
  const own = marginAt(text, open)
  const margin = last === undefined ? own + unit : marginOfChild(text, last, own + unit)
  const property = `${JSON.stringify(key)}: ${valueText(value, { unit, margin, eol })}`
  const inner = text.slice(open + 1, close)
  if (inner.trim() === '')
    return withEdits(text, [
      { at: open + 1, length: inner.length, text: `${eol}${margin}${property}${eol}${own}` },
    ])
  // Behind what is there, comments too: they belong to the entry before.
  const end = text.slice(0, close).trimEnd().length
  const piece = `${eol}${margin}${property}`
  if (last === undefined) return withEdits(text, [{ at: end, length: 0, text: piece }])
  if (commaAfter(text, endOf(last)) !== null)
    return withEdits(text, [{ at: end, length: 0, text: `${piece},` }])
  return withEdits(text, [
    { at: endOf(last), length: 0, text: ',' },
    { at: end, length: 0, text: piece },
  ])
}

/** Into an object that stands on one line. */
function insertedInline(text: string, holder: Node, key: string, value: unknown): Edit[] {
  const blank = /[,:] /.test(text) ? ' ' : ''
  const property = `${JSON.stringify(key)}:${blank}${JSON.stringify(value)}`
  const last = holder.children?.at(-1)
  if (last === undefined) return [{ at: holder.offset + 1, length: 0, text: property }]
  const comma = commaAfter(text, endOf(last))
  if (comma !== null) return [{ at: comma + 1, length: 0, text: `${blank}${property},` }]
  return [{ at: endOf(last), length: 0, text: `,${blank}${property}` }]
}

function removed(text: string, holder: Node, property: Node): string {
  const open = holder.offset
  const close = open + holder.length - 1
  const children = holder.children ?? []
  const place = children.indexOf(property)
  const start = Math.max(open + 1, text.slice(0, property.offset).trimEnd().length)
  const comma = commaAfter(text, endOf(property))
  const end = comma === null ? endOf(property) : comma + 1
  const rest = text.slice(open + 1, start) + text.slice(end, close)
  if (rest.trim() === '') return text.slice(0, open + 1) + text.slice(close)
  const edits: Edit[] = [{ at: start, length: end - start, text: '' }]
  const previous = children[place - 1]
  const spare = comma === null && previous !== undefined ? commaAfter(text, endOf(previous)) : null
  if (spare !== null && spare < start) edits.unshift({ at: spare, length: 1, text: '' })
  return withEdits(text, edits)
}

function replaced(text: string, node: Node, value: unknown): Edit {
  const isInline = !text.slice(node.offset, endOf(node)).includes('\n')
  const layout = { unit: unitOf(text), margin: marginAt(text, node.offset), eol: lineEndOf(text) }
  const isShort = isInline && (!text.trim().includes('\n') || Array.isArray(value))
  const inline = JSON.stringify(value).replaceAll('","', /[,:] /.test(text) ? '", "' : '","')
  return { at: node.offset, length: node.length, text: isShort ? inline : valueText(value, layout) }
}

/** Everything but the entry must be as it was. */
function guarded(before: string, after: string, keys: readonly string[], name: string): string {
  if (!isDeepStrictEqual(others(before, keys, name), others(after, keys, name))) throw unsafeEdit()
  const kept = commentsOf(before)
  const there = commentsOf(after)
  if (!kept.every((comment, place) => there[place] === comment)) throw unsafeEdit()
  return after
}

function others(text: string, keys: readonly string[], name: string): unknown {
  const root = parse(text)
  if (root === null) return {}
  const whole = plainValue(root) as Record<string, unknown>
  const holders: Record<string, unknown>[] = [whole]
  for (const key of keys) holders.push((holders.at(-1)?.[key] ?? {}) as Record<string, unknown>)
  delete holders.at(-1)?.[name]
  // Objects that were made for the entry do not count.
  for (let depth = keys.length; depth > 0; depth--) {
    const key = keys[depth - 1] ?? ''
    if (Object.keys(holders[depth] ?? {}).length === 0) delete holders[depth - 1]?.[key]
  }
  return whole
}

/** All comments of a text. */
export function commentsOf(text: string): string[] {
  const scanner = createScanner(text, false)
  const comments: string[] = []
  for (let kind: number = scanner.scan(); kind !== TOKEN.end; kind = scanner.scan())
    if (kind === TOKEN.lineComment || kind === TOKEN.blockComment) comments.push(scanner.getTokenValue())
  return comments
}

function tokenAfter(text: string, offset: number): { kind: number; at: number } {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset)
  return { kind: scanner.scan(), at: scanner.getTokenOffset() }
}

function commaAfter(text: string, offset: number): number | null {
  const { kind, at } = tokenAfter(text, offset)
  return kind === TOKEN.comma ? at : null
}

function endOf({ offset, length }: Node): number {
  return offset + length
}

function withEdits(text: string, edits: readonly Edit[]): string {
  // From the end; what is put at one place stays in its order.
  return edits
    .toReversed()
    .toSorted((one, other) => other.at - one.at)
    .reduce(
      (result, { at, length, text: piece }) => result.slice(0, at) + piece + result.slice(at + length),
      text,
    )
}

function valueText(
  value: unknown,
  { unit, margin, eol }: { unit: string; margin: string; eol: string },
): string {
  return JSON.stringify(value, null, unit).replaceAll('\n', eol + margin)
}

/** The white space that the line of a place begins with. */
function marginAt(text: string, place: number): string {
  const start = text.lastIndexOf('\n', place - 1) + 1
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? ''
}

function marginOfChild(text: string, child: Node, otherwise: string): string {
  const start = text.lastIndexOf('\n', child.offset - 1) + 1
  const lead = text.slice(start, child.offset)
  return lead.trim() === '' && start > 0 ? lead : otherwise
}

/** One step of indentation, as the file has it. */
function unitOf(text: string): string {
  return /\n([ \t]+)\S/.exec(text)?.[1] ?? '  '
}

function lineEndOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}
