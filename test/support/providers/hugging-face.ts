/**
 * A source of models as Hugging Face is one: the tree API with its pages, `resolve` with its redirect to a storage for files
 * in Git LFS, ranges. Written after the Hub's API documentation and the sources of @huggingface/hub.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HubFile {
  content: Uint8Array
  /** In Git LFS: larger files are. */
  lfs?: boolean
}

export interface Hub {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** `METHOD /path`, with the range that was asked for. */
  readonly requests: { line: string; range: string | undefined; authorization: string | undefined }[]
  /** Entries of a page of the tree. */
  pageSize: number
  /** Ends the connection after so many bytes of a file, so many times. */
  cut: { path: string; afterBytes: number; times: number } | null
  /** Gives the file from its beginning, whatever is asked for. */
  ignoresRanges: boolean
  /** Answers with this status instead of a file, so many times. */
  refuses: { status: number; times: number } | null
  /** Sends so many bytes of a file, then nothing more; resolves `stalled`. */
  stall: { path: string; afterBytes: number } | null
  readonly stalled: Promise<void>
  /** What `resolve` gives in place of the file's content. */
  forged: Map<string, Uint8Array>
  add(repository: string, revision: string, files: Record<string, HubFile>): void
  close(): Promise<void>
}

export async function startHub(): Promise<Hub> {
  const repositories = new Map<string, Record<string, HubFile>>()
  let tellStalled = () => {}
  const stalled = new Promise<void>(resolve => {
    tellStalled = resolve
  })
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hub')
    hub.requests.push({
      line: `${request.method} ${decodeURIComponent(url.pathname)}`,
      range: request.headers.range,
      authorization: request.headers.authorization,
    })
    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\/([^/]+)$/.exec(url.pathname)
    if (tree) return sendTree(url, response, repositories.get(`${tree[1]}@${tree[2]}`))
    const found = /^\/(storage\/)?([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(url.pathname)
    const path = decodeURIComponent(found?.[4] ?? '')
    const file = repositories.get(`${found?.[2]}@${found?.[3]}`)?.[path]
    if (!found || file === undefined) return send(response, 404, { error: 'Entry not found' })
    if (hub.refuses !== null && hub.refuses.times-- > 0) return send(response, hub.refuses.status, {})
    if (file.lfs && !found[1]) {
      const host = `localhost:${(server.address() as AddressInfo).port}`
      response.writeHead(302, { location: `http://${host}/storage${url.pathname}?signature=x` }).end('Found')
      return
    }
    sendFile(request, response, path, hub.forged.get(path) ?? file.content)
  })

  function sendTree(url: URL, response: ServerResponse, files: Record<string, HubFile> | undefined): void {
    if (files === undefined) {
      send(response, 404, { error: 'Repository not found' })
      return
    }
    const entries = Object.entries(files).map(([path, { content, lfs }]) => {
      const git = createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex')
      const sha256 = createHash('sha256').update(content).digest('hex')
      const entry = { type: 'file', path, size: content.length, oid: git }
      return lfs ? { ...entry, lfs: { oid: sha256, size: content.length, pointerSize: 134 } } : entry
    })
    const folders = new Set(
      Object.keys(files).flatMap(path => (path.includes('/') ? [path.split('/')[0]] : [])),
    )
    const all = [...[...folders].map(path => ({ type: 'directory', path, size: 0, oid: 'f' })), ...entries]
    const from = Number(url.searchParams.get('cursor') ?? 0)
    const rest = from + hub.pageSize
    if (rest < all.length) {
      url.searchParams.set('cursor', String(rest))
      response.setHeader('link', `<${hub.url}${url.pathname}${url.search}>; rel="next"`)
    }
    send(response, 200, all.slice(from, rest))
  }

  function sendFile(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    content: Uint8Array,
  ): void {
    const range = hub.ignoresRanges ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
    const from = Number(range?.[1] ?? 0)
    const to = Math.min(Number(range?.[2] || content.length - 1), content.length - 1)
    if (from >= content.length && content.length > 0) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end()
      return
    }
    const body = content.subarray(from, to + 1)
    response.writeHead(range === null ? 200 : 206, {
      'content-length': String(body.length),
      etag: `"${createHash('sha256').update(content).digest('hex')}"`,
      ...(range !== null && { 'content-range': `bytes ${from}-${to}/${content.length}` }),
    })
    const { cut, stall } = hub
    if (cut?.path === path && cut.times-- > 0) {
      response.write(body.subarray(0, cut.afterBytes), () => response.destroy())
      return
    }
    if (stall?.path === path) {
      response.write(body.subarray(0, stall.afterBytes), tellStalled)
      return
    }
    response.end(body)
  }

  const hub: Hub = {
    url: '',
    requests: [],
    pageSize: 1000,
    cut: null,
    ignoresRanges: false,
    refuses: null,
    stall: null,
    stalled,
    forged: new Map(),
    add: (repository, revision, files) => void repositories.set(`${repository}@${revision}`, files),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  // Both names of this machine: the storage is another host, as it is at Hugging Face.
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(hub, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
