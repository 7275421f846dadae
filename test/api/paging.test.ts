import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/client.ts'
import { listPages, type PageRequest } from '../../src/api/paging.ts'
import { createHttpClient, type HttpClient } from '../../src/net/http.ts'
import { type ApiServer, manyRows, type ServedList, startApiServer } from '../support/api-server.ts'
import { jsonReply } from '../support/fake-openai.ts'

let server: ApiServer
let http: HttpClient

beforeEach(async () => {
  server = await startApiServer()
  http = createHttpClient()
})

afterEach(async () => {
  http.close()
  await server.close()
})

interface Listed {
  ids: string[]
  cuts: (number | undefined)[]
  error: Error | undefined
}

async function list(list: ServedList | null, request: Partial<PageRequest>): Promise<Listed> {
  if (list !== null) server.list('/thing', list)
  const api = createApi({ http, baseUrl: server.url, key: 'k', timeoutMs: 20_000, retries: 0 })
  const listed: Listed = { ids: [], cuts: [], error: undefined }
  const rows = listPages(api, {
    path: '/thing',
    paging: 'created',
    limit: null,
    onCut: total => listed.cuts.push(total),
    ...request,
  })
  try {
    for await (const row of rows) listed.ids.push(String(row.id))
  } catch (error) {
    listed.error = error as Error
  }
  return listed
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)
const queries = () => server.requests.map(({ query }) => query)

describe('a list paged by time of creation', () => {
  it.each([0, 1, 9, 10, 11, 25, 30])('of %i rows is given whole and in order', async count => {
    const rows = manyRows(count)
    expect(await list({ rows, shape: 'array' }, { pageSize: 10 })).toEqual({
      ids: idsOf(rows),
      cuts: [],
      error: undefined,
    })
  })

  it('needs one request where a page is shorter than asked for', async () => {
    await list({ rows: manyRows(9), shape: 'array' }, { pageSize: 10 })
    expect(queries()).toEqual([{ limit: '10' }])
  })

  it.each([1, 2, 3, 7, 10, 23])(
    'loses and repeats no row where %i rows share each millisecond',
    async ties => {
      const rows = manyRows(60).map((row, place) => ({
        ...row,
        createdAt: new Date(Date.UTC(2026, 0, 1) - Math.floor(place / ties)).toISOString(),
      }))
      expect((await list({ rows, shape: 'array' }, { pageSize: 5 })).ids).toEqual(idsOf(rows))
    },
  )

  it('loses and repeats no row where the order within a millisecond changes from reply to reply', async () => {
    const rows = manyRows(40, 0)
    server.on('GET /thing', request => {
      const limit = Number(new URL(request.path, 'http://x').searchParams.get('limit'))
      const first = (server.requests.length * 13) % rows.length
      return jsonReply([...rows.slice(first), ...rows.slice(0, first)].slice(0, limit))
    })
    const listed = await list(null, { pageSize: 5 })
    expect(listed.error).toBeUndefined()
    expect(listed.ids.toSorted()).toEqual(idsOf(rows).toSorted())
  })

  it('loses no row where the server knows finer times than it shows', async () => {
    const rows = manyRows(40).map((row, place) => {
      const exactAt = Date.UTC(2026, 0, 1) - place * 0.3
      return { ...row, exactAt, createdAt: new Date(Math.floor(exactAt)).toISOString() }
    })
    expect((await list({ rows, shape: 'array' }, { pageSize: 4 })).ids).toEqual(idsOf(rows))
  })

  it("keeps the user's filters, and the user's bound where it is earlier", async () => {
    const rows = manyRows(25)
    const query = {
      assistantId: 'a',
      createdAtLt: rows[4].createdAt,
      createdAtLe: rows[6].createdAt,
      createdAtGe: 'x',
    }
    await list({ rows, shape: 'array' }, { pageSize: 10, query })
    const kept = { assistantId: 'a', createdAtLe: rows[6].createdAt, createdAtGe: 'x' }
    expect(queries()).toMatchObject([
      { ...kept, createdAtLt: rows[4].createdAt },
      { ...kept, createdAtLt: new Date(Date.parse(rows[14].createdAt) + 1).toISOString() },
      { ...kept, createdAtLt: new Date(Date.parse(rows[24].createdAt) + 1).toISOString() },
    ])
  })

  it.each([
    [10, 25, 10, 1, [undefined]],
    [25, 25, 10, 3, []],
    [24, 25, 10, 3, [undefined]],
    [20, 25, 10, 3, [undefined]],
    [100, 25, 10, 3, []],
    [1, 25, 100, 1, [undefined]],
    [0, 25, 100, 1, [undefined]],
  ])(
    'with --limit %i of %i rows by %i takes %i requests and tells the cut',
    async (limit, count, pageSize, requests, cuts) => {
      const rows = manyRows(count)
      const listed = await list({ rows, shape: 'array' }, { pageSize, limit })
      expect(listed).toEqual({ ids: idsOf(rows.slice(0, limit)), cuts, error: undefined })
      expect(server.requests.length).toBeLessThanOrEqual(requests)
    },
  )

  it('asks for a page only when its rows are wanted', async () => {
    server.list('/thing', { rows: manyRows(50), shape: 'array' })
    const api = createApi({ http, baseUrl: server.url, key: 'k', timeoutMs: 20_000 })
    let count = 0
    for await (const _ of listPages(api, { path: '/thing', paging: 'created', limit: null, pageSize: 10 })) {
      count++
      expect(server.requests).toHaveLength(Math.ceil(count / 10))
      if (count === 20) break
    }
  })

  it('goes on where the server takes no limit beyond its default', async () => {
    const rows = manyRows(250)
    const listed = await list({ rows, shape: 'array', maximumLimit: 100 }, { pageSize: 1000 })
    expect(listed.ids).toEqual(idsOf(rows))
  })

  it('takes a longer reply than asked for as the whole list', async () => {
    const rows = manyRows(35)
    const listed = await list({ rows, shape: 'array', ignores: ['limit', 'createdAtLt'] }, { pageSize: 10 })
    expect(listed).toEqual({ ids: idsOf(rows), cuts: [], error: undefined })
  })

  it('ends in an error where the server ignores the filter', async () => {
    const listed = await list(
      { rows: manyRows(50), shape: 'array', ignores: ['createdAtLt'] },
      { pageSize: 10 },
    )
    expect(listed.ids).toHaveLength(10)
    expect(listed.error).toMatchObject({ code: 'paging-ignored', exit: 1 })
    expect(server.requests).toHaveLength(2)
  })

  it('ends in an error where the server gives another order, after the rows that it gave', async () => {
    const listed = await list({ rows: manyRows(50).reverse(), shape: 'array' }, { pageSize: 10 })
    expect(listed.ids).toHaveLength(10)
    expect(listed.error).toMatchObject({ code: 'not-continuable' })
  })

  it('ends in an error where one millisecond has more rows than a page can have', async () => {
    const listed = await list({ rows: manyRows(1500, 0), shape: 'array' }, { pageSize: 400 })
    expect(listed.ids).toEqual(idsOf(manyRows(1000, 0)))
    expect(listed.error).toMatchObject({ code: 'not-continuable' })
  })

  it('asks for smaller pages where one is too large to be read', async () => {
    const rows = manyRows(30).map(row => ({ ...row, blob: 'x'.repeat(4_500_000) }))
    expect((await list({ rows, shape: 'array' }, { pageSize: 20 })).ids).toEqual(idsOf(rows))
    expect(
      queries()
        .map(({ limit }) => limit)
        .slice(0, 2),
    ).toEqual(['20', '5'])
  })
})

describe('a list with numbered pages', () => {
  it.each([true, false])('is given whole and in order, counted by the server: %s', async counts => {
    for (const count of [0, 1, 9, 10, 11, 25, 30]) {
      const rows = manyRows(count)
      const listed = await list({ rows, shape: 'page', counts }, { paging: 'pages', pageSize: 10 })
      expect(listed).toEqual({ ids: idsOf(rows), cuts: [], error: undefined })
    }
  })

  it('numbers its requests, keeps filters, and makes none too many where the server counts', async () => {
    const query = { sortOrder: 'ASC', status: 'ended' }
    await list({ rows: manyRows(20), shape: 'page' }, { paging: 'pages', pageSize: 10, query })
    expect(queries()).toEqual([
      { ...query, page: '1', limit: '10' },
      { ...query, page: '2', limit: '10' },
    ])
  })

  it.each([
    [10, true, [25], 1],
    [10, false, [undefined], 1],
    [20, true, [25], 2],
    [20, false, [undefined], 3],
    [25, true, [], 3],
    [30, true, [], 3],
  ])(
    'with --limit %i (server counts: %s) tells the cut %j after %i requests',
    async (limit, counts, cuts, requests) => {
      const rows = manyRows(25)
      const listed = await list({ rows, shape: 'page', counts }, { paging: 'pages', pageSize: 10, limit })
      expect(listed).toEqual({ ids: idsOf(rows.slice(0, limit)), cuts, error: undefined })
      expect(server.requests).toHaveLength(requests)
    },
  )

  it('follows the cursor that the server gives', async () => {
    const rows = manyRows(25)
    const listed = await list(
      { rows, shape: 'page', cursors: true, counts: false },
      { paging: 'pages', pageSize: 10 },
    )
    expect(listed.ids).toEqual(idsOf(rows))
    expect(queries()).toEqual([
      { page: '1', limit: '10' },
      { cursor: '10', limit: '10' },
      { cursor: '20', limit: '10' },
    ])
  })

  it('may be a bare array', async () => {
    const rows = manyRows(7)
    expect((await list({ rows, shape: 'array' }, { paging: 'pages', pageSize: 10 })).ids).toEqual(idsOf(rows))
  })

  it('goes on where the server takes no limit so large', async () => {
    const rows = manyRows(250)
    const listed = await list({ rows, shape: 'page', maximumLimit: 50 }, { paging: 'pages', pageSize: 1000 })
    expect(listed.ids).toEqual(idsOf(rows))
  })

  it('gives no row twice that new ones pushed onto the next page', async () => {
    const rows = manyRows(30)
    let made = 0
    server.on('GET /thing', request => {
      const page = Number(new URL(request.path, 'http://x').searchParams.get('page'))
      const now = [...Array.from({ length: made }, (_, at) => ({ id: `new-${at}` })), ...rows]
      made += 3
      return jsonReply({
        results: now.slice((page - 1) * 10, page * 10),
        metadata: { totalItems: now.length },
      })
    })
    expect((await list(null, { paging: 'pages', pageSize: 10 })).ids).toEqual(idsOf(rows))
  })

  it('ends in an error where the server ignores the number', async () => {
    const served = { rows: manyRows(50), shape: 'page', ignores: ['page'] } as const
    const listed = await list(served, { paging: 'pages', pageSize: 10 })
    expect([listed.ids.length, listed.error]).toEqual([
      10,
      expect.objectContaining({ code: 'paging-ignored' }),
    ])
  })

  it('ends in an error where the server gives the same cursor again', async () => {
    let count = 0
    server.on('GET /thing', () =>
      jsonReply({ results: [{ id: `a${count++}` }], metadata: { nextCursor: 'same' } }),
    )
    const listed = await list(null, { paging: 'pages', pageSize: 1 })
    expect(listed.error).toMatchObject({ code: 'paging-ignored' })
  })

  it('ends where an empty page comes, although the server promises more', async () => {
    server.on('GET /thing', () => jsonReply({ results: [], metadata: { totalItems: 9, hasNextPage: true } }))
    expect(await list(null, { paging: 'pages' })).toEqual({ ids: [], cuts: [], error: undefined })
  })
})

describe('a list without pages', () => {
  it('is asked for without a limit, and cut here', async () => {
    const rows = manyRows(30)
    expect((await list({ rows, shape: 'array', ignores: ['limit'] }, { paging: 'whole' })).ids).toEqual(
      idsOf(rows),
    )
    const cut = await list({ rows, shape: 'array', ignores: ['limit'] }, { paging: 'whole', limit: 5 })
    expect([cut.ids.length, cut.cuts]).toEqual([5, [undefined]])
    expect(queries()).toEqual([{}, {}])
  })

  it('with a limit only is asked for as much as can be had, and says when that may not be all', async () => {
    const rows = manyRows(1500)
    const all = await list({ rows, shape: 'array' }, { paging: 'limit' })
    expect([all.ids.length, all.cuts]).toEqual([1000, [undefined]])
    const some = await list({ rows: rows.slice(0, 20), shape: 'array' }, { paging: 'limit' })
    expect([some.ids.length, some.cuts]).toEqual([20, []])
    const few = await list({ rows: rows.slice(0, 20), shape: 'array' }, { paging: 'limit', limit: 10 })
    expect([few.ids.length, few.cuts]).toEqual([10, [undefined]])
  })
})

describe('every list', () => {
  it.each([{ id: 'x' }, { results: 'x' }, 'x', [1, 2], null])('refuses what is no list: %j', async reply => {
    server.on('GET /thing', () => jsonReply(reply))
    expect((await list(null, {})).error).toMatchObject({ code: 'not-a-list' })
  })

  it('ends with its signal', async () => {
    const controller = new AbortController()
    server.list('/thing', { rows: manyRows(30), shape: 'array' })
    const api = createApi({ http, baseUrl: server.url, key: 'k', timeoutMs: 20_000 })
    const { signal } = controller
    const rows = listPages(api, { path: '/thing', paging: 'created', limit: null, pageSize: 10, signal })
    await expect(
      (async () => {
        for await (const row of rows) if (row.id === 'row-9') controller.abort(new Error('enough'))
      })(),
    ).rejects.toThrow('enough')
    expect(server.requests).toHaveLength(1)
  })
})
