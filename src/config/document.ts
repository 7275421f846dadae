/** A configuration file as a YAML document, and typed reading of its maps with the place of every mistake. */
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml'
import { asVapiError, messageOf, usageError, type VapiError } from '../errors.ts'
import { parseSwitch } from './values.ts'

export type Yaml = typeof import('yaml')

/** The library is loaded only where there is a file with something in it. */
export function loadYaml(): Promise<Yaml> {
  return import('yaml')
}

export interface ConfigDocument {
  yaml: Yaml
  path: string
  /** Without a byte order mark. */
  text: string
  document: Document
  /** The document's own map; null where the file is empty. */
  root: YAMLMap | null
  lines: LineCounter
}

/**
 * Parses the text of a configuration file. Throws a usage error with line and column, and without any of the file's
 * own text, which may be a secret.
 */
export function parseDocument(yaml: Yaml, text: string, path: string): ConfigDocument {
  const lines = new yaml.LineCounter()
  const document = parse(yaml, text, path, lines)
  const [mistake] = document.errors
  if (mistake !== undefined) {
    const message = mistake.code === 'BAD_ALIAS' ? 'an alias has no anchor' : withoutQuotes(mistake.message)
    throw mistakeAt({ path, lines }, mistake.pos[0], `not valid YAML: ${message}`)
  }
  const contents: Node | null = document.contents
  const empty = contents === null || (yaml.isScalar(contents) && contents.value === null)
  if (!empty && !yaml.isMap(contents)) {
    throw mistakeAt({ path, lines }, contents.range?.[0] ?? 0, 'the file must be a map of settings')
  }
  return { yaml, path, text, document, root: empty ? null : (contents as YAMLMap), lines }
}

function parse(yaml: Yaml, text: string, path: string, lines: LineCounter): Document {
  try {
    return yaml.parseDocument(text, { prettyErrors: false, lineCounter: lines })
  } catch (error) {
    // Nesting that exhausts the stack.
    throw usageError(
      `${path} cannot be read as YAML (${error instanceof RangeError ? 'nested too deeply' : 'invalid'})`,
    )
  }
}

/** The library's sentence; behind a colon it repeats a piece of the file. */
function withoutQuotes(message: string): string {
  return (message.split(/[:\r\n]/)[0] ?? '').replace(/\.$/, '')
}

function mistakeAt(
  file: Pick<ConfigDocument, 'path' | 'lines'>,
  offset: number,
  message: string,
  hint = 'mend the file by hand; nothing in it was changed',
): VapiError {
  const { line, col } = file.lines.linePos(offset)
  return usageError(`${file.path}:${line}:${col}: ${message}`, hint)
}

/** One map of the file. Values are read by type; a wrong one throws a usage error that names the key and its place. */
export interface Section {
  text(key: string): string | null
  number(key: string): number | null
  switch(key: string): boolean | null
  section(key: string): Section | null
  /** Name and content of each entry that is a map; anything else in the place of one is an error. */
  sections(): { name: string; section: Section }[]
  texts(): { name: string; text: string | null }[]
  /** An error at the key's place. */
  mistake(key: string, message: string, hint?: string): VapiError
  /** Runs a check of a key's value; what it throws comes out with the key's place. */
  check<Value>(key: string, read: () => Value): Value
}

/** The section of a map; of no map, an empty one. `label` goes before its keys in errors: `accounts.work.`. */
export function sectionOf(file: ConfigDocument, map: YAMLMap | null, label = ''): Section {
  const { yaml } = file
  const name = (pair: Pair) => keyText(yaml, pair)
  const wrong = (pair: Pair, what: string) =>
    mistakeAt(file, offsetOf(yaml, pair), `${label}${name(pair)} must be ${what}`)
  const readText = (pair: Pair) => {
    const value = targetOf(file, pair)
    if (value === null) return null
    if (!yaml.isScalar(value)) throw wrong(pair, `text, not a ${yaml.isMap(value) ? 'map' : 'list'}`)
    const text = scalarText(value)
    return text === '' ? null : text
  }
  const readSection = (pair: Pair) => {
    const value = targetOf(file, pair)
    if (value === null || (yaml.isScalar(value) && scalarText(value) === '')) return null
    if (!yaml.isMap(value)) throw wrong(pair, `a map, not ${yaml.isScalar(value) ? 'text' : 'a list'}`)
    return sectionOf(file, value, `${label}${name(pair)}.`)
  }
  const find = (key: string) => findPair(yaml, map, key)
  const mistake = (key: string, message: string, hint?: string) => {
    const pair = find(key)
    const offset = pair === undefined ? (map?.range?.[0] ?? 0) : offsetOf(yaml, pair)
    return mistakeAt(file, offset, `${label}${key} ${message}`, hint)
  }
  return {
    mistake,
    text(key) {
      const pair = find(key)
      return pair === undefined ? null : readText(pair)
    },
    number(key) {
      const text = this.text(key)
      if (text === null) return null
      const number = Number(text)
      if (!Number.isFinite(number)) throw mistake(key, 'must be a number')
      return number
    },
    switch(key) {
      const text = this.text(key)
      const value = text === null ? null : parseSwitch(text)
      if (text !== null && value === null) throw mistake(key, 'must be true or false')
      return value
    },
    section(key) {
      const pair = find(key)
      return pair === undefined ? null : readSection(pair)
    },
    sections() {
      return (map?.items ?? []).flatMap(pair => {
        const section = readSection(pair)
        return section === null ? [] : [{ name: name(pair), section }]
      })
    },
    texts: () => (map?.items ?? []).map(pair => ({ name: name(pair), text: readText(pair) })),
    check(key, read) {
      try {
        return read()
      } catch (error) {
        throw mistake(key, `is wrong: ${messageOf(error)}`, asVapiError(error).hint)
      }
    },
  }
}

/** The pair of a key; where case alone differs (older tools ignore it), the first such one. */
export function findPair(yaml: Yaml, map: YAMLMap | null, key: string): Pair | undefined {
  const items = map?.items ?? []
  return (
    items.find(pair => keyText(yaml, pair) === key) ??
    items.find(pair => keyText(yaml, pair).toLowerCase() === key.toLowerCase())
  )
}

export function keyText(yaml: Yaml, pair: Pair): string {
  if (yaml.isScalar(pair.key)) return scalarText(pair.key)
  return yaml.isNode(pair.key) ? '' : String(pair.key)
}

/** The text of a value as it is written, whatever type YAML gives it: an organization may be called 123 or yes. */
function scalarText(scalar: Scalar): string {
  if (scalar.value === null || scalar.value === undefined) return ''
  if (typeof scalar.value === 'string') return scalar.value
  return scalar.source ?? String(scalar.value)
}

/** A pair's value with aliases followed. */
function targetOf({ yaml, document }: ConfigDocument, pair: Pair): Node | null {
  const value = pair.value
  if (yaml.isAlias(value)) return value.resolve(document) ?? null
  return yaml.isNode(value) ? value : null
}

function offsetOf(yaml: Yaml, pair: Pair): number {
  return (yaml.isNode(pair.key) ? pair.key.range?.[0] : undefined) ?? 0
}
