import { parse } from 'yaml'
import { isObject } from '../../is-object.ts'
import type { Section } from './page.ts'

/** Front matter as it stands; an empty object where there is none, or where it cannot be read. */
export interface Document {
  front: Readonly<Record<string, unknown>>
  body: string
}

const FRONT = /^\uFEFF?---[ \t]*\r?\n(?:([\s\S]*?)\r?\n)??---[ \t]*(?:\r?\n|$)/

/** Splits a Markdown file into front matter and body. */
export function readDocument(file: string): Document {
  const match = FRONT.exec(file)
  if (match === null) return { front: {}, body: file }
  return { front: frontOf(match[1] ?? ''), body: file.slice(match[0].length) }
}

/** Longer front matter is none: reading YAML takes time by the square of its size. */
const LONGEST_FRONT = 10_000

function frontOf(yaml: string): Readonly<Record<string, unknown>> {
  if (yaml.length > LONGEST_FRONT) return {}
  try {
    const value: unknown = parse(yaml)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** A stretch of text between two code fences, or such a fence with its code. */
export interface Stretch {
  isCode: boolean
  text: string
}

/** Behind a fence of backticks stands no other one: that is code within a line. */
const FENCE = /^([ \t]*)(`{3,}(?!`)(?=[^`]*$)|~{3,})(.*)$/

/** Where a line stands: at the beginning of a code block, in it, at its end, or outside. */
type Place = 'begins' | 'within' | 'ends' | 'outside'

/** Tells of one line after the other where it stands. A block ends at a fence like its first one, with nothing behind it. */
export function createFenceReader(): (line: string) => Place {
  let open: string | null = null
  return line => {
    const [, , mark = '', info = ''] = FENCE.exec(line) ?? []
    if (open === null) {
      if (mark === '') return 'outside'
      open = mark
      return 'begins'
    }
    if (!mark.startsWith(open) || info.trim() !== '') return 'within'
    open = null
    return 'ends'
  }
}

/** Code fences with their code, and what stands between them. A fence without an end goes to the end of the text. */
export function stretchesOf(text: string): Stretch[] {
  const placeOf = createFenceReader()
  const stretches: Stretch[] = []
  let lines: string[] = []
  let indent = 0
  let isCode = false
  const finish = () => {
    if (lines.length > 0) stretches.push({ isCode, text: lines.join('\n') })
    lines = []
  }
  for (const line of text.split(/\r?\n/)) {
    const place = placeOf(line)
    if (place === 'begins') {
      finish()
      isCode = true
      indent = line.search(/[^ \t]/)
    }
    lines.push(isCode ? withoutIndent(line, indent) : line)
    if (place === 'ends') {
      finish()
      isCode = false
    }
  }
  finish()
  return stretches
}

function withoutIndent(line: string, width: number): string {
  let count = 0
  while (count < width && (line[count] === ' ' || line[count] === '\t')) count++
  return line.slice(count)
}

const ATTRIBUTE = String.raw`\s+[\w:-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}))?`
/** Components and the HTML that documentation is laid out with; other tags, such as those of SSML, are text. */
const TAG = new RegExp(
  String.raw`\x60[^\x60\n]*\x60|<\/?(?:[A-Z][\w.]*|a|b|br|div|em|i|iframe|img|p|source|span|strong|u|video)(?:${ATTRIBUTE})*\s*\/?>`,
  'g',
)
const NAMED = /\s(title|label|name|path|alt)\s*=\s*(?:"([^"]*)"|'([^']*)'|\{"([^"]*)"\})/
const COMMENT_BEGINS = /\{\/\*|<!--/g
const MODULE_LINE =
  /^(?:import[ \t](?:[^'"\n]*[ \t]from[ \t]+)?['"][^'"\n]*['"];?|export[ \t]+(?:const|default)[ \t].*)[ \t]*$/gm

/** Plain Markdown of MDX: components go, their titles and what stands in them stay, code stays whole. */
export function withoutComponents(text: string): string {
  return stretchesOf(text)
    .map(({ isCode, text: stretch }) => (isCode ? stretch : plain(stretch)))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function plain(text: string): string {
  return withoutComments(text)
    .replace(MODULE_LINE, '')
    .replace(TAG, tag => (tag.startsWith('`') ? tag : titleOf(tag)))
    .split('\n')
    .map(line => (/^\s*(?:[-*+]|\d+\.)\s/.test(line) ? line.trimEnd() : line.trim()))
    .join('\n')
}

function withoutComments(text: string): string {
  const kept: string[] = []
  /** What does not end is text, and is not looked for again. */
  const endless = new Set<string>()
  let place = 0
  for (const { 0: mark, index } of text.matchAll(COMMENT_BEGINS)) {
    if (index < place || endless.has(mark)) continue
    const end = mark === '<!--' ? '-->' : '*/}'
    const found = text.indexOf(end, index + mark.length)
    if (found < 0) {
      endless.add(mark)
      continue
    }
    kept.push(text.slice(place, index))
    place = found + end.length
  }
  return [...kept, text.slice(place)].join('')
}

function titleOf(tag: string): string {
  const [, name = '', ...values] = NAMED.exec(tag) ?? []
  const value = values.find(text => text !== undefined)?.trim() ?? ''
  if (value === '') return ''
  return name === 'alt' ? value : `\n**${value}**\n`
}

const HEADING = /^(#{1,4})\s+(\S.*)$/

/** Marks and text of a heading without the marks at its end; null where the line is none. */
function headingOf(line: string): { level: number; title: string } | null {
  const [, marks = '', text = ''] = HEADING.exec(line) ?? []
  const words = text.trimEnd().split(/\s/)
  const last = words.at(-1) ?? ''
  const title = last === '#'.repeat(last.length) ? words.slice(0, -1).join(' ').trim() : text.trimEnd()
  return title === '' ? null : { level: marks.length, title: withoutMarks(title) }
}

/** The sections of a page, in order and without gaps; headings within code are none. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = []
  const path: { level: number; title: string }[] = []
  let start = 0
  let anchor = ''
  const anchors = new Map<string, number>()
  const placeOf = createFenceReader()
  const finish = (end: number) => {
    if (text.slice(start, end).trim() === '') return
    sections.push({ headings: path.map(({ title }) => title), anchor, start, end })
  }
  let place = 0
  for (const line of text.split('\n')) {
    const heading = placeOf(line) === 'outside' ? headingOf(line) : null
    if (heading !== null) {
      finish(place)
      while ((path.at(-1)?.level ?? 0) >= heading.level) path.pop()
      path.push(heading)
      start = place
      anchor = uniqueAnchor(heading.title, anchors)
    }
    place += line.length + 1
  }
  finish(text.length)
  return sections
}

/** Marks of emphasis, code and links; the lines of `snake_case` stay. */
const MARKS = /[`*]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|\[([^\][]*)\]\([^()]*\)/gu

function withoutMarks(title: string): string {
  return title
    .replace(MARKS, (_mark, label?: string) => label ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Of a heading without marks. */
function uniqueAnchor(title: string, taken: Map<string, number>): string {
  const base = title
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s+/g, '-')
  let count = taken.get(base) ?? 0
  let anchor = count === 0 ? base : `${base}-${count}`
  while (taken.has(anchor)) anchor = `${base}-${++count}`
  taken.set(base, count + 1)
  if (anchor !== base) taken.set(anchor, 1)
  return anchor
}

/** A code block of a text. */
export interface CodeBlock {
  /** In lower case; empty where none is named. */
  language: string
  code: string
}

/** The code blocks of a text, in order. */
export function codeBlocksOf(text: string): CodeBlock[] {
  return stretchesOf(text).flatMap(({ isCode, text: block }) => {
    if (!isCode) return []
    const [first = '', ...lines] = block.split('\n')
    const [, , , info = ''] = FENCE.exec(first) ?? []
    if (/^\s*(?:`{3,}|~{3,})\s*$/.test(lines.at(-1) ?? '')) lines.pop()
    return [{ language: (info.trim().split(/[\s{,]/)[0] ?? '').toLowerCase(), code: lines.join('\n') }]
  })
}
