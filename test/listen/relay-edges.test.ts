import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openRelay, startTarget } from '../support/relay.ts'

const event = JSON.stringify({ message: { type: 'hang', call: { id: 'c1' } } })

/** A target that takes one request and answers with these bytes. */
async function rawTarget(answer: string) {
  const got: string[] = []
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.on('data', piece => {
      got.push(piece.toString('latin1'))
      if (got.join('').includes(event)) socket.write(Buffer.from(answer, 'latin1'))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, got }
}

/**
 * What comes back for these lines and the event, as it stands on the wire, until the relay closes. In chunks, an event is
 * passed on while it comes.
 */
async function ask(port: number, lines: string[], inChunks = false): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const pieces: Buffer[] = []
  socket.on('data', piece => pieces.push(piece))
  const framing = inChunks ? 'Transfer-Encoding: chunked' : `Content-Length: ${event.length}`
  const head = [...lines, 'Host: x', 'Connection: close', framing].join('\r\n')
  const body = inChunks ? `${event.length.toString(16)}\r\n${event}\r\n0\r\n\r\n` : event
  socket.write(`${head}\r\n\r\n${body}`)
  await once(socket, 'close')
  return Buffer.concat(pieces).toString('latin1')
}

describe('the relay passes on', () => {
  it('an event whose sender waits to be asked for the body', async () => {
    const target = await startTarget(({ headers }, reply, body) =>
      reply.end(`${headers.expect ?? 'none'} ${body}`),
    )
    const relay = await openRelay([`*=${target.port}`])
    const answer = await ask(relay.port, ['POST / HTTP/1.1', 'Expect: 100-continue'])
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
    expect(answer).toContain(`none ${event}`)
  })

  it.each(['GET', 'POST'])('a body as a body (%s), although Connection names its length', async method => {
    const target = await startTarget(({ headers }, reply, body) =>
      reply.end(`${headers['content-length']} ${body}`),
    )
    const relay = await openRelay([`*=${target.port}`])
    const answer = await ask(relay.port, [`${method} / HTTP/1.1`, 'Connection: content-length'])
    expect(answer).toContain(`${event.length} ${event}`)
  })

  it.each([
    ['POST http://other.example/a?x=1', '/hook/a?x=1'],
    ['POST http://other.example', '/hook'],
    ['OPTIONS *', '/hook'],
  ])('the path of “%s”, as a proxy is asked', async (line, path) => {
    const target = await startTarget((request, reply) => reply.end(`path ${request.url};`))
    const relay = await openRelay([`*=${target.port}/hook`])
    expect(await ask(relay.port, [`${line} HTTP/1.1`])).toContain(`path ${path};`)
  })
})

describe.each([false, true])('the relay hands back (event in chunks: %s)', inChunks => {
  it.each([
    ['204 No Content', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'],
    ['304 Not Modified', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n'],
  ])('%s, which has no body whatever its length says', async (status, answer) => {
    const target = await rawTarget(answer)
    const relay = await openRelay([`*=${target.port}`])
    expect(await ask(relay.port, ['POST / HTTP/1.1'], inChunks)).toMatch(
      new RegExp(`^HTTP/1.1 ${status}\\r\\n`),
    )
    expect(relay.problems).toEqual([])
  })

  it.each([
    ['HEAD / HTTP/1.1', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', 200],
    ['POST / HTTP/1.1', 'HTTP/1.1 204 No Content\r\n\r\n{}', 204],
  ])('the answer to %s also where a body follows that must not', async (line, answer, status) => {
    const target = await rawTarget(answer)
    const relay = await openRelay([`*=${target.port}`])
    const got = await ask(relay.port, [line], inChunks)
    expect(got).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\\r\\n\\r\\n$`, 's'))
    expect(relay.problems).toEqual([])
  })

  it.each([
    'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
  ])('502 for %j, which cannot be handed back', async answer => {
    const target = await rawTarget(answer)
    const relay = await openRelay([`*=${target.port}`])
    expect(await ask(relay.port, ['POST / HTTP/1.1'], inChunks)).toMatch(/^HTTP\/1\.1 502 /)
    expect(relay.problems).toHaveLength(1)
  })

  it('trailers in any bytes, and the end of the reply after them', async () => {
    const target = await rawTarget(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-T: v\xe9\r\n\r\n',
    )
    const relay = await openRelay([`*=${target.port}`])
    expect(await ask(relay.port, ['POST / HTTP/1.1'], inChunks)).toMatch(
      /5\r\nhello\r\n0\r\nX-T: v\xe9\r\n\r\n$/,
    )
  })

  it('the words of a status in UTF-8', async () => {
    const words = Buffer.from('Größe 日本').toString('latin1')
    const target = await rawTarget(`HTTP/1.1 200 ${words}\r\nContent-Length: 2\r\n\r\nok`)
    const relay = await openRelay([`*=${target.port}`])
    expect(await ask(relay.port, ['POST / HTTP/1.1'], inChunks)).toContain(`HTTP/1.1 200 ${words}\r\n`)
  })
})

it('the end waits for copies that are under way', async () => {
  const main = await startTarget((_request, reply) => reply.end('{}'))
  let answerCopy = () => {}
  const asked = new Promise<void>(resolve => {
    answerCopy = resolve
  })
  let release: (() => void) | null = null
  const second = await startTarget((_request, reply) => {
    release = () => reply.end('{}')
    answerCopy()
  })
  const relay = await openRelay([`hang=${main.port}`, `*=${second.port}`])
  await ask(relay.port, ['POST / HTTP/1.1'])
  await asked
  const drained = relay.drain()
  ;(release as unknown as () => void)()
  await drained
  expect(relay.problems).toEqual([])
  expect(relay.replies.map(({ answers }) => answers)).toEqual([true, false])
})
