import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openRelay, send, startTarget } from '../support/relay.ts'

const event = { message: { type: 'tool-calls', toolCallList: [{ id: 'call_1' }], call: { id: 'c1' } } }

/** A target that answers with what it got. */
function echo() {
  return startTarget((request, reply, body) => {
    const { method, url, rawHeaders } = request
    reply.setHeader('content-type', 'application/json')
    reply.end(JSON.stringify({ method, url, rawHeaders, body: body.toString('base64') }))
  })
}

interface Echoed {
  method: string
  url: string
  rawHeaders: string[]
  body: string
}

async function echoed(
  port: number,
  options: Parameters<typeof send>[1],
): Promise<Echoed & { bytes: Buffer }> {
  const { status, body } = await send(port, options)
  expect(status).toBe(200)
  const value = JSON.parse(body.toString()) as Echoed
  return { ...value, bytes: Buffer.from(value.body, 'base64') }
}

function valuesOf(rawHeaders: string[], name: string): string[] {
  return rawHeaders.filter((_, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === name)
}

describe('the relay passes on', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'])(
    'the method %s, path and query',
    async method => {
      const target = await echo()
      const relay = await openRelay([`*=${target.port}/webhook`])
      const got = await echoed(relay.port, { method, path: '/a%20b/c?x=1&x=2&y', headers: {} })
      expect(got).toMatchObject({ method, url: '/webhook/a%20b/c?x=1&x=2&y' })
    },
  )

  it.each([
    ['an event', Buffer.from(JSON.stringify(event))],
    ['nothing', Buffer.alloc(0)],
    ['bytes that are no text', randomBytes(3000)],
    ['packed bytes', gzipSync(JSON.stringify(event))],
    ['malformed JSON', Buffer.from('{"message": {"type": "hang"')],
    ['200 kB', Buffer.from(JSON.stringify({ message: { ...event.message, text: 'é'.repeat(100_000) } }))],
    ['20 MB', randomBytes(20_000_000)],
  ])('%s byte for byte', async (_, body) => {
    const target = await startTarget((_request, reply, got) => {
      reply.end(got.equals(body) ? 'same' : `${got.length} other bytes`)
    })
    const relay = await openRelay([`*=${target.port}`])
    const answer = await send(relay.port, { body })
    expect(answer.body.toString()).toBe('same')
    expect(relay.events).toHaveLength(1)
  })

  it('a body that comes in pieces, cut within a character, without a length', async () => {
    const target = await echo()
    const relay = await openRelay([`*=${target.port}`])
    const text = Buffer.from(JSON.stringify({ message: { type: 'hang', text: 'né' } }))
    const got = await echoed(relay.port, {
      body: [text.subarray(0, text.length - 5), text.subarray(text.length - 5)],
    })
    expect(got.bytes).toEqual(text)
    expect(relay.events[0]).toMatchObject({ head: { type: 'hang' }, malformed: false })
  })

  it('headers in their order and number, without those of one hop, and adds both sets of its own', async () => {
    const target = await echo()
    const relay = await openRelay([`*=${target.port}`])
    const { rawHeaders } = await echoed(relay.port, {
      path: '/hook?x=1',
      headers: [
        ...['Host', 'tunnel.example', 'X-One', 'a', 'x-one', 'b', 'Connection', 'close, X-Hop', 'X-Hop', '1'],
        ...['Authorization', 'Bearer t', 'X-Forwarded-For', '1.2.3.4', 'Content-Type', 'application/json'],
      ],
      body: JSON.stringify(event),
    })
    expect(valuesOf(rawHeaders, 'x-one')).toEqual(['a', 'b'])
    expect(rawHeaders).toContain('X-One')
    expect(valuesOf(rawHeaders, 'authorization')).toEqual(['Bearer t'])
    for (const [name, value] of [
      ['x-hop', []],
      ['host', [`localhost:${target.port}`]],
      ['x-vapi-forwarded', ['true']],
      ['x-vapi-session-id', ['0123abcd']],
      ['x-vapi-original-url', ['/hook?x=1']],
      ['x-forwarded-for', ['1.2.3.4, vapi-webhook-listener']],
      ['x-original-host', ['tunnel.example']],
      ['x-webhook-event', ['tool-calls']],
    ] as const)
      expect([name, valuesOf(rawHeaders, name)]).toEqual([name, value])
    expect(valuesOf(rawHeaders, 'x-webhook-timestamp')[0]).toMatch(/^\d{10}$/)
  })
})

describe('the relay hands back', () => {
  it('status, words, headers in their number, and redirects as they are', async () => {
    const target = await startTarget((_request, reply) => {
      reply.writeHead(302, 'Over There', [
        ...['Location', '/elsewhere', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Keep-Alive', 'timeout=9'],
      ])
      reply.end('moved')
    })
    const relay = await openRelay([`*=${target.port}`])
    const answer = await send(relay.port, { body: JSON.stringify(event) })
    expect(answer).toMatchObject({ status: 302, statusText: 'Over There' })
    expect(answer.headers.location).toBe('/elsewhere')
    expect(valuesOf(answer.rawHeaders, 'set-cookie')).toEqual(['a=1', 'b=2'])
    expect(valuesOf(answer.rawHeaders, 'keep-alive')).not.toContain('timeout=9')
    expect(answer.body.toString()).toBe('moved')
    expect(relay.replies[0]).toMatchObject({ status: 302, answers: true, bodyBytes: 5 })
  })

  it('a stream as it comes, with its trailers', async () => {
    const parts: (() => void)[] = []
    const target = await startTarget((_request, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream', trailer: 'x-sum' })
      reply.write('data: one\n\n')
      parts.push(() => {
        reply.write('data: two\n\n')
        reply.addTrailers({ 'x-sum': '2' })
        reply.end()
      })
    })
    const relay = await openRelay([`*=${target.port}`])
    const socket = connect(relay.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nte: trailers\r\n\r\n{}')
    let text = ''
    await new Promise<void>(resolve =>
      socket.on('data', piece => {
        text += piece
        // The second part is sent when the first one has come through.
        if (text.includes('data: one')) parts.shift()?.()
        if (text.includes('0\r\n')) resolve()
      }),
    )
    socket.destroy()
    expect(text).toContain('data: two')
  })

  it('nothing but a 502 where the target is down, and goes on', async () => {
    const target = await echo()
    const relay = await openRelay([`*=${target.port}`])
    await target.close()
    const answer = await send(relay.port, { body: JSON.stringify(event) })
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: 'target-failed' } })
    expect(relay.problems).toMatchObject([{ type: 'target', code: 'ECONNREFUSED', answers: true }])
  })

  it('a 502 that names the target without the secrets in its address', async () => {
    const target = await echo()
    const relay = await openRelay([`*=${target.port}/hook?api_key=key-2&plain=3`])
    await target.close()
    const answer = await send(relay.port, { body: JSON.stringify(event) })
    const { error } = JSON.parse(answer.body.toString())
    expect(answer.status).toBe(502)
    expect(error.message).toContain(`:${target.port}/hook?api_key=***&plain=3 did not answer`)
    expect(answer.body.toString()).not.toMatch(/key-2/)
  })

  it('a broken connection where the target dies within its reply', async () => {
    const target = await startTarget((_request, reply) => {
      reply.writeHead(200, { 'content-length': '100' })
      reply.write('half', () => reply.destroy())
    })
    const relay = await openRelay([`*=${target.port}`])
    await expect(send(relay.port, { body: '{}' })).rejects.toThrow()
    expect(relay.problems).toMatchObject([{ type: 'broken' }])
  })

  it('413 to a body that is too large, whether it says so or not', async () => {
    const target = await echo()
    const relay = await openRelay([`*=${target.port}`], { maximumBodyBytes: 1000 })
    expect((await send(relay.port, { body: 'x'.repeat(1001) })).status).toBe(413)
    const pieces = Array.from({ length: 4 }, () => 'x'.repeat(400))
    expect((await send(relay.port, { body: pieces })).status).toBe(413)
    expect((await send(relay.port, { body: 'x'.repeat(1000) })).status).toBe(200)
    expect(relay.problems.map(problem => problem.type)).toEqual(['refused', 'refused'])
  })
})

describe('a connection that was kept open', () => {
  it('and is found closed is opened anew: the target may restart at any time', async () => {
    let answered = 0
    const first = await startTarget((_request, reply) => {
      answered++
      reply.end('ok')
      // The next request meets a closed socket, without any notice before it.
      reply.socket?.once('data', () => reply.socket?.resetAndDestroy())
    })
    const relay = await openRelay([`*=${first.port}`])
    for (let count = 0; count < 3; count++)
      expect((await send(relay.port, { body: JSON.stringify(event) })).body.toString()).toBe('ok')
    expect(answered).toBe(3)
    expect(relay.problems).toEqual([])
  })
})

describe('a sender that hangs up', () => {
  it('ends the forward', async () => {
    let gone: () => void = () => {}
    const targetGone = new Promise<void>(resolve => {
      gone = resolve
    })
    let arrived: () => void = () => {}
    const targetReached = new Promise<void>(resolve => {
      arrived = resolve
    })
    const target = await startTarget((_request, reply) => {
      reply.on('close', gone)
      arrived()
    })
    const relay = await openRelay([`*=${target.port}`])
    const socket = connect(relay.port, '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}')
    await targetReached
    socket.destroy()
    await targetGone
    expect(relay.problems).toMatchObject([{ type: 'cancelled' }])
  })
})

describe('several targets', () => {
  it('one answers, the others get copies whose failures are told', async () => {
    const got: string[] = []
    const tools = await startTarget((_request, reply, body) => {
      got.push(`tools ${body.length}`)
      reply.end('from tools')
    })
    const copied: (() => void)[] = []
    const all = await startTarget((_request, reply, body) => {
      got.push(`all ${body.length}`)
      reply.end('from all')
    })
    const relay = await openRelay(
      [`*=${all.port}`, `tool-calls=${tools.port}`],
      {},
      { reply: ({ answers }) => !answers && copied.shift()?.() },
    )
    const wholeEvent = JSON.stringify({ message: { ...event.message, text: 'x'.repeat(150_000) } })
    const copy = new Promise<void>(resolve => copied.push(resolve))
    const answer = await send(relay.port, { body: wholeEvent })
    await copy
    expect(answer.body.toString()).toBe('from tools')
    expect(got.toSorted()).toEqual([`all ${wholeEvent.length}`, `tools ${wholeEvent.length}`])
    expect((await send(relay.port, { body: '{"message":{"type":"hang"}}' })).body.toString()).toBe('from all')
  })

  it('without one for an event answer 502', async () => {
    const tools = await echo()
    const relay = await openRelay([`tool-calls=${tools.port}`])
    const answer = await send(relay.port, { body: '{"message":{"type":"hang"}}' })
    expect(answer.status).toBe(502)
    expect(answer.body.toString()).toContain('no route takes hang')
  })
})

it('events that are left out are answered and not passed on', async () => {
  const target = await startTarget(() => expect.unreachable())
  const relay = await openRelay([`*=${target.port}`], { passes: ({ type }) => type === 'tool-calls' })
  const answer = await send(relay.port, { body: '{"message":{"type":"hang"}}' })
  expect(answer.status).toBe(200)
})

it('a port in use is an error at once', async () => {
  const relay = await openRelay(['*=3000'])
  const { startRelay } = await import('../../src/listen/relay/relay.ts')
  const again = startRelay(
    { host: '127.0.0.1', port: relay.port },
    { tls: { skipVerify: false, ca: null } } as never,
    {} as never,
  )
  await expect(again).rejects.toMatchObject({
    exit: 2,
    message: expect.stringContaining(`port ${relay.port}`),
  })
})

it('draining waits for what is under way and takes nothing new', async () => {
  let finish: () => void = () => {}
  let reached: () => void = () => {}
  const arrived = new Promise<void>(resolve => {
    reached = resolve
  })
  const target = await startTarget((_request, reply) => {
    finish = () => reply.end('late')
    reached()
  })
  const relay = await openRelay([`*=${target.port}`])
  const underWay = send(relay.port, { body: '{}' })
  await arrived
  const drained = relay.drain()
  await expect(send(relay.port, { body: '{}' })).rejects.toThrow()
  finish()
  expect((await underWay).body.toString()).toBe('late')
  await drained
})
