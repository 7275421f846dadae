import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { startInspector } from '../../../src/listen/inspector/server.ts'
import { startTarget } from '../../support/relay.ts'
import { type Asked, ask, event, message, type OpenInspector, openForTest, reply } from './support.ts'

const paths = [
  '/api/listener',
  '/api/events',
  '/api/events/1',
  '/api/calls/x',
  '/api/search?text=a',
  '/api/changes',
]

function headersFor(
  { port, token }: OpenInspector,
  over: Record<string, string> = {},
): Record<string, string> {
  return { host: `127.0.0.1:${port}`, 'x-inspector-token': token, ...over }
}

const json = { 'content-type': 'application/json' }

describe('the inspector’s server', () => {
  it.each(['evil.example', 'evil.example:80', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example'])(
    'answers nothing to the host %s, the page neither',
    async host => {
      const inspector = await openForTest()
      inspector.memory.event(event('1', message('hang')))
      for (const path of ['/', ...paths]) {
        const answer = await ask(inspector.port, path, { headers: headersFor(inspector, { host }) })
        expect([path, answer.status]).toEqual([path, 403])
      }
      const evil = headersFor(inspector, { host: `evil.example:${inspector.port}` })
      expect((await ask(inspector.port, '/', { headers: evil })).status).toBe(403)
    },
  )

  it('answers nothing without its token', async () => {
    const inspector = await openForTest()
    inspector.memory.event(event('1', message('hang')))
    const host = `127.0.0.1:${inspector.port}`
    const wrong: Record<string, string>[] = [
      {},
      { 'x-inspector-token': '' },
      { 'x-inspector-token': `${inspector.token}x` },
      { cookie: `token=${inspector.token}` },
      { authorization: `Bearer ${inspector.token}` },
    ]
    for (const headers of wrong)
      for (const path of paths) {
        const answer = await ask(inspector.port, path, { headers: { host, ...headers } })
        expect([path, answer.status]).toEqual([path, 401])
      }
    expect(
      (await ask(inspector.port, `/api/events?token=${inspector.token}`, { headers: { host } })).status,
    ).toBe(401)
  })

  it('answers nothing to pages of elsewhere, even with the token', async () => {
    const inspector = await openForTest()
    const foreign: Record<string, string>[] = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://127.0.0.1:${inspector.port + 1}` },
      { origin: `http://localhost:${inspector.port}` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]
    for (const over of foreign) {
      const headers = headersFor(inspector, over)
      for (const path of paths) expect((await ask(inspector.port, path, { headers })).status).toBe(403)
      const post = { method: 'POST', headers: { ...headers, ...json }, body: '{}' }
      expect((await ask(inspector.port, '/api/events/1/replay', post)).status).toBe(403)
    }
  })

  it('answers its own page, by either name of this machine', async () => {
    const inspector = await openForTest()
    inspector.memory.event(event('1', message('hang')))
    for (const host of [`127.0.0.1:${inspector.port}`, `localhost:${inspector.port}`]) {
      const headers = headersFor(inspector, {
        host,
        origin: `http://${host}`,
        'sec-fetch-site': 'same-origin',
      })
      const answer = await ask(inspector.port, '/api/events', { headers })
      expect([answer.status, answer.json().rows]).toMatchObject([200, [{ id: '1' }]])
    }
  })

  it('serves a page without data, token or anything from elsewhere, that nobody may frame', async () => {
    const inspector = await openForTest('localhost:9', {}, 'document.title = "x"')
    inspector.memory.event(event('secret-id', message('hang')))
    const page = await ask(inspector.port, '/', { headers: { host: `127.0.0.1:${inspector.port}` } })
    expect(page.status).toBe(200)
    expect(page.text).not.toContain(inspector.token)
    expect(page.text).not.toContain('secret-id')
    expect(page.text).not.toMatch(/https?:\/\//)
    expect(page.text).toContain('connect-src &#39;self&#39;')
    expect(page.text).not.toContain('unsafe')
    expect(page.headers['content-security-policy']).toBe(
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    )
    expect(page.headers['x-frame-options']).toBe('DENY')
    const allowing = Object.keys(page.headers).filter(name => name.startsWith('access-control'))
    expect([allowing, page.headers['set-cookie']]).toEqual([[], undefined])
  })

  it('sends no header that lets other pages read, asked beforehand or not', async () => {
    const inspector = await openForTest()
    const headers = headersFor(inspector, {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-inspector-token',
    })
    const answers: Asked[] = [
      await ask(inspector.port, '/api/events/1/replay', { method: 'OPTIONS', headers }),
      await ask(inspector.port, '/api/events', { headers }),
      await ask(inspector.port, '/api/events', { headers: headersFor(inspector) }),
    ]
    for (const answer of answers)
      expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control'))).toEqual([])
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 200])
  })

  it('has a token of its own at each start, long enough that nobody guesses it', async () => {
    const one = await openForTest()
    const other = await openForTest()
    expect(one.token).toMatch(/^[\w-]{32}$/)
    expect(one.token).not.toBe(other.token)
    const headers = headersFor(one, { 'x-inspector-token': other.token })
    expect((await ask(one.port, '/api/events', { headers })).status).toBe(401)
  })

  const outside = Object.values(networkInterfaces())
    .flat()
    .find(address => address?.family === 'IPv4' && !address.internal)?.address
  it.skipIf(outside === undefined)('takes connections of this machine’s loopback alone', async () => {
    const { port } = await openForTest()
    const outcome = await new Promise(resolve => {
      const socket = connect({ host: outside ?? '', port })
      socket.on('connect', () => resolve('connected')).on('error', () => resolve('refused'))
    })
    expect(outcome).toBe('refused')
  })

  it('refuses a port that is in use', async () => {
    const { port, memory } = await openForTest()
    const listener = { url: 'http://127.0.0.1:4242', routes: [], mask: false }
    await expect(startInspector({ source: memory, port, listener, script: '' })).rejects.toMatchObject({
      message: `port ${port} is in use, the inspector needs one of its own`,
      exit: 2,
    })
  })

  it('sends an event again: to its target with its secrets, elsewhere without', async () => {
    const seen: { url: string | undefined; headers: Record<string, unknown>; body: string }[] = []
    const target = await startTarget((request, answer, body) => {
      seen.push({ url: request.url, headers: request.headers, body: body.toString() })
      answer.end('{"results": []}')
    })
    const inspector = await openForTest(`localhost:${target.port}/hook`)
    inspector.memory.event(event('1', message('tool-calls'), { requested: '/webhook?a=1' }))
    const again = (options: unknown) =>
      ask(inspector.port, '/api/events/1/replay', {
        method: 'POST',
        headers: { ...headersFor(inspector), ...json },
        body: JSON.stringify(options),
      })
    const own = await again({ withSecrets: true })
    expect(own.status).toBe(200)
    await again({ to: `http://localhost:${target.port}/other`, body: '{"message": {"type": "hang"}}' })
    expect(seen).toMatchObject([
      { url: '/hook/webhook?a=1', headers: { 'x-vapi-secret': 'sesame', 'x-vapi-replay': '1' } },
      { url: '/other?a=1', body: '{"message": {"type": "hang"}}', headers: { 'x-webhook-event': 'hang' } },
    ])
    expect(seen[1]?.headers).not.toHaveProperty('x-vapi-secret')
    expect(seen[1]?.headers['content-length']).toBe('29')
    const id = String(own.json().id)
    const detail = (await ask(inspector.port, `/api/events/${id}`, { headers: headersFor(inspector) })).json()
    expect(detail).toMatchObject({
      row: { replayOf: '1', state: 'answered', errors: 1 },
      outcomes: [{ status: 200 }],
    })
  })

  it('says what is wrong with a request', async () => {
    const inspector = await openForTest()
    inspector.memory.event(event('1', message('hang')))
    const post = async (path: string, body: string, headers: Record<string, string> = json) => {
      const sent = { method: 'POST', headers: { ...headersFor(inspector), ...headers }, body }
      const answer = await ask(inspector.port, path, sent)
      return [answer.status, (answer.json().error as { message: string }).message]
    }
    const replay = '/api/events/1/replay'
    expect(await post(replay, '{')).toEqual([400, 'the request is no JSON'])
    expect(await post(replay, '[]')).toEqual([400, 'to and body are texts'])
    expect(await post(replay, '{"body": 3}')).toEqual([400, 'to and body are texts'])
    expect(await post(replay, '{}', { 'content-type': 'text/plain' })).toEqual([
      400,
      'application/json is expected',
    ])
    expect(await post(replay, '{"to": "ftp://x"}')).toEqual([
      400,
      expect.stringContaining('is no http or https URL'),
    ])
    expect(await post('/api/events/9/replay', '{}')).toEqual([404, 'the event 9 is not kept any more'])
    expect(await post(replay, JSON.stringify({ body: 'x'.repeat(5_000_000) }))).toEqual([
      400,
      'the body is larger than 4 MB',
    ])
    expect(await post('/api/events', '{}')).toEqual([405, 'not in this way'])
    const get = async (path: string) =>
      (await ask(inspector.port, path, { headers: headersFor(inspector) })).status
    expect(
      await Promise.all(['/api/events/9', '/api/calls/9', '/nothing', replay, '/api/events/%'].map(get)),
    ).toEqual([404, 404, 404, 405, 400])
  })

  it('streams what changes, and goes on after the cursor that a page has seen', async () => {
    const inspector = await openForTest()
    const first = event('1', message('hang'))
    inspector.memory.event(first)
    const stream = await openStream(inspector)
    const begun = await stream.next()
    expect(begun).toMatchObject({ reset: true, rows: [{ id: '1', state: 'waiting' }] })
    inspector.memory.reply(reply('1', {}), first)
    const next = await stream.next()
    expect(next).toMatchObject({ reset: false, rows: [{ id: '1', state: 'answered' }] })
    stream.close()
    inspector.memory.event(event('2', message('hang')))
    const again = await openStream(inspector, next.cursor)
    expect(await again.next()).toMatchObject({ reset: false, rows: [{ id: '2' }] })
    again.close()
  })
})

interface Streamed {
  cursor: string
  reset: boolean
  rows: { id: string; state: string }[]
}

/** Reads the stream of changes, one event at a time. */
async function openStream(
  inspector: OpenInspector,
  after?: string,
): Promise<{ next(): Promise<Streamed>; close(): void }> {
  const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
  const sent = request({
    host: '127.0.0.1',
    port: inspector.port,
    path: `/api/changes${query}`,
    headers: headersFor(inspector),
    agent: false,
  })
  sent.end()
  const answer = await new Promise<AsyncIterable<Buffer>>((resolve, reject) =>
    sent.on('response', resolve).on('error', reject),
  )
  const pieces = answer[Symbol.asyncIterator]()
  let text = ''
  return {
    next: async () => {
      while (!text.includes('\n\n')) text += String((await pieces.next()).value)
      const [one = '', ...rest] = text.split('\n\n')
      text = rest.join('\n\n')
      return JSON.parse(one.replace(/^data: /, ''))
    },
    close: () => sent.destroy(),
  }
}
