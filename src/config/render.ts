/** The text of a changed document. What was not touched stays as it was, byte for byte. */
import { isDeepStrictEqual } from 'node:util'
import type { Document, Pair, Scalar, YAMLMap } from 'yaml'
import { messageOf, usageError } from '../errors.ts'
import { type ConfigDocument, keyText, parseDocument, type Yaml } from './document.ts'

/** Where each top-level pair stands in the text, to the beginning of the next; null where lines do not tell. */
type Slices = { head: string; of: ReadonlyMap<Pair, string> } | null

/** To be taken before the document is changed. */
export function sliceText({ yaml, text, root }: ConfigDocument): Slices {
  if (root === null || root.flow === true || /^\.\.\./m.test(text)) return null
  const starts = root.items.map(pair => (yaml.isScalar(pair.key) ? pair.key.range?.[0] : undefined))
  if (
    !starts.every(
      (start): start is number => start !== undefined && (start === 0 || text[start - 1] === '\n'),
    )
  ) {
    return null
  }
  const of = new Map<Pair, string>()
  for (const [index, pair] of root.items.entries()) of.set(pair, text.slice(starts[index], starts[index + 1]))
  return { head: text.slice(0, starts[0]), of }
}

/**
 * The new text: untouched top-level pairs as they were, the touched ones written anew in the file's own indentation
 * and line ends. What was made is parsed again and compared, so that no exotic file loses anything: then the whole
 * document is written anew, and if that does not keep it either, a usage error leaves the file as it is.
 */
export function renderDocument(file: ConfigDocument, slices: Slices, touched: ReadonlySet<string>): string {
  const { yaml, document, root, path } = file
  const options = {
    indent: indentOf(file.text),
    lineWidth: 0,
    flowCollectionPadding: !/\{\S/.test(file.text),
  }
  const wanted = contentOf(document, path)
  const attempts = [
    () => (slices === null || root === null ? null : renderSlices(file, root, slices, touched, options)),
    () => withLineEnds(document.toString(options), file.text),
  ]
  for (const attempt of attempts) {
    const text = tryOr(attempt, null)
    if (text === null) continue
    const same = tryOr(() => {
      const made = parseDocument(yaml, text, path).document
      return isDeepStrictEqual(made.toJS(plain), wanted)
    }, false)
    if (same) return text
  }
  throw usageError(
    `${path} cannot be changed without loss: it uses YAML in a way that is not understood here`,
    byHand,
  )
}

/** The document's content for comparisons. Throws a usage error where it cannot be told (nested aliases without end). */
export function contentOf(document: Document, path: string): unknown {
  try {
    return document.toJS(plain)
  } catch (error) {
    throw usageError(`${path} cannot be changed without loss (${messageOf(error)})`, byHand)
  }
}

const plain = { mapAsMap: true }
const byHand = 'edit it by hand'

function renderSlices(
  { yaml, text }: ConfigDocument,
  root: YAMLMap,
  slices: NonNullable<Slices>,
  touched: ReadonlySet<string>,
  options: { indent: number; lineWidth: number },
): string {
  let made = slices.head
  const add = (piece: string) => {
    if (piece !== '' && made !== '' && !made.endsWith('\n')) made += lineEndOf(text)
    made += piece
  }
  const old = [...slices.of]
  const lastOld = root.items.findLastIndex(pair => slices.of.has(pair))
  /** Blank lines and comments at the margin belong to what follows: a new pair goes before them, except at the end. */
  let margin = ''
  let next = 0
  for (const [index, pair] of root.items.entries()) {
    const slice = slices.of.get(pair)
    if (slice === undefined) {
      if (index > lastOld) {
        add(margin + marginsOf(old.slice(next)))
        margin = ''
        next = old.length
      }
      add(renderPair(yaml, pair, options, text))
      continue
    }
    const place = old.findIndex(([known]) => known === pair)
    // What stands under removed pairs stays.
    add(margin + marginsOf(old.slice(next, place)))
    next = place + 1
    margin = marginOf(slice)
    const body = slice.slice(0, slice.length - margin.length)
    add(touched.has(keyText(yaml, pair)) ? renderPair(yaml, pair, options, text) : body)
  }
  add(margin + marginsOf(old.slice(next)))
  return made
}

function marginsOf(slices: readonly (readonly [Pair, string])[]): string {
  return slices.map(([, slice]) => marginOf(slice)).join('')
}

function renderPair(yaml: Yaml, pair: Pair, options: { indent: number; lineWidth: number }, text: string) {
  let { key } = pair
  if (yaml.isScalar(key)) {
    // Comments before a key stand in the slice before it.
    key = key.clone() as Scalar
    Object.assign(key as Scalar, { commentBefore: null, spaceBefore: false })
  }
  const alone = new yaml.Document()
  const map = new yaml.YAMLMap()
  map.items.push(new yaml.Pair(key, pair.value))
  alone.contents = map
  return withLineEnds(alone.toString(options), text)
}

/** The blank lines and unindented comments at the end of a slice: they belong to what follows. */
function marginOf(slice: string): string {
  const lines = slice.split(/(?<=\n)/)
  let start = lines.length
  while (start > 1 && /^(#.*)?\s*$/.test(lines[start - 1] ?? '')) start--
  return lines.slice(start).join('')
}

/** Spaces of the first indented line; four, as older tools write, where nothing is indented. */
function indentOf(text: string): number {
  const found = /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 4
  return Math.min(Math.max(found, 1), 8)
}

function lineEndOf(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n'
}

function withLineEnds(made: string, original: string): string {
  return lineEndOf(original) === '\n' ? made : made.replace(/\r?\n/g, '\r\n')
}

function tryOr<Value>(attempt: () => Value, otherwise: Value): Value {
  try {
    return attempt()
  } catch {
    return otherwise
  }
}
