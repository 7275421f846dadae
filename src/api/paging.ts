import { pagesByCreation } from './paging-created.ts'
import {
  DEFAULT_PAGE_SIZE,
  endsList,
  idOf,
  MAXIMUM_PAGE_SIZE,
  type Page,
  pagingIgnored,
  readPage,
} from './paging-reply.ts'
import type { Api, JsonObject, Query } from './types.ts'

export interface PageRequest {
  path: string
  /**
   * How a long list is had in parts: `pages` by number, or by cursor where the server gives one; `created` backwards by
   * the time of creation; `limit` as one part of a wanted size; `whole` always at once.
   */
  paging: 'pages' | 'created' | 'limit' | 'whole'
  /** The user's own filters; all of them hold on every page. */
  query?: Query
  /** Rows asked for at once, 1 to 1000; 100 unless given. Small where one row is large: one page is in memory. */
  pageSize?: number
  /** Rows at most; null: all. */
  limit: number | null
  /** Called once, after the last row, where there are more; with how many there are in all, where the server tells. */
  onCut?: (total: number | undefined) => void
  signal?: AbortSignal
}

/**
 * The rows of a list, page by page as they are asked for; of a reply one page at a time is in memory. Accepts arrays and
 * `{results, metadata}` alike. Throws what requests throw, and `paging-ignored` where the server's pages repeat: rows
 * that were given are right, but the list is not complete.
 */
export async function* listPages(
  api: Api,
  request: PageRequest,
): AsyncGenerator<JsonObject, void, undefined> {
  const { limit, onCut } = request
  let given = 0
  for await (const page of pagesOf(api, request)) {
    for (const row of page.rows) {
      if (given === limit) {
        onCut?.(page.total)
        return
      }
      given++
      yield row
    }
    if (page.isLast) {
      if (page.isCut) onCut?.(page.total)
      return
    }
    // Whether there is more is known without asking for it only where the server counts.
    if (given === limit && page.total !== undefined) {
      if (page.total > given) onCut?.(page.total)
      return
    }
  }
}

function pagesOf(api: Api, request: PageRequest): AsyncIterable<Page> {
  const { path, paging, query = {}, limit, signal } = request
  const pageSize = Math.min(Math.max(1, request.pageSize ?? DEFAULT_PAGE_SIZE), MAXIMUM_PAGE_SIZE)
  // One more than wanted tells whether there are more.
  const wanted = Math.min(limit === null ? MAXIMUM_PAGE_SIZE : limit + 1, MAXIMUM_PAGE_SIZE)
  const size = limit !== null && limit <= pageSize ? wanted : pageSize
  const fetch = async (changes: Query): Promise<Page> => {
    signal?.throwIfAborted()
    const reply = await api.request({
      method: 'GET',
      path,
      query: { ...query, ...changes },
      ...(signal && { signal }),
    })
    return readPage(reply, path)
  }
  switch (paging) {
    case 'pages':
      return numberedPages(fetch, size, path)
    case 'created':
      return pagesByCreation(fetch, { size, query, path })
    default:
      return singlePage(fetch, paging === 'limit' ? wanted : undefined)
  }
}

async function* singlePage(
  fetch: (changes: Query) => Promise<Page>,
  size: number | undefined,
): AsyncGenerator<Page> {
  const page = await fetch({ limit: size })
  // A full part of a list that cannot be had in parts may hide the rest of it.
  yield { ...page, isLast: true, isCut: page.rows.length === size }
}

/**
 * Pages by number. New objects push older ones onto the next page while we read: those were given already and are left
 * out. (Deleting while listing makes the pages move the other way; that loses rows by the nature of numbered pages.)
 */
async function* numberedPages(
  fetch: (changes: Query) => Promise<Page>,
  size: number,
  path: string,
): AsyncGenerator<Page> {
  let cursor: string | undefined
  let previous: ReadonlySet<string> = new Set()
  let received = 0
  for (let number = 1; ; number++) {
    const page = await fetch(cursor === undefined ? { page: number, limit: size } : { cursor, limit: size })
    const count = page.rows.length
    received += count
    const rows = page.rows.filter(row => !previous.has(idOf(row) ?? ''))
    const repeats = count > 0 && rows.length === 0
    if (repeats || (cursor !== undefined && page.nextCursor === cursor)) throw pagingIgnored(path)
    const isOver = page.total === undefined ? endsList(count, size) : received >= page.total
    const isLast = count === 0 || (page.hasNext === undefined ? isOver : !page.hasNext)
    yield { ...page, rows, isLast }
    if (isLast) return
    cursor = page.nextCursor
    previous = new Set(page.rows.flatMap(row => idOf(row) ?? []))
  }
}
