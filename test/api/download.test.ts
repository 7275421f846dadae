import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/client.ts'
import { download, downloadUrl } from '../../src/api/download.ts'
import type { Progress } from '../../src/api/types.ts'
import type { VapiError } from '../../src/errors.ts'
import { createHttpClient, type HttpClient, type HttpTrace } from '../../src/net/http.ts'
import { type ApiServer, apiError, redirectReply, startApiServer } from '../support/api-server.ts'
import { type FakeReply, type FakeRequest, rawReply } from '../support/fake-openai.ts'
import { temporaryFolder } from '../support/program.ts'
import { requiresFiles } from '../support/requires.ts'

const KEY = 'sk-test-1234567890'
const PATH = '/call/1/mono-recording'
const CONTENT = Array.from({ length: 1000 }, (_, at) => `line ${at}\n`).join('')

let server: ApiServer
let storage: ApiServer
let http: HttpClient
let traces: HttpTrace[]

beforeEach(async () => {
  server = await startApiServer()
  storage = await startApiServer()
  traces = []
  http = createHttpClient({ traceRequest: trace => traces.push(trace) })
  server.on(`GET ${PATH}`, () =>
    redirectReply(`${storage.url}/bucket/file?X-Amz-Signature=signed-secret&p=policy`),
  )
})

afterEach(async () => {
  http.close()
  await server.close()
  await storage.close()
})

/** Downloads until so many bytes are there, and cuts the connection then. */
async function breakOff(cutAfter: number, etag: string | undefined, start: Start): Promise<VapiError> {
  let arrived: () => void = () => {}
  const until = new Promise<void>(resolve => {
    arrived = resolve
  })
  store({ cutAfter, until, ...(etag !== undefined && { etag }) })
  return failureOf(start(({ done }) => done === cutAfter && arrived()))
}

type Start = (progress: (step: Progress) => void) => Promise<unknown>

const toFile =
  (file: string): Start =>
  progress =>
    download(api(), PATH, file, { progress })

const api = () => createApi({ http, baseUrl: server.url, key: KEY, timeoutMs: 20_000, retries: 0 })

interface Manners {
  ranges?: boolean
  etag?: string
  /** Cuts the connection after so many bytes of the reply. */
  cutAfter?: number
  /** … and once this has come about. */
  until?: Promise<unknown>
  content?: string
}

/** A storage such as S3: ranges, If-Range, an ETag. */
function store({ ranges = true, etag, cutAfter, until, content = CONTENT }: Manners = {}): void {
  storage.on('GET /bucket/file', (request: FakeRequest): FakeReply => {
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const unchanged = request.headers['if-range'] === undefined || request.headers['if-range'] === etag
    const from = ranges && wanted && unchanged ? Number(wanted[1]) : 0
    if (from >= content.length && from > 0) return { status: 416, steps: ['<Error/>'] }
    const bytes = Buffer.from(content.slice(from))
    const sent =
      cutAfter === undefined
        ? [bytes]
        : [bytes.subarray(0, cutAfter), { until: Promise.resolve(until) }, 'cut' as const]
    return {
      status: from > 0 ? 206 : 200,
      headers: {
        'content-type': 'audio/wav',
        'content-length': String(bytes.length),
        ...(etag && { etag }),
        ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
      },
      steps: sent,
    }
  })
}

async function failureOf(work: Promise<unknown>): Promise<VapiError> {
  return work.then(
    () => expect.fail('it did not fail'),
    thrown => thrown,
  )
}

describe('a download', () => {
  it('follows the signed link without the key, and shows the link nowhere', async () => {
    store()
    const folder = temporaryFolder()
    const file = join(folder, 'call.wav')
    const progress: Progress[] = []
    const result = await download(api(), PATH, file, { progress: step => progress.push(step) })
    expect(result).toEqual({ bytes: CONTENT.length, resumedFrom: 0, contentType: 'audio/wav' })
    expect(readFileSync(file, 'utf8')).toBe(CONTENT)
    expect(readdirSync(folder)).toEqual(['call.wav'])
    expect(progress.at(-1)).toEqual({ done: CONTENT.length, total: CONTENT.length })
    expect(server.fake.requests[0].headers.authorization).toBe(`Bearer ${KEY}`)
    expect(storage.fake.requests[0].headers).not.toHaveProperty('authorization')
    expect(storage.fake.requests[0].path).toContain('signed-secret')
    await expect.poll(() => traces).toHaveLength(2)
    expect(JSON.stringify(traces)).not.toMatch(/signed-secret|policy|sk-test/)
  })

  it('replaces a file only when it is whole', async () => {
    const file = join(temporaryFolder(), 'call.wav')
    writeFileSync(file, 'old')
    store({ cutAfter: 100 })
    await failureOf(download(api(), PATH, file))
    expect(readFileSync(file, 'utf8')).toBe('old')
    store()
    await download(api(), PATH, file)
    expect(readFileSync(file, 'utf8')).toBe(CONTENT)
  })

  it('that breaks off keeps its part, says so, and goes on from there', async () => {
    const file = join(temporaryFolder(), 'call.wav')
    const error = await breakOff(3000, '"v1"', toFile(file))
    expect(error).toMatchObject({
      code: 'download-cut',
      exit: 1,
      retryable: true,
      hint: `run it again: it goes on from ${file}.part`,
    })
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain('signed-secret')
    expect(existsSync(file)).toBe(false)
    expect(readFileSync(`${file}.part`, 'utf8')).toBe(CONTENT.slice(0, 3000))
    expect(readFileSync(`${file}.part.json`, 'utf8')).not.toContain('signed-secret')

    store({ etag: '"v1"' })
    const progress: Progress[] = []
    const result = await download(api(), PATH, file, { progress: step => progress.push(step) })
    expect(result).toMatchObject({ bytes: CONTENT.length, resumedFrom: 3000 })
    expect(storage.fake.requests[1].headers).toMatchObject({ range: 'bytes=3000-', 'if-range': '"v1"' })
    expect(progress[0]?.done).toBeGreaterThan(3000)
    expect(progress[0]?.total).toBe(CONTENT.length)
    expect(readFileSync(file, 'utf8')).toBe(CONTENT)
    expect(existsSync(`${file}.part.json`)).toBe(false)
  })

  it('goes on without a tag where the size is the same', async () => {
    const file = join(temporaryFolder(), 'call.wav')
    await breakOff(3000, undefined, toFile(file))
    store()
    expect(await download(api(), PATH, file)).toMatchObject({ resumedFrom: 3000 })
    expect(readFileSync(file, 'utf8')).toBe(CONTENT)
  })

  const changed = CONTENT.replaceAll('line', 'LINE')
  it.each([
    ['the storage knows no ranges', { ranges: false }],
    ['the file has another tag by now', { etag: '"v2"', content: changed }],
    ['the file has another size by now', { content: `${changed}more`, etag: '"v1"' }],
    ['the file is shorter by now', { content: 'short' }],
  ] as [string, Manners][])('starts anew where %s', async (_, manners) => {
    const file = join(temporaryFolder(), 'call.wav')
    await breakOff(3000, '"v1"', toFile(file))
    expect(readFileSync(`${file}.part`, 'utf8')).toBe(CONTENT.slice(0, 3000))
    store(manners)
    expect(await download(api(), PATH, file)).toMatchObject({ resumedFrom: 0 })
    expect(readFileSync(file, 'utf8')).toBe(manners.content ?? CONTENT)
  })

  it.each([
    [
      'is of something else',
      JSON.stringify({ format: 1, identity: 'http://x/call/2/pcap', total: 9, etag: null }),
    ],
    ['has a note of a newer program', JSON.stringify({ format: 2, identity: 'x' })],
    ['has a broken note', '{'],
    ['has no note', null],
  ])('starts anew where the part %s', async (_, note) => {
    const file = join(temporaryFolder(), 'call.wav')
    writeFileSync(`${file}.part`, 'x'.repeat(CONTENT.length + 500))
    if (note !== null) writeFileSync(`${file}.part.json`, note)
    store()
    expect(await download(api(), PATH, file)).toMatchObject({ resumedFrom: 0 })
    expect(readFileSync(file, 'utf8')).toBe(CONTENT)
    expect(storage.fake.requests[0].headers).not.toHaveProperty('range')
  })

  it('of an empty file makes an empty file', async () => {
    const file = join(temporaryFolder(), 'empty')
    store({ content: '' })
    expect(await download(api(), PATH, file)).toMatchObject({ bytes: 0 })
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  it('may come from the API itself', async () => {
    server.on(`GET ${PATH}`, () => rawReply('direct', 'audio/wav'))
    const file = join(temporaryFolder(), 'call.wav')
    await download(api(), PATH, file)
    expect(readFileSync(file, 'utf8')).toBe('direct')
  })

  it('to a function hands on the pieces and waits for each', async () => {
    store()
    let text = ''
    let busy = false
    await download(api(), PATH, async piece => {
      expect(busy).toBe(false)
      busy = true
      await new Promise(setImmediate)
      text += Buffer.from(piece)
      busy = false
    })
    expect(text).toBe(CONTENT)
  })

  it('to a function that breaks off is an error', async () => {
    store({ cutAfter: 100 })
    expect(await failureOf(download(api(), PATH, () => {}))).toMatchObject({ code: 'connection-lost' })
  })

  it('ends with its signal and keeps the part', async () => {
    store({ content: 'x'.repeat(5_000_000) })
    const file = join(temporaryFolder(), 'call.wav')
    const controller = new AbortController()
    const progress = () => controller.abort(new Error('enough'))
    await expect(download(api(), PATH, file, { progress, signal: controller.signal })).rejects.toThrow(
      'enough',
    )
    expect(existsSync(file)).toBe(false)
    expect(existsSync(`${file}.part`)).toBe(true)
  })
})

describe('a download that cannot be', () => {
  it.each([
    [404, 'not-found', 5],
    [403, 'storage-refused', 1],
    [401, 'storage-refused', 1],
    [500, 'storage-refused', 1],
  ])('is told by the storage with %i: the key is not to blame', async (status, code, exit) => {
    storage.on('GET /bucket/file', () => rawReply(`<Error>signed-secret</Error>`, 'application/xml', status))
    const folder = temporaryFolder()
    const error = await failureOf(download(api(), PATH, join(folder, 'x')))
    expect(error).toMatchObject({ code, exit, status })
    expect(`${error.message}${error.hint}`).not.toContain('signed-secret')
    expect(readdirSync(folder)).toEqual([])
  })

  it.each([
    [401, 4],
    [404, 5],
  ])('is told by the API with %i', async (status, exit) => {
    server.on(`GET ${PATH}`, () => apiError(status, 'no recording'))
    expect(await failureOf(download(api(), PATH, join(temporaryFolder(), 'x')))).toMatchObject({ exit })
  })

  it('is told for a folder that is not there', async () => {
    store()
    const file = join(temporaryFolder(), 'none', 'call.wav')
    expect(await failureOf(download(api(), PATH, file))).toMatchObject({
      code: 'cannot-write',
      message: expect.stringContaining(file),
    })
    expect(server.requests).toEqual([])
  })

  it('is told where a folder has the name', async () => {
    store()
    const file = join(temporaryFolder(), 'call.wav')
    mkdirSync(file)
    expect(await failureOf(download(api(), PATH, file))).toMatchObject({ code: 'cannot-write' })
  })

  const missing = requiresFiles('/dev/full')
  it.skipIf(missing)(`is told for a full disk ${missing || ''}`, async () => {
    store()
    const file = join(temporaryFolder(), 'call.wav')
    symlinkSync('/dev/full', `${file}.part`)
    expect(await failureOf(download(api(), PATH, file))).toMatchObject({
      code: 'disk-full',
      exit: 1,
      message: `there is no room for ${file} (ENOSPC)`,
    })
  })
})

describe('a download from outside the API', () => {
  const source = () => ({ url: `${storage.url}/bucket/file?sig=signed-secret`, name: 'the file of kb.pdf' })

  it('sends no key and can be continued under a new link', async () => {
    const file = join(temporaryFolder(), 'kb.pdf')
    await breakOff(3000, '"v1"', progress => downloadUrl(http, source(), file, { progress }))
    store({ etag: '"v1"' })
    const url = `${source().url}-renewed`
    expect(await downloadUrl(http, { ...source(), url }, file)).toMatchObject({ resumedFrom: 3000 })
    expect(readFileSync(file, 'utf8')).toBe(CONTENT)
    expect(storage.fake.requests[0].headers).not.toHaveProperty('authorization')
  })

  it('that is refused names it without its link', async () => {
    storage.on('GET /bucket/file', () => rawReply('no', 'text/plain', 403))
    const error = await failureOf(downloadUrl(http, source(), join(temporaryFolder(), 'x')))
    expect(error.message).toBe(`the file of kb.pdf: ${storage.url} refused to hand over the file (403)`)
  })
})
