import { parse } from 'yaml'
import { isObject } from '../../is-object.ts'
import { createFenceReader } from '../index/markdown.ts'
import type { Page } from '../index/page.ts'
import { officialPage } from './official-page.ts'

/** Lines that tell where a page is: `Source: https://…`, `URL: …`. */
const ADDRESS = /^(?:source|url|link|reference)\s*:\s*<?(https?:\/\/\S+?)>?\s*$/i
const FRONT_LINE = /^(title|subtitle|slug|description|headline|'og:.*?'|og:\S+)\s*:/
/** Longer lines are none of front matter: reading YAML takes time by the square of its size. */
const LONGEST_FRONT_LINE = 2000
/** So many lines may stand between a page's heading and its address. */
const ADDRESS_LINES = 6

/**
 * The pages of a site's `llms-full.txt`: all its pages in one Markdown file. That form is not fixed; known are pages that
 * begin with a heading of the first level (then perhaps a quotation that describes, and a line with the address), and those that
 * begin with the lines of their front matter between rules; within these a heading begins a page where an address follows it.
 */
export function pagesOfFullText(text: string): Page[] {
  const pages: Page[] = []
  const taken = new Map<string, number>()
  for (const lines of piecesOf(text.split(/\r?\n/))) {
    const page = readPiece(lines, taken)
    if (page !== null) pages.push(page)
  }
  return pages
}

/** The lines of each page. */
function piecesOf(lines: readonly string[]): string[][] {
  const pieces: string[][] = []
  const placeOf = createFenceReader()
  let hasFront = false
  lines.forEach((line, place) => {
    if (placeOf(line) === 'outside') {
      const isFront = beginsFront(lines, place)
      const isHeading = /^# \S/.test(line) && (!hasFront || addressAfter(lines, place) !== null)
      if (isFront || isHeading) {
        pieces.push([])
        hasFront = isFront
      }
    }
    pieces.at(-1)?.push(line)
  })
  return pieces
}

/** The address that stands in the lines after a heading. */
function addressAfter(lines: readonly string[], place: number): string | null {
  for (const line of lines.slice(place + 1, place + 1 + ADDRESS_LINES)) {
    const address = ADDRESS.exec(line.trim())?.[1]
    if (address !== undefined) return address
    if (/^#/.test(line)) return null
  }
  return null
}

/** A rule, then lines of front matter. */
function beginsFront(lines: readonly string[], place: number): boolean {
  if (!/^(\*{3,}|-{3,})\s*$/.test(lines[place] ?? '')) return false
  let next = place + 1
  while (lines[next]?.trim() === '') next++
  return /^title\s*:/.test(lines[next] ?? '')
}

function readPiece(lines: readonly string[], taken: Map<string, number>): Page | null {
  const front: Record<string, unknown> = {}
  let place = 0
  const heading = /^# (.+)$/.exec(lines[0] ?? '')?.[1]
  let address = heading === undefined ? null : addressAfter(lines, 0)
  if (heading !== undefined) {
    front.title = heading.trim()
    place = 1
  }
  for (; place < lines.length; place++) {
    const line = (lines[place] ?? '').trim()
    const found = ADDRESS.exec(line)?.[1]
    if (found !== undefined) address = found
    else if (line.startsWith('> ') && front.subtitle === undefined && heading !== undefined)
      front.subtitle = line.slice(2)
    else if (line.length <= LONGEST_FRONT_LINE && FRONT_LINE.test(line)) Object.assign(front, readFront(line))
    else if (line !== '' && !/^(\*{3,}|-{3,})$/.test(line)) break
  }
  const body = lines.slice(place).join('\n')
  const id = body.trim() === '' ? null : idOf(address, front, taken)
  if (id === null) return null
  return officialPage(id, body, { ...front, ...(address !== null && { address }) })
}

function readFront(line: string): Record<string, unknown> {
  try {
    const value: unknown = parse(line)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function idOf(
  address: string | null,
  { slug, title }: Record<string, unknown>,
  taken: Map<string, number>,
): string | null {
  const name =
    address !== null && URL.canParse(address)
      ? new URL(address).pathname
      : typeof slug === 'string'
        ? slug
        : typeof title === 'string'
          ? title.toLowerCase().replace(/[^\p{L}\p{N}/]+/gu, '-')
          : null
  const base = name?.replace(/\.mdx?$/, '').replace(/^[/-]+|[/-]+$/g, '') ?? ''
  if (base === '') return null
  let count = taken.get(base) ?? 0
  let id = base
  while (taken.has(id)) id = `${base}-${++count}`
  taken.set(base, Math.max(count, 1))
  if (id !== base) taken.set(id, 1)
  return id
}
