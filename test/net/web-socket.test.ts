import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { createHttpClient, type HttpClient, type HttpTrace } from '../../src/net/http.ts'
import { createProxies } from '../../src/net/proxy.ts'
import { openSocket, type SocketEnd, type SocketRequest } from '../../src/net/web-socket.ts'
import { startHttpProxy, startSocksProxy } from '../support/proxies.ts'

interface Peer {
  url: string
  port: number
  requests: IncomingMessage[]
  serve: (socket: WebSocket) => void
  ended: SocketEnd[]
  close(): Promise<void>
}

let peer: Peer
let http: HttpClient
let traces: HttpTrace[]

async function startPeer(options: { autoPong?: boolean } = {}): Promise<Peer> {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: offered => [...offered].at(-1) ?? false,
    ...options,
  })
  await new Promise(resolve => server.on('listening', resolve))
  const { port } = server.address() as AddressInfo
  const made: Peer = {
    url: `ws://127.0.0.1:${port}/x?key=secret-value`,
    port,
    requests: [],
    serve: () => {},
    ended: [],
    async close() {
      for (const client of server.clients) client.terminate()
      await new Promise(resolve => server.close(resolve))
    },
  }
  server.on('connection', (socket, request) => {
    made.requests.push(request)
    socket.on('error', () => {})
    socket.on('close', (code, reason) => made.ended.push({ code, reason: reason.toString() }))
    made.serve(socket)
  })
  return made
}

beforeEach(async () => {
  peer = await startPeer()
  traces = []
  http = createHttpClient({ userAgent: 'vapi-test', traceRequest: trace => traces.push(trace) })
})

afterEach(async () => {
  http.close()
  await peer.close()
})

/** Opens, and collects what comes until the end. */
async function open(request: Partial<SocketRequest> = {}, client: HttpClient = http) {
  const texts: string[] = []
  const bytes: Uint8Array[] = []
  let tell: (end: SocketEnd) => void = () => {}
  const ended = new Promise<SocketEnd>(resolve => {
    tell = resolve
  })
  let ends = 0
  const listener = {
    text: (text: string) => void texts.push(text),
    binary: (data: Uint8Array) => void bytes.push(Uint8Array.from(data)),
    closed: (end: SocketEnd) => {
      ends++
      tell(end)
    },
  }
  const socket = await client.openSocket({ url: peer.url, listener, ...request })
  return { socket, texts, bytes, ended, ends: () => ends }
}

describe('a WebSocket connection', () => {
  it('carries texts and bytes both ways, with headers and a subprotocol', async () => {
    peer.serve = socket => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    }
    const { socket, texts, bytes, ended } = await open({
      headers: { Authorization: 'Token secret-key' },
      protocols: ['one', 'two'],
    })
    socket.send('grüß dich')
    socket.send(Uint8Array.of(1, 2, 3))
    await expect.poll(() => bytes.length).toBe(1)
    expect(texts).toEqual(['grüß dich'])
    expect([...(bytes[0] ?? [])]).toEqual([1, 2, 3])
    expect(peer.requests[0]?.headers).toMatchObject({
      authorization: 'Token secret-key',
      'user-agent': 'vapi-test',
      'sec-websocket-protocol': 'one,two',
    })
    socket.close()
    expect(await ended).toEqual({ code: 1000, reason: '' })
    socket.send('too late')
    expect(traces).toMatchObject([{ method: 'GET', status: 101 }])
    expect(JSON.stringify(traces)).not.toMatch(/secret/)
  })

  it('gives what comes with the handshake', async () => {
    peer.serve = socket => {
      socket.send('first')
      socket.close(4001, 'that is all')
    }
    const { texts, ended } = await open()
    expect(await ended).toEqual({ code: 4001, reason: 'that is all' })
    expect(texts).toEqual(['first'])
  })

  it('tells of its end once: without a code, broken, and by our own code', async () => {
    peer.serve = socket => socket.close()
    expect(await (await open()).ended).toEqual({ code: 1005, reason: '' })
    peer.serve = socket => socket.terminate()
    const broken = await open()
    expect(await broken.ended).toEqual({ code: 1006, reason: '' })
    peer.serve = () => {}
    const own = await open()
    own.socket.close(4003)
    expect((await own.ended).code).toBe(4003)
    expect(peer.ended.map(({ code }) => code)).toContain(4003)
    expect([broken.ends(), own.ends()]).toEqual([1, 1])
  })

  it('leaves a peer that does not answer its goodbye', async () => {
    peer.serve = socket => socket.pause()
    const { socket, ended } = await open()
    const startMs = performance.now()
    socket.close()
    expect((await ended).code).toBe(1006)
    expect(performance.now() - startMs).toBeLessThan(1500)
  })

  it('leaves a peer that gives no sign of life, and no other', async () => {
    await peer.close()
    peer = await startPeer({ autoPong: false })
    const { ended } = await open({ quietMs: 40 })
    expect((await ended).code).toBe(1006)
    await peer.close()
    peer = await startPeer()
    let pings = 0
    peer.serve = socket => socket.on('ping', () => pings++)
    const living = await open({ quietMs: 30 })
    await expect.poll(() => pings).toBeGreaterThan(3)
    expect(living.ends()).toBe(0)
    living.socket.close()
    await living.ended
  })

  it('takes big messages, and none that are too big', async () => {
    peer.serve = socket => socket.send('x'.repeat(20_000_000))
    const big = await open()
    await expect.poll(() => big.texts[0]?.length, { timeout: 5000 }).toBe(20_000_000)
    big.socket.close()
    peer.serve = socket => socket.send('x'.repeat(34_000_000))
    const tooBig = await open()
    expect((await tooBig.ended).code).toBe(1006)
    expect(tooBig.texts).toEqual([])
    await expect.poll(() => peer.ended.map(({ code }) => code)).toContain(1009)
  })

  it('holds the peer back, and says what waits for a slow one', async () => {
    let other: WebSocket | null = null
    peer.serve = socket => {
      other = socket
      socket.pause()
    }
    const { socket, texts, ended } = await open()
    for (let piece = 0; piece < 200; piece++) socket.send(new Uint8Array(100_000))
    expect(socket.waitingBytes).toBeGreaterThan(1_000_000)
    const waiting = other as WebSocket | null
    waiting?.resume()
    await expect.poll(() => socket.waitingBytes, { timeout: 5000 }).toBe(0)
    socket.pause()
    waiting?.send('later')
    await new Promise(setImmediate)
    expect(texts).toEqual([])
    socket.resume()
    await expect.poll(() => texts).toEqual(['later'])
    socket.close()
    await ended
  })
})

describe('a WebSocket connection that does not come to stand', () => {
  async function answering(answer: (request: IncomingMessage, write: (text: string) => void) => void) {
    const server = createServer()
    const sockets = new Set<Duplex>()
    server.on('upgrade', (request, socket) => {
      sockets.add(socket.on('error', () => {}))
      answer(request, text => void socket.write(text))
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    await peer.close()
    peer = {
      ...peer,
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
      close: async () => {
        for (const socket of sockets) socket.destroy()
        await new Promise(resolve => server.close(resolve))
      },
    }
  }
  const failureOf = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('it did not fail'),
      thrown => thrown,
    )

  it.each([
    [401, false],
    [429, true],
    [503, true],
  ])('says what the peer said with %i', async (status, retryable) => {
    await answering((_request, write) =>
      write(`HTTP/1.1 ${status} No\r\ncontent-length: 15\r\n\r\n{"err":"no wäy`),
    )
    const error = await failureOf(open())
    expect(error).toMatchObject({
      code: 'socket-refused',
      status,
      retryable,
      said: expect.stringContaining('no w'),
    })
    expect(error.message).toMatch(new RegExp(`^127.0.0.1:\\d+ refused the connection \\(${status}\\): {"err`))
    expect(traces).toMatchObject([{ status }])
  })

  it('does not wait for a refusal without an end, and reads no more of it than a little', async () => {
    await answering((_request, write) => write('HTTP/1.1 403 No\r\ncontent-length: 900\r\n\r\nnever mo'))
    expect(await failureOf(open())).toMatchObject({ status: 403, said: 'never mo' })
    await peer.close()
    await answering((_request, write) =>
      write(`HTTP/1.1 400 No\r\ncontent-length: 100000\r\n\r\n${'y'.repeat(100_000)}`),
    )
    const error = await failureOf(open())
    expect(error.said.length).toBe(4096)
    expect(error.message.length).toBeLessThan(400)
  })

  it('gives up on a peer that does not answer the handshake in time', async () => {
    await answering(() => {})
    expect(await failureOf(open({ connectMs: 50 }))).toMatchObject({ code: 'timeout', retryable: true })
  })

  it('gives up on one whose answer comes drop by drop', async () => {
    let dripping: NodeJS.Timeout | undefined
    await answering((_request, write) => {
      write('HTTP/1.1 101 Switching Protocols\r\n')
      dripping = setInterval(() => write('x: y\r\n'), 5)
    })
    const startMs = performance.now()
    expect(await failureOf(open({ connectMs: 60 }))).toMatchObject({ code: 'timeout', retryable: true })
    expect(performance.now() - startMs).toBeLessThan(1000)
    clearInterval(dripping)
  })

  it('says which header cannot be sent, without its value', async () => {
    const error = await failureOf(open({ headers: { authorization: 'Token “sk-1”' } }))
    expect(error).toMatchObject({ code: 'invalid-header', retryable: false })
    expect(`${error.message} ${JSON.stringify(traces)}`).not.toContain('sk-1')
  })

  it('is traced without what the peer says: it may repeat a key', async () => {
    await answering((_request, write) => write('HTTP/1.1 401 No\r\ncontent-length: 14\r\n\r\nwrong key sk-1'))
    expect((await failureOf(open())).said).toBe('wrong key sk-1')
    expect(traces).toMatchObject([{ status: 401 }])
    expect(JSON.stringify(traces)).not.toContain('sk-1')
  })

  it('says that nobody answers, that the connection was closed, and that it is no address', async () => {
    await answering(() => {})
    const { url } = peer
    await peer.close()
    expect(await failureOf(open({ url }))).toMatchObject({ code: 'connection-refused' })
    const closing = createTcpServer(socket => socket.destroy())
    await new Promise<void>(resolve => closing.listen(0, '127.0.0.1', resolve))
    const { port } = closing.address() as AddressInfo
    const lost = await failureOf(open({ url: `ws://127.0.0.1:${port}/` }))
    expect(['connection-lost', 'socket-closed']).toContain(lost.code)
    closing.close()
    for (const wrong of ['http://127.0.0.1/', 'nonsense'])
      expect(await failureOf(open({ url: wrong }))).toMatchObject({ code: 'invalid-url' })
    peer = await startPeer()
  })

  it('ends with its signal, before, during and after the handshake', async () => {
    const listener = { text: () => {}, closed: () => {} }
    const early = AbortSignal.abort(new Error('before'))
    await expect(openSocket({ url: peer.url, signal: early, listener })).rejects.toThrow('before')
    const after = new AbortController()
    const { ended } = await open({ signal: after.signal })
    after.abort(new Error('after'))
    expect((await ended).code).toBe(1006)
    await answering(() => interrupt.abort(new Error('during')))
    const interrupt = new AbortController()
    expect((await failureOf(open({ signal: interrupt.signal }))).message).toBe('during')
  })
})

describe('a WebSocket connection through a proxy', () => {
  it.each(['HTTP', 'SOCKS'])('of %s', async kind => {
    const proxy =
      kind === 'HTTP' ? await startHttpProxy({ port: peer.port }) : await startSocksProxy({ port: peer.port })
    const scheme = kind === 'HTTP' ? 'http' : 'socks5h'
    const proxies = await createProxies({ ALL_PROXY: `${scheme}://me:p%40ss@${proxy.host}` })
    const client = createHttpClient({
      ...(proxies !== undefined && { proxies }),
      traceRequest: trace => traces.push(trace),
    })
    peer.serve = socket => socket.on('message', data => socket.send(`you said ${String(data)}`))
    const { socket, texts, ended } = await open({ url: 'ws://speech.test/x' }, client)
    socket.send('hello')
    await expect.poll(() => texts).toEqual(['you said hello'])
    expect(proxy.asked).toHaveLength(1)
    expect(proxy.asked[0]).toMatch(/speech\.test/)
    expect(traces[0]?.proxy).toBe(`${scheme}://${proxy.host}`)
    socket.close()
    await ended
    client.close()
    await proxy.close()
  })

  it('that refuses is named', async () => {
    const proxy = await startHttpProxy({ port: peer.port, instead: 407 })
    const proxies = await createProxies({ ALL_PROXY: `http://${proxy.host}` })
    const client = createHttpClient(proxies === undefined ? {} : { proxies })
    const listener = { text: () => {}, closed: () => {} }
    await expect(client.openSocket({ url: 'wss://speech.test/x', listener })).rejects.toMatchObject({
      code: 'proxy-refused',
      message: expect.stringContaining('(407)'),
    })
    await proxy.close()
    await expect(client.openSocket({ url: 'ws://speech.test/x', listener })).rejects.toMatchObject({
      code: 'proxy-failed',
      message: `the proxy http://${proxy.host} does not answer (ECONNREFUSED)`,
    })
    client.close()
  })
})
