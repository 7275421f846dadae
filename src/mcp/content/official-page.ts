import { readDocument, sectionsOf, withoutComponents } from '../index/markdown.ts'
import type { Category, Page } from '../index/page.ts'

const DOCS_URL = 'https://docs.vapi.ai'

/** Where a page of the official documentation can be read in a browser. */
export function officialUrl(path: string): string {
  return `${DOCS_URL}/${path.trim().replace(/^\//, '')}`
}

/**
 * A page of the official documentation, of its file in MDX. `id`: its path without ending; `known`: what is known of it beside its
 * front matter. Its address stands in it, or is not known. Null for
 * parts that other pages include, and for empty ones.
 */
export function officialPage(
  id: string,
  file: string,
  known: Readonly<Record<string, unknown>> = {},
): Page | null {
  if (id.startsWith('snippets/')) return null
  const { front: own, body } = readDocument(file)
  const front = { ...known, ...own }
  const text = withoutComponents(body)
  if (text === '') return null
  const { title, subtitle, description, slug, address } = front
  return {
    id,
    title: textOf(title) ?? firstHeading(text) ?? titleOf(id),
    description: textOf(subtitle) ?? textOf(description) ?? '',
    url: textOf(address) ?? (textOf(slug) === null ? null : officialUrl(String(slug))),
    category: categoryOf(id),
    source: 'official',
    keywords: [],
    text,
  }
}

function categoryOf(id: string): Category {
  const folders = id.split('/').slice(0, -1)
  if (folders[0] === 'changelog') return 'changelog'
  if (folders[0] === 'api-reference') return 'api'
  return folders.includes('examples') ? 'examples' : 'guides'
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

function firstHeading(text: string): string | null {
  return sectionsOf(text).find(({ headings }) => headings.length > 0)?.headings[0] ?? null
}

function titleOf(id: string): string {
  const name = id.split('/').at(-1) ?? id
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ')
}
