import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Forward } from '../../src/listen/relay/forward.ts'
import { TargetPools } from '../../src/listen/relay/pools.ts'
import { openRelay, send, startTarget } from '../support/relay.ts'

const event = JSON.stringify({ message: { type: 'hang', call: { id: 'c1' } } })
/** Without a length, an event is passed on while it comes. */
const inPieces = [event.slice(0, 20), event.slice(20)]
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** A target on sockets: `answer` gets each event that has come whole, and how many came before. */
async function rawTarget(answer: (socket: Socket, before: number) => void) {
  const got: string[] = []
  const server = createServer(socket => {
    let text = ''
    socket.on('error', () => {})
    socket.on('data', piece => {
      text += piece.toString('latin1')
      const end = text.indexOf('c1')
      if (end === -1) return
      got.push(text)
      text = ''
      answer(socket, got.length - 1)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, got }
}

/** A sender on a socket that may close its side; `until` resolves when the text has come. */
async function openSender(port: number) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  onTestFinished(() => void socket.destroy())
  socket.on('error', () => {})
  let text = ''
  socket.on('data', piece => {
    text += piece
  })
  const until = async (part: string) => {
    while (!text.includes(part)) await once(socket, 'data')
    return text
  }
  return { socket, until, text: () => text }
}

const head = (...lines: string[]) => `${['POST / HTTP/1.1', 'Host: x', ...lines].join('\r\n')}\r\n\r\n`

describe.each([
  ['whole', event],
  ['while it comes', inPieces],
])('an event that is passed on %s', (_, body) => {
  it('goes out again where a connection that was kept open is found closed', async () => {
    let answered = 0
    const target = await startTarget((_request, reply) => {
      answered++
      reply.end('ok')
      reply.socket?.once('data', () => reply.socket?.resetAndDestroy())
    })
    const relay = await openRelay([`*=${target.port}`])
    for (let count = 0; count < 3; count++) expect((await send(relay.port, { body })).status).toBe(200)
    expect(answered).toBe(3)
    expect(relay.problems).toEqual([])
  })

  it.each([
    ['nothing of the reply has come on a new connection', '', 1],
    ['the reply broke off in its headers', 'HTTP/1.1 200 OK\r\nContent-', 1],
    ['the reply broke off in its headers on a kept connection', 'HTTP/1.1 200 OK\r\nContent-', 2],
  ])('does not go out again where %s', async (_name, part, requests) => {
    const target = await rawTarget((socket, before) => {
      if (before < requests - 1) socket.write(OK)
      else socket.end(part)
    })
    const relay = await openRelay([`*=${target.port}`])
    for (let count = 1; count < requests; count++) expect((await send(relay.port, { body })).status).toBe(200)
    expect((await send(relay.port, { body })).status).toBe(502)
    expect(target.got).toHaveLength(requests)
    expect(relay.problems).toMatchObject([{ type: 'target', code: 'ECONNRESET' }])
  })
})

it('many events need as few connections as there are at a time', async () => {
  let connections = 0
  const target = await rawTarget(socket => socket.write(OK))
  const counted = createServer(socket => {
    connections++
    const on = connect(target.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pipe(on).pipe(socket)
  })
  counted.listen(0, '127.0.0.1')
  await once(counted, 'listening')
  onTestFinished(() => void counted.close())
  const relay = await openRelay([`*=${(counted.address() as AddressInfo).port}`])
  for (let count = 0; count < 10; count++)
    expect((await send(relay.port, { body: count % 2 === 0 ? event : inPieces })).status).toBe(200)
  expect(connections).toBe(1)
  relay.close()
})

it('no header of an event that is sent again can end its line', async () => {
  const target = await rawTarget(() => expect.unreachable())
  const pools = new TargetPools({ skipVerify: false, ca: null })
  onTestFinished(() => pools.close())
  for (const headers of [
    ['X-A', 'b\r\nX-C: d'],
    ['X-A\r\nX-C', 'd'],
    ['X-A', '\u010a'],
  ]) {
    const request = { url: new URL(`http://127.0.0.1:${target.port}`), path: '/', method: 'POST', headers }
    const failure = await new Promise<string>(resolve => {
      const unexpected = () => expect.unreachable()
      new Forward(pools, request, [Buffer.from(event)], true, {
        response: unexpected,
        body: () => true,
        complete: unexpected,
        failed: ({ code }) => resolve(code),
        drained: () => {},
      })
    })
    expect(failure).toBe('ERR_INVALID_CHAR')
  }
})

describe('draining gives up after its limit on', () => {
  it('a reply without an end', async () => {
    const target = await startTarget((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' })
      reply.write('data: one\n\n')
    })
    const relay = await openRelay([`*=${target.port}`])
    const { socket, until } = await openSender(relay.port)
    socket.write(head(`Content-Length: ${event.length}`) + event)
    await until('data: one')
    const closed = once(socket, 'close')
    expect(await relay.drain(30)).toBe(1)
    socket.end()
    await closed
    expect(relay.problems).toMatchObject([{ type: 'cancelled' }])
  })

  it('a body that does not come', async () => {
    const target = await startTarget(() => expect.unreachable())
    const relay = await openRelay([`*=${target.port}`])
    const { socket, until } = await openSender(relay.port)
    socket.write(head('Content-Length: 100', 'Expect: 100-continue'))
    await until('100 Continue')
    expect(await relay.drain(30)).toBe(1)
  })

  it('nothing where nothing is under way', async () => {
    const relay = await openRelay(['*=3000'])
    expect(await relay.drain(60_000)).toBe(0)
  })
})

it.each(['Content-Length: 8000000', 'Transfer-Encoding: chunked'])(
  'a sender that sends on gets to read why its event is refused (%s)',
  async framing => {
    const target = await startTarget(() => expect.unreachable())
    const relay = await openRelay([`*=${target.port}`], { maximumBodyBytes: 1000, wholeBodies: true })
    const { socket, until } = await openSender(relay.port)
    socket.pause()
    socket.write(head(framing))
    const part = framing.startsWith('T') ? `3e8\r\n${'x'.repeat(1000)}\r\n` : 'x'.repeat(1000)
    // It reads nothing before all is sent.
    for (let count = 0; count < 8000; count++) if (!socket.write(part)) await once(socket, 'drain')
    if (framing.startsWith('T')) socket.write('0\r\n\r\n')
    socket.resume()
    expect(await until('body-too-large')).toMatch(/^HTTP\/1\.1 413 /)
    expect(relay.problems).toMatchObject([{ type: 'refused', status: 413 }])
  },
)

it('a sender gets done also where the target answers before it has everything', async () => {
  let answer = () => {}
  const target = await rawTarget(socket => {
    socket.pause()
    answer = () => socket.write(OK)
  })
  const relay = await openRelay([`*=${target.port}`], { maximumBodyBytes: 50_000_000 })
  const { socket, until } = await openSender(relay.port)
  const bytes = 40_000_000
  socket.write(head(`Content-Length: ${bytes}`) + event.padEnd(bytes))
  // Until all buffers on the way are full: nothing moves for many turns.
  for (let turns = 0, before = -1; turns < 500 || target.got.length === 0; turns++) {
    if (socket.bytesWritten - socket.writableLength !== before) turns = 0
    before = socket.bytesWritten - socket.writableLength
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(socket.writableLength).toBeGreaterThan(0)
  answer()
  expect(await until('ok')).toMatch(/^HTTP\/1\.1 200 /)
  while (socket.writableLength > 0) await new Promise(resolve => setImmediate(resolve))
  expect(relay.problems).toEqual([])
})

describe('a sender that has closed its side', () => {
  /** A target that is asked and does not answer before `finish`. */
  async function slowTarget() {
    let reached: () => void = () => {}
    let gone: () => void = () => {}
    const parts = {
      reached: new Promise<void>(resolve => {
        reached = resolve
      }),
      gone: new Promise<void>(resolve => {
        gone = resolve
      }),
      finish: () => {},
    }
    const target = await startTarget((_request, reply) => {
      parts.finish = () => reply.end('late')
      reply.on('close', gone)
      reached()
    })
    return Object.assign(parts, target)
  }

  it('gets its reply', async () => {
    const target = await slowTarget()
    const relay = await openRelay([`*=${target.port}`])
    const { socket, until } = await openSender(relay.port)
    socket.end(head(`Content-Length: ${event.length}`) + event)
    await target.reached
    // The relay has seen that, and has looked twice.
    await until('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102')
    target.finish()
    expect(await until('late')).toContain('HTTP/1.1 200 OK\r\n')
    expect(relay.problems).toEqual([])
  })

  it.each([
    ['has closed the other one too', 'HTTP/1.1'],
    ['speaks HTTP/1.0, which has no interim replies', 'HTTP/1.0'],
  ])('is taken for gone where it %s', async (_, version) => {
    const target = await slowTarget()
    const relay = await openRelay([`*=${target.port}`])
    const { socket } = await openSender(relay.port)
    socket.write(`POST / ${version}\r\nHost: x\r\nContent-Length: ${event.length}\r\n\r\n${event}`)
    await target.reached
    if (version === 'HTTP/1.0') socket.end()
    else socket.destroy()
    await target.gone
    expect(relay.problems).toMatchObject([{ type: 'cancelled' }])
  })
})

it('a body that is encoded for one hop is refused: its coding would be lost', async () => {
  const target = await startTarget(() => expect.unreachable())
  const relay = await openRelay([`*=${target.port}`])
  const { socket, until } = await openSender(relay.port)
  socket.write(`${head('Transfer-Encoding: gzip, chunked')}0\r\n\r\n`)
  expect(await until('not-implemented')).toMatch(/^HTTP\/1\.1 501 /)
  expect(relay.problems).toMatchObject([{ type: 'refused', status: 501 }])
})

it('trailers of an event are left out', async () => {
  const target = await startTarget(({ rawTrailers, headers }, reply) =>
    reply.end(`${rawTrailers.length} trailers, announced: ${headers.trailer ?? 'none'}`),
  )
  const relay = await openRelay([`*=${target.port}`])
  const { socket, until } = await openSender(relay.port)
  const body = `${event.length.toString(16)}\r\n${event}\r\n0\r\nX-T: 1\r\n\r\n`
  socket.write(head('Transfer-Encoding: chunked', 'Trailer: X-T') + body)
  expect(await until('trailers')).toContain('0 trailers, announced: none')
})

it('a reply without a date gets none', async () => {
  const target = await rawTarget(socket => socket.write(OK))
  const relay = await openRelay([`*=${target.port}`])
  const { rawHeaders } = await send(relay.port, { body: event })
  expect(rawHeaders.map(name => name.toLowerCase())).not.toContain('date')
})
