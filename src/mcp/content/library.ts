import { createSearcher, type Searcher } from '../index/search.ts'
import type { PageHead, SearchIndex } from '../index/search-index.ts'

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

/** A library of an index. */
export function createLibrary(index: SearchIndex): Library {
  const numbers = new Map<string, number>()
  index.pages.forEach((head, number) => {
    numbers.set(head.id, number)
    if (head.url !== null && !numbers.has(head.url)) numbers.set(head.url, number)
  })
  return {
    index,
    ...createSearcher(index),
    page(name) {
      const number = numbers.get(name) ?? numbers.get(plainName(name))
      const head = number === undefined ? undefined : index.pages[number]
      if (number === undefined || head === undefined) return null
      return { number, head, text: index.textOf(number) }
    },
  }
}
