import { createSearcher, type Hit, type Searcher, type SearchOptions } from '../index/search.ts'
import type { PageHead, SearchIndex } from '../index/search-index.ts'
import { operationsAskedFor } from './find-operations.ts'

/** All pages that can be searched and read. */
export interface Library extends Searcher {
  readonly index: SearchIndex
  /** A page by its id or its address (`assistants/variables`, `https://docs.vapi.ai/assistants/variables`); null where there is none. */
  page(name: string): LibraryPage | null
}

export interface LibraryPage {
  /** Its number in the index. */
  number: number
  head: PageHead
  text: string
}

/** Without the mark of a section, the ending of a file, and a slash before or behind. */
function plainName(name: string): string {
  return (name.split(/[#?]/)[0] ?? '').replace(/^\/|\/$/g, '').replace(/\.mdx?$/, '')
}

/** In whatever case it was typed. */
function looseName(name: string): string {
  return plainName(name).toLowerCase()
}

/** A library of an index. */
export function createLibrary(index: SearchIndex): Library {
  const numbers = new Map<string, number>()
  const looseNumbers = new Map<string, number>()
  const searcher = createSearcher(index)
  index.pages.forEach((head, number) => {
    numbers.set(head.id, number)
    if (head.url !== null && !numbers.has(head.url)) numbers.set(head.url, number)
  })
  for (const [name, number] of numbers)
    if (!looseNumbers.has(looseName(name))) looseNumbers.set(looseName(name), number)
  return {
    index,
    search: (question, options = {}) =>
      operationsFirst(index, question, options, searcher.search(question, options)),
    page(name) {
      const number = numbers.get(name) ?? numbers.get(plainName(name)) ?? looseNumbers.get(looseName(name))
      const head = number === undefined ? undefined : index.pages[number]
      if (number === undefined || head === undefined) return null
      return { number, head, text: index.textOf(number) }
    },
  }
}

/** Who looks for `POST /call` wants that operation, whatever else has these words. */
function operationsFirst(
  index: SearchIndex,
  question: string,
  { categories, section: fits, limit = 10 }: SearchOptions,
  hits: Hit[],
): Hit[] {
  if (categories !== undefined && !categories.includes('api')) return hits
  const [best] = hits
  const first = operationsAskedFor(index, question).flatMap(({ page }): Hit[] => {
    const section = fits && index.sections.findIndex(each => each.page === page && fits(each))
    if (section === -1) return []
    return [{ page, section: section ?? null, score: best?.score ?? 1, terms: best?.terms ?? [] }]
  })
  const pages = new Set(first.map(({ page }) => page))
  return [...first, ...hits.filter(({ page }) => !pages.has(page))].slice(0, limit)
}
