import { parse } from 'yaml'
import { isObject } from '../../is-object.ts'
import type { Section } from './page.ts'

/** Front matter as it stands; an empty object where there is none, or where it cannot be read. */
export interface Document {
  front: Readonly<Record<string, unknown>>
  body: string
}

const FRONT = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/

/** Splits a Markdown file into front matter and body. */
export function readDocument(file: string): Document {
  const match = FRONT.exec(file)
  if (match === null) return { front: {}, body: file }
  return { front: frontOf(match[1] ?? ''), body: file.slice(match[0].length) }
}

function frontOf(yaml: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(yaml)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

/** A stretch of text between two code fences, or such a fence with its code. */
interface Stretch {
  isCode: boolean
  text: string
}

const FENCE = /^([ \t]*)(`{3,}|~{3,})(.*)$/

/** Code fences with their code, and what stands between them. A fence without an end goes to the end of the text. */
function stretchesOf(text: string): Stretch[] {
  const stretches: Stretch[] = []
  let lines: string[] = []
  let fence: { mark: string; indent: number } | null = null
  const finish = (isCode: boolean) => {
    if (lines.length > 0) stretches.push({ isCode, text: lines.join('\n') })
    lines = []
  }
  for (const line of text.split(/\r?\n/)) {
    const [, indent = '', mark = '', info = ''] = FENCE.exec(line) ?? []
    if (fence === null && mark !== '') {
      finish(false)
      fence = { mark, indent: indent.length }
      lines.push(line.slice(indent.length))
    } else if (fence !== null) {
      lines.push(withoutIndent(line, fence.indent))
      if (mark.startsWith(fence.mark) && info.trim() === '') {
        finish(true)
        fence = null
      }
    } else lines.push(line)
  }
  finish(fence !== null)
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
const COMMENT = /\{\/\*[\s\S]*?\*\/\}|<!--[\s\S]*?-->/g
const MODULE_LINE =
  /^(?:import\s.*\sfrom\s+['"].*['"];?|import\s+['"].*['"];?|export\s+(?:const|default)\s.*)$/gm

/** Plain Markdown of MDX: components go, their titles and what stands in them stay, code stays whole. */
export function withoutComponents(text: string): string {
  return stretchesOf(text)
    .map(({ isCode, text: stretch }) => (isCode ? stretch : plain(stretch)))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function plain(text: string): string {
  return text
    .replace(COMMENT, '')
    .replace(MODULE_LINE, '')
    .replace(TAG, tag => (tag.startsWith('`') ? tag : titleOf(tag)))
    .split('\n')
    .map(line => (/^\s*(?:[-*+]|\d+\.)\s/.test(line) ? line.replace(/\s+$/, '') : line.trim()))
    .join('\n')
}

function titleOf(tag: string): string {
  const [, name = '', ...values] = NAMED.exec(tag) ?? []
  const value = values.find(text => text !== undefined)?.trim() ?? ''
  if (value === '') return ''
  return name === 'alt' ? value : `\n**${value}**\n`
}

const HEADING = /^(#{1,4})\s+(.+?)\s*#*\s*$/

/** The sections of a page, in order and without gaps; headings within code are none. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = []
  const path: { level: number; title: string }[] = []
  let start = 0
  let anchor = ''
  const anchors = new Map<string, number>()
  const finish = (end: number) => {
    if (text.slice(start, end).trim() === '') return
    sections.push({ headings: path.map(({ title }) => title), anchor, start, end })
  }
  let place = 0
  let fence: string | null = null
  for (const line of text.split('\n')) {
    const [, , mark = ''] = FENCE.exec(line) ?? []
    if (fence !== null) {
      if (mark.startsWith(fence)) fence = null
    } else if (mark !== '') fence = mark
    else {
      const [, marks = '', title = ''] = HEADING.exec(line) ?? []
      if (marks !== '') {
        finish(place)
        while ((path.at(-1)?.level ?? 0) >= marks.length) path.pop()
        path.push({ level: marks.length, title: withoutMarks(title) })
        start = place
        anchor = uniqueAnchor(title, anchors)
      }
    }
    place += line.length + 1
  }
  finish(text.length)
  return sections
}

function withoutMarks(title: string): string {
  return title
    .replace(/[`*_]|\[([^\]]*)\]\([^)]*\)/g, (_mark, label?: string) => label ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}

function uniqueAnchor(title: string, taken: Map<string, number>): string {
  const base = withoutMarks(title)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .trim()
    .replace(/\s+/g, '-')
  const count = taken.get(base) ?? 0
  taken.set(base, count + 1)
  return count === 0 ? base : `${base}-${count}`
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
