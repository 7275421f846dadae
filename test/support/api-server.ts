/**
 * An API of the platform's manners on 127.0.0.1: lists in both shapes with their filters and paging, redirects to a
 * storage on another port, everything else as scripted (see `fake-openai.ts`, whose replies it plays).
 *
 *     const server = await startApiServer()
 *     server.list('/assistant', { rows, shape: 'array' })
 *     server.on('GET /call/1/pcap', request => redirectReply(`${storage.url}/x`))
 *     expect(server.requests[0]).toMatchObject({ method: 'GET', query: { limit: '10' } })
 */
import {
  type FakeOpenAi,
  type FakeReply,
  type FakeRequest,
  jsonReply,
  startFakeOpenAi,
} from './fake-openai.ts'

export interface ListedRow {
  id: string
  createdAt: string
  [field: string]: unknown
}

export interface ServedList {
  /** Newest first, unless the test is about another order. A function is asked for rows by their place, of `count`. */
  rows: readonly ListedRow[] | { count: number; at(place: number): ListedRow }
  shape: 'array' | 'page'
  /** What the server does not do: know a parameter, count, take a limit as large as asked. */
  ignores?: readonly ('limit' | 'page' | 'createdAtLt')[]
  counts?: boolean
  maximumLimit?: number
  /** Gives `nextCursor` and takes `cursor`. */
  cursors?: boolean
}

export interface ApiServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** All requests so far; their paths are without the query. */
  readonly requests: readonly (FakeRequest & { query: Record<string, string> })[]
  readonly fake: FakeOpenAi
  /** Serves a list at this path. */
  list(path: string, list: ServedList): void
  /** Answers `METHOD /path` so, instead of 404. */
  on(route: string, answer: (request: FakeRequest) => FakeReply): void
  close(): Promise<void>
}

export async function startApiServer(): Promise<ApiServer> {
  const fake = await startFakeOpenAi()
  const routes = new Map<string, (request: FakeRequest) => FakeReply>()
  fake.answerWith(request => {
    const route = routes.get(`${request.method} ${request.path.split('?')[0]}`)
    return route === undefined ? apiError(404, `Cannot ${request.method} ${request.path}`) : route(request)
  })
  return {
    url: fake.url,
    fake,
    get requests() {
      return fake.requests.map(request => ({
        ...request,
        path: request.path.split('?')[0] ?? '',
        query: queryOf(request),
      }))
    },
    list: (path, list) =>
      void routes.set(`GET ${path}`, request => jsonReply(answerList(list, queryOf(request)))),
    on: (route, answer) => void routes.set(route, answer),
    close: () => fake.close(),
  }
}

/** An error in the API's form. */
export function apiError(status: number, message: unknown, more: object = {}): FakeReply {
  return jsonReply({ message, error: 'Reason Phrase', statusCode: status, ...more }, status)
}

export function redirectReply(location: string, status = 302): FakeReply {
  return { status, headers: { location }, steps: [] }
}

/** Rows made `apart` milliseconds from each other, newest first, the first at 2026-01-01. */
export function manyRows(count: number, apart = 1000): ListedRow[] {
  return Array.from({ length: count }, (_, place) => rowAt(place, apart))
}

export function rowAt(place: number, apart = 1000): ListedRow {
  const createdAt = new Date(Date.UTC(2026, 0, 1) - place * apart).toISOString()
  return { id: `row-${place}`, createdAt }
}

function queryOf({ path }: FakeRequest): Record<string, string> {
  return Object.fromEntries(new URL(path, 'http://x').searchParams)
}

function answerList(list: ServedList, query: Record<string, string>): unknown {
  const { ignores = [], maximumLimit = 1000 } = list
  const limit = ignores.includes('limit')
    ? Number.POSITIVE_INFINITY
    : Math.min(Number(query.limit ?? 100), maximumLimit)
  const before = ignores.includes('createdAtLt') ? undefined : query.createdAtLt
  const { count, at } =
    'at' in list.rows && 'count' in list.rows ? list.rows : { count: list.rows.length, at: atOf(list.rows) }
  let first = before === undefined ? 0 : firstBefore(count, at, before)
  if (query.cursor !== undefined) first = Number(query.cursor)
  else if (list.shape === 'page' && !ignores.includes('page')) first += (Number(query.page ?? 1) - 1) * limit
  const rows: ListedRow[] = []
  for (let place = first; place < count && rows.length < limit; place++) rows.push(at(place))
  if (list.shape === 'array') return rows
  return {
    results: rows,
    metadata: {
      itemsPerPage: limit,
      currentPage: Number(query.page ?? 1),
      ...(list.counts !== false && { totalItems: count }),
      ...(list.cursors && first + limit < count && { nextCursor: String(first + limit) }),
    },
  }
}

function atOf(rows: readonly ListedRow[]): (place: number) => ListedRow {
  return place => {
    const row = rows[place]
    if (row === undefined) throw new RangeError(`no row ${place}`)
    return row
  }
}

/** The first place, of rows newest first, that is older than the moment. `exactAt` is the time that the server knows and does not show. */
function firstBefore(count: number, at: (place: number) => ListedRow, moment: string): number {
  const limit = Date.parse(moment)
  let [from, to] = [0, count]
  while (from < to) {
    const middle = (from + to) >> 1
    const row = at(middle)
    if (Number(row.exactAt ?? Date.parse(row.createdAt)) < limit) to = middle
    else from = middle + 1
  }
  return from
}
