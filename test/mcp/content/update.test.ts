import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DocsCache, openDocsCache, requireDocsCache } from '../../../src/mcp/content/docs-cache.ts'
import { updateOfficial } from '../../../src/mcp/content/update.ts'
import { createHttpClient } from '../../../src/net/http.ts'
import { type FakeOpenAi, type FakeReply, startFakeOpenAi } from '../../support/fake-openai.ts'
import { temporaryFolder } from '../../support/program.ts'

const pages = (words: string) =>
  Array.from({ length: 6 }, (_, place) => `# Page ${place}\n\n${words}\n`).join('\n')
const description = (title: string) =>
  JSON.stringify({
    openapi: '3.0.0',
    info: { title, version: '1' },
    paths: Object.fromEntries(
      Array.from({ length: 20 }, (_, place) => [`/a${place}`, { get: { responses: {} } }]),
    ),
  })

const plain = (text: string | Uint8Array, headers: Record<string, string> = {}): FakeReply => ({
  headers: { 'content-type': 'text/plain', ...headers },
  steps: [text],
})

interface Place {
  server: FakeOpenAi
  cache: DocsCache
  update(signal?: AbortSignal, path?: string): ReturnType<typeof updateOfficial>
  updateDescription(): ReturnType<typeof updateOfficial>
}

async function makePlace(): Promise<Place> {
  const server = await startFakeOpenAi()
  const http = createHttpClient()
  onTestFinished(async () => {
    http.close()
    await server.close()
  })
  const cache = requireDocsCache({ VAPI_CACHE_DIR: temporaryFolder() })
  return {
    server,
    cache,
    update: (signal = new AbortController().signal, path = '/llms-full.txt') =>
      updateOfficial('llms-full.txt', `${server.url}${path}`, { http, cache, timeoutMs: 5000, signal }),
    updateDescription: () =>
      updateOfficial('openapi.json', `${server.url}/api-json`, {
        http,
        cache,
        timeoutMs: 5000,
        signal: new AbortController().signal,
      }),
  }
}

describe('an update of the documentation', () => {
  it('keeps what is new, with its tag', async () => {
    const { server, cache, update } = await makePlace()
    server.script(plain(pages('first'), { etag: '"1"' }))
    expect(await update()).toMatchObject({ outcome: 'new', bytes: Buffer.byteLength(pages('first')) })
    expect(cache.read('llms-full.txt')).toBe(pages('first'))
    expect(cache.fetched('llms-full.txt')).toMatchObject({ etag: '"1"', url: `${server.url}/llms-full.txt` })
  })

  it('asks with the tag the next time, and nothing is sent again', async () => {
    const { server, cache, update } = await makePlace()
    server.script(plain(pages('first'), { etag: '"1"' }), { status: 304, steps: [] })
    await update()
    expect(await update()).toMatchObject({ outcome: 'unchanged', bytes: Buffer.byteLength(pages('first')) })
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"1"'])
    expect(cache.read('llms-full.txt')).toBe(pages('first'))
  })

  it('sends no tag of another address, nor of a file that is gone', async () => {
    const { server, cache, update } = await makePlace()
    server.answerWith(() => plain(pages('first'), { etag: '"1"' }))
    await update()
    await update(undefined, '/other.txt')
    rmSync(join(cache.folder, 'llms-full.txt'))
    await update(undefined, '/other.txt')
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('is unchanged where a server without tags sends the same, and new where it is another', async () => {
    const { server, update } = await makePlace()
    server.script(plain(pages('first')), plain(pages('first')), plain(pages('second')))
    expect((await update()).outcome).toBe('new')
    expect((await update()).outcome).toBe('unchanged')
    expect((await update()).outcome).toBe('new')
  })

  it('may come packed', async () => {
    const { server, cache, update } = await makePlace()
    server.script(plain(gzipSync(pages('packed')), { 'content-encoding': 'gzip' }))
    await update()
    expect(cache.read('llms-full.txt')).toBe(pages('packed'))
  })
})

describe('an update that fails leaves the last good copy', () => {
  const large = 'x'.repeat(1_100_000)

  it.each<[string, FakeReply]>([
    ['a fault of the server', { status: 500, steps: ['broken'] }],
    ['a page that is not there', { status: 404, steps: ['gone'] }],
    ['304 that nobody asked for', { status: 304, steps: [] }],
    ['an error page with status 200', plain('<!doctype html><h1>Sorry</h1>')],
    ['a file of too few pages', plain('# One\n\nText.\n\n# Two\n\nText.\n')],
    ['nothing', plain('')],
    ['a body that is cut off', { headers: { 'content-length': '100000' }, steps: [pages('cut'), 'cut'] }],
    ['a body in pieces that is cut off', { steps: [pages('cut'), 'cut'] }],
    ['something broken that says it is packed', plain('no gzip', { 'content-encoding': 'gzip' })],
    ['far too much', plain(gzipSync(Buffer.from(large.repeat(64))), { 'content-encoding': 'gzip' })],
  ])('after %s', async (_what, reply) => {
    const { server, cache, update } = await makePlace()
    server.script(plain(pages('good'), reply.status === 304 ? {} : { etag: '"1"' }))
    await update()
    const before = cache.fetched('llms-full.txt')
    server.script(reply)
    if (reply.status === 304) {
      expect((await update()).outcome).toBe('unchanged')
    } else {
      const failed = await update().catch((error: unknown) => error)
      expect(failed).toMatchObject({ code: 'docs-update-failed', exit: 1 })
      expect(failed).toMatchObject({ hint: expect.stringContaining(`${before?.fetchedAt}`) })
    }
    expect(cache.read('llms-full.txt')).toBe(pages('good'))
    expect(cache.fetched('llms-full.txt')).toEqual(before)
  })

  it('and leaves nothing where there was none', async () => {
    const { server, cache, update } = await makePlace()
    server.script(plain('<h1>Sorry</h1>'))
    await expect(update()).rejects.toMatchObject({ hint: expect.stringContaining('try again later') })
    expect(cache.fetched('llms-full.txt')).toBeNull()
    expect(existsSync(cache.folder)).toBe(false)
  })

  it('after Ctrl-C', async () => {
    const { server, cache, update } = await makePlace()
    server.script(plain(pages('good')), { steps: [pages('half'), 'silence'] })
    await update()
    const interrupt = new AbortController()
    const running = update(interrupt.signal)
    running.catch(() => {})
    while (server.requests.length < 2) await new Promise(resolve => setImmediate(resolve))
    interrupt.abort(new Error('interrupted'))
    await expect(running).rejects.toThrow('interrupted')
    expect(cache.read('llms-full.txt')).toBe(pages('good'))
    expect(readdirSync(cache.folder).sort()).toEqual(['fetched.json', 'llms-full.txt'])
  })

  it.each([
    ['no JSON', '<h1>Sorry</h1>'],
    ['another JSON', '{"error":"no"}'],
    ['a description that cannot be used', '{"swagger":"2.0","paths":{}}'],
    ['null', 'null'],
  ])('also of the API description: %s', async (_what, content) => {
    const { server, cache, updateDescription } = await makePlace()
    server.script(plain(description('good')), plain(content))
    await updateDescription()
    await expect(updateDescription()).rejects.toMatchObject({ code: 'docs-update-failed' })
    expect(cache.read('openapi.json')).toBe(description('good'))
  })
})

describe('the cache', () => {
  it('is in the home folder, or where VAPI_CACHE_DIR says, or nowhere', () => {
    expect(openDocsCache({ HOME: '/h' })?.folder).toBe('/h/.vapi/cache/docs')
    expect(openDocsCache({ HOME: '/h', VAPI_CACHE_DIR: '/c' })?.folder).toBe('/c/docs')
    expect(openDocsCache({})).toBeNull()
    expect(() => requireDocsCache({})).toThrow('there is no home folder')
  })

  it.each(['', 'null', '[]', '{"format":99}', '{"format":1,"llms-full.txt":{"sha256":5}}'])(
    'of which the list is broken has nothing, and is mended by the next update: %j',
    async list => {
      const { server, cache, update } = await makePlace()
      server.answerWith(() => plain(pages('good')))
      await update()
      writeFileSync(join(cache.folder, 'fetched.json'), list)
      expect(cache.fetched('llms-full.txt')).toBeNull()
      await update()
      expect(cache.fetched('llms-full.txt')).not.toBeNull()
      expect(JSON.parse(readFileSync(join(cache.folder, 'fetched.json'), 'utf8'))).toMatchObject({
        format: 1,
      })
    },
  )

  it('keeps the four indexes that were used last', () => {
    const cache = requireDocsCache({ VAPI_CACHE_DIR: temporaryFolder() })
    for (const [age, name] of [...'fedcba'].entries()) {
      cache.keepIndex(name.repeat(64), Buffer.from(name))
      utimesSync(join(cache.folder, `index-${name.repeat(32)}.bin`), 1000 - age, 1000 - age)
    }
    cache.index('b'.repeat(64))
    cache.keepIndex('0'.repeat(64), Buffer.from('0'))
    expect(readdirSync(cache.folder)).toHaveLength(4)
    expect(cache.index('0'.repeat(64))?.toString()).toBe('0')
    expect(cache.index('f'.repeat(64))?.toString()).toBe('f')
    expect(cache.index('a'.repeat(64))).toBeNull()
  })
})
