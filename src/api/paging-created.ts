import { VapiError } from '../errors.ts'
import { endsList, idOf, MAXIMUM_PAGE_SIZE, type Page, pagingIgnored } from './paging-reply.ts'
import type { JsonObject, Query } from './types.ts'

interface CreationPaging {
  /** Rows asked for at once. */
  size: number
  /** The user's own filters. */
  query: Query
  path: string
}

/**
 * Pages of a list without page numbers: newest first, each one older than the last row of the one before. Several rows
 * may share that row's millisecond (and the server may know finer times than it shows), so the next page begins at the
 * end of that millisecond, and rows of it that were given already are left out: none is lost and none comes twice.
 */
export async function* pagesByCreation(
  fetch: (changes: Query) => Promise<Page>,
  { size, query, path }: CreationPaging,
): AsyncGenerator<Page> {
  let pageSize = size
  /** Only rows before this moment are still to come, in epoch milliseconds. */
  let before = Number.POSITIVE_INFINITY
  /** Rows given already that were created in the last millisecond before it. */
  let seen: ReadonlySet<string> = new Set()
  for (;;) {
    const asked = Math.min(MAXIMUM_PAGE_SIZE, pageSize + seen.size)
    const page = await fetch({ limit: asked, ...boundOf(query, before) }).catch(error => {
      if (!isTooLarge(error) || pageSize === 1) throw error
      return null
    })
    if (page === null) {
      pageSize = Math.ceil(pageSize / 4)
      continue
    }
    const times = page.rows.map(timeOf)
    // A server that does not know the filter begins at the newest again.
    if (times.some(time => time >= before)) throw pagingIgnored(path)
    const rows = page.rows.filter(row => !seen.has(idOf(row) ?? ''))
    const isLast = endsList(page.rows.length, asked) || page.rows.length === 0
    yield { ...page, rows, isLast }
    if (isLast) return
    const oldest = times.at(-1) ?? Number.NaN
    if (!isNewestFirst(times)) throw notContinuable(path, 'the server does not give it by time of creation')
    if (rows.length === 0)
      throw notContinuable(path, `over ${MAXIMUM_PAGE_SIZE} rows were created in one millisecond`)
    const ties = page.rows.flatMap((row, place) => (times[place] === oldest ? (idOf(row) ?? []) : []))
    seen = new Set(oldest + 1 === before ? [...seen, ...ties] : ties)
    before = oldest + 1
  }
}

/** The user's own bound stays where it is the earlier one. */
function boundOf(query: Query, before: number): Query {
  if (before === Number.POSITIVE_INFINITY) return {}
  const own = query.createdAtLt
  const isEarlier = typeof own === 'string' && Date.parse(own) < before
  return { createdAtLt: isEarlier ? own : new Date(before).toISOString() }
}

function timeOf(row: JsonObject): number {
  return typeof row.createdAt === 'string' ? Date.parse(row.createdAt) : Number.NaN
}

function isNewestFirst(times: readonly number[]): boolean {
  return times.every((time, place) => !Number.isNaN(time) && time <= (times[place - 1] ?? time))
}

function isTooLarge(error: unknown): boolean {
  return error instanceof VapiError && error.code === 'reply-too-large'
}

function notContinuable(path: string, reason: string): VapiError {
  return new VapiError({
    code: 'not-continuable',
    message: `the rest of ${path} cannot be had: ${reason}`,
    hint: 'narrow the list with filters such as createdAtGe and createdAtLt',
  })
}
