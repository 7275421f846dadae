/**
 * One table into and out of a TOML file, as an edit of the text. Only tables of their own (`[mcp_servers.vapi]` and those below it) are
 * edited; parsing before and after makes sure that nothing else changed.
 */
import { isDeepStrictEqual } from 'node:util'
import { parse, TomlError } from 'smol-toml'
import { isObject } from '../../../is-object.ts'
import type { Entry } from '../types.ts'
import { brokenFile, unsafeEdit } from './fault.ts'

type Table = Record<string, unknown>

/** The value of an entry; undefined where there is none. Throws `mcp-file-broken`. */
export function readTomlEntry(text: string, keys: readonly string[], name: string): unknown {
  return readTomlServers(text, keys)[name]
}

/** All servers by their names. */
export function readTomlServers(text: string, keys: readonly string[]): Entry {
  let place: unknown = parsed(text)
  for (const key of keys) place = isObject(place) ? place[key] : undefined
  // A copy has the usual prototypes, which comparisons look at.
  return isObject(place) ? structuredClone(place) : {}
}

/** The text with the table in it: the keys of `entry` that stay the same are not touched. Throws `mcp-file-broken`. */
export function putTomlEntry(text: string, keys: readonly string[], name: string, entry: Entry): string {
  const old = readTomlEntry(text, keys, name)
  if (isDeepStrictEqual(old, entry)) return text
  const after = isObject(old)
    ? changed(text, [...keys, name], old, entry)
    : added(text, [...keys, name], entry)
  if (!isDeepStrictEqual(tryParse(after, keys, name), entry)) throw unsafeEdit()
  return guarded(text, after, keys, name)
}

/** The text without the table and those below it. Throws `mcp-file-broken`. */
export function takeTomlEntry(text: string, keys: readonly string[], name: string): string {
  if (readTomlEntry(text, keys, name) === undefined) return text
  const after = removed(text, [...keys, name])
  if (tryParse(after, keys, name) !== undefined) throw unsafeEdit()
  return guarded(text, after, keys, name)
}

function parsed(text: string): Table {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const what = error.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') ?? 'unknown error'
    throw brokenFile(`no valid TOML (${what}) at line ${error.line}, column ${error.column}`)
  }
}

/** What was made by an edit may be no TOML where the file is of a form that is not edited. */
function tryParse(text: string, keys: readonly string[], name: string): unknown {
  try {
    return readTomlEntry(text, keys, name)
  } catch {
    throw unsafeEdit()
  }
}

function added(text: string, path: readonly string[], entry: Entry): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = tableLines(path, entry).join(eol)
  if (text.trim() === '') return `${text}${lines}${eol}`
  // A file without an end of its last line stays one.
  return text.endsWith('\n') ? `${text}${eol}${lines}${eol}` : `${text}${eol}${eol}${lines}`
}

function tableLines(path: readonly string[], entry: Entry): string[] {
  const plain = Object.entries(entry).filter(([, value]) => !isObject(value))
  const tables = Object.entries(entry).filter((pair): pair is [string, Table] => isObject(pair[1]))
  return [
    `[${path.map(keyText).join('.')}]`,
    ...plain.map(([key, value]) => `${keyText(key)} = ${valueText(value)}`),
    ...tables.flatMap(([key, value]) => ['', ...tableLines([...path, key], value)]),
  ]
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key)
}

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`
  if (typeof value !== 'string') return String(value)
  const isPlain = value.includes('\\') && !/['\p{Cc}]/u.test(value)
  return isPlain ? `'${value}'` : JSON.stringify(value).replaceAll('\u007f', '\\u007f')
}

/** The lines of the keys that change; a table that has others too is written anew. */
function changed(text: string, path: readonly string[], old: Table, entry: Entry): string {
  if (!Object.keys(old).every(key => Object.hasOwn(entry, key))) {
    const eol = text.includes('\r\n') ? '\r\n' : '\n'
    return splice(text, path, () => `${tableLines(path, entry).join(eol)}${eol}`)
  }
  return splice(text, path, lines => {
    let result = lines
    for (const [key, value] of Object.entries(entry))
      if (!isDeepStrictEqual(old[key], value)) result = withKey(result, key, value)
    return result
  })
}

/** The text of a table with a key in it, which may take several lines. */
function withKey(table: string, key: string, value: unknown): string {
  const eol = table.includes('\r\n') ? '\r\n' : '\n'
  const line = `${keyText(key)} = ${valueText(value)}`
  const lines = linesOf(table)
  const heading = lines.find(({ kind }) => kind === 'heading')
  const own = lines.filter(
    ({ at }) => at < (lines.filter(one => one.kind === 'heading')[1]?.at ?? table.length),
  )
  const start = own.findIndex(
    one => one.kind === 'key' && new RegExp(`^\\s*["']?${key}["']?\\s*=`).test(one.text),
  )
  const first = own[start]
  if (first === undefined) {
    const end = heading === undefined ? 0 : heading.at + heading.text.length
    return `${table.slice(0, end)}${line}${eol}${table.slice(end)}`
  }
  const next = own.slice(start + 1).find(({ kind }) => kind !== 'inner')
  const end = next?.at ?? own.reduce((last, one) => Math.max(last, one.at + one.text.length), 0)
  const rest = (commentOf(first.text) ?? '') + (/(\r?\n)?$/.exec(table.slice(first.at, end))?.[0] ?? '')
  return `${table.slice(0, first.at)}${line}${rest}${table.slice(end)}`
}

/** The comment behind a value, with the blanks before it. */
function commentOf(line: string): string | null {
  const comment = [...line.matchAll(tokensIn())].find(([token]) => token.startsWith('#'))
  if (comment === undefined) return null
  const blanks = /[ \t]*$/.exec(line.slice(0, comment.index))?.[0] ?? ''
  return blanks + comment[0].trimEnd()
}

function removed(text: string, path: readonly string[]): string {
  const ranges = rangesOf(text, path)
  if (ranges.length === 0) throw unsafeEdit()
  return ranges.reduceRight((result, { start, end }) => {
    const before = result.slice(0, start)
    const rest = result.slice(end)
    // The blank line that was put before it goes with it.
    const lead = rest === '' && !result.endsWith('\n') ? /(\r?\n){1,2}$/ : /(?<=\n)\r?\n$/
    return before.replace(lead, '') + rest
  }, text)
}

/** Changes the table itself; those below it stay, or go where it is written anew. */
function splice(text: string, path: readonly string[], change: (table: string) => string): string {
  const [first] = rangesOf(text, path)
  if (first === undefined) throw unsafeEdit()
  return text.slice(0, first.start) + change(text.slice(first.start, first.end)) + text.slice(first.end)
}

interface Line {
  at: number
  text: string
  /** `inner`: a further line of a value. */
  kind: 'heading' | 'key' | 'blank' | 'inner'
}

/** From the heading of a table, or of one below it, to the end of its last key. Neighbours are one range. */
function rangesOf(text: string, path: readonly string[]): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = []
  let isOurs = false
  for (const { at, text: line, kind } of linesOf(text)) {
    const isHeading = kind === 'heading'
    const wasOurs = isOurs
    if (isHeading) isOurs = startsWith(headingPath(line), path)
    if (!isOurs || kind === 'blank') continue
    const last = ranges.at(-1)
    if (last !== undefined && (wasOurs || !isHeading)) last.end = at + line.length
    else ranges.push({ start: at, end: at + line.length })
  }
  return ranges
}

function startsWith(path: readonly string[] | null, head: readonly string[]): boolean {
  return path !== null && head.every((key, place) => path[place] === key)
}

/** The keys of `[a."b".c]`; null for a list of tables. */
function headingPath(line: string): string[] | null {
  const inner = /^\s*\[(?!\[)(.*)\]/.exec(line)?.[1]
  if (inner === undefined) return null
  return [...inner.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )
}

/** The lines of a file, told apart: those inside of long strings and lists are no headings. */
function linesOf(text: string): Line[] {
  const lines: Line[] = []
  let at = 0
  let open: string | null = null
  let depth = 0
  for (const line of text.split(/(?<=\n)/)) {
    const isInner = open !== null || depth > 0
    const bare = line.trim()
    const isHeading = !isInner && bare.startsWith('[')
    const isBlank = !isInner && (bare === '' || bare.startsWith('#'))
    lines.push({
      at,
      text: line,
      kind: isInner ? 'inner' : isHeading ? 'heading' : isBlank ? 'blank' : 'key',
    })
    at += line.length
    if (isHeading || isBlank) continue
    for (const [token] of line.matchAll(tokensIn())) {
      if (open !== null) open = token === open ? null : open
      else if (token === '"""' || token === "'''") open = token
      else if (token.startsWith('#')) break
      else if (token === '[' || token === '{') depth++
      else if (token === ']' || token === '}') depth--
    }
  }
  return lines
}

function tokensIn(): RegExp {
  return /\\.|"""|'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#.*|[[\]{}]/g
}

/** Everything but the entry must be as it was. */
function guarded(before: string, after: string, keys: readonly string[], name: string): string {
  if (!isDeepStrictEqual(others(before, keys, name), others(after, keys, name))) throw unsafeEdit()
  return after
}

function others(text: string, keys: readonly string[], name: string): Table {
  const whole = parsed(text)
  const holders: Table[] = [whole]
  for (const key of keys) {
    const next = holders.at(-1)?.[key]
    holders.push(isObject(next) ? next : {})
  }
  delete holders.at(-1)?.[name]
  for (let depth = keys.length; depth > 0; depth--) {
    const key = keys[depth - 1] ?? ''
    if (Object.keys(holders[depth] ?? {}).length === 0) delete holders[depth - 1]?.[key]
  }
  return whole
}
