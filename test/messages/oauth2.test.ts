import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { readDeliveryPlan } from '../../src/messages/delivery-plan.ts'
import { createAuthorizationSource } from '../../src/messages/oauth2.ts'
import { createServerSink } from '../../src/messages/server-sink.ts'
import { createHttpClient } from '../../src/net/http.ts'

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

interface Asked {
  headers: Record<string, unknown>
  body: string
}

async function server(answer: (asked: Asked, count: number, reply: ServerResponse) => void) {
  const asked: Asked[] = []
  const listening = createServer(async (request, reply) => {
    let body = ''
    for await (const piece of request) body += piece
    asked.push({ headers: request.headers, body })
    answer({ headers: request.headers, body }, asked.length, reply)
  })
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    listening.closeAllConnections()
    listening.close()
  })
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`, asked }
}

function client() {
  const http = createHttpClient()
  open.push(() => http.close())
  return http
}

const { signal } = new AbortController()
const plan = (url: string) => ({ url, clientId: 'me', clientSecret: 'hush-hush' })

describe('a token', () => {
  it('is kept until shortly before its end, one for all who ask', async () => {
    const tokens = await server((_asked, count, reply) =>
      reply.end(JSON.stringify({ access_token: `t${count}`, token_type: 'Bearer', expires_in: 120 })),
    )
    let nowMs = 0
    const authorize = createAuthorizationSource(client(), () => nowMs)
    const first = [authorize(plan(tokens.url), signal), authorize(plan(tokens.url), signal)]
    expect(await Promise.all(first)).toEqual(['Bearer t1', 'Bearer t1'])
    nowMs = 89_000
    expect(await authorize(plan(tokens.url), signal)).toBe('Bearer t1')
    nowMs = 91_000
    expect(await authorize(plan(tokens.url), signal)).toBe('Bearer t2')
    expect(tokens.asked).toHaveLength(2)
    expect(tokens.asked[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(tokens.asked[0]?.body).toBe('grant_type=client_credentials&client_id=me&client_secret=hush-hush')
  })

  it('is asked for again after a failure', async () => {
    const tokens = await server((_asked, count, reply) =>
      count === 1
        ? reply.writeHead(503).end('down')
        : reply.end(JSON.stringify({ access_token: 'later', expires_in: 60 })),
    )
    const authorize = createAuthorizationSource(client(), () => 0)
    await expect(authorize(plan(tokens.url), signal)).rejects.toMatchObject({
      code: 'token-refused',
      status: 503,
      retryable: true,
    })
    expect(await authorize(plan(tokens.url), signal)).toBe('Bearer later')
  })

  it('that one no longer wants comes for the other who waits for it', async () => {
    const tokens = await server((_asked, _count, reply) => {
      setTimeout(() => reply.end('{"access_token":"shared"}'), 30)
    })
    const authorize = createAuthorizationSource(client(), () => 0)
    const leaving = new AbortController()
    const left = authorize(plan(tokens.url), leaving.signal)
    const waiting = authorize(plan(tokens.url), signal)
    leaving.abort(new Error('not any more'))
    await expect(left).rejects.toThrow('not any more')
    expect(await waiting).toBe('Bearer shared')
    expect(tokens.asked).toHaveLength(1)
  })

  it('is asked for again where nobody waited for a failure any more', async () => {
    const tokens = await server((_asked, count, reply) =>
      count === 1 ? reply.socket?.destroy() : reply.end('{"access_token":"later"}'),
    )
    const authorize = createAuthorizationSource(client(), () => 0)
    const leaving = new AbortController()
    const left = authorize(plan(tokens.url), leaving.signal)
    leaving.abort(new Error('not any more'))
    await expect(left).rejects.toThrow('not any more')
    await expect.poll(() => tokens.asked.length).toBe(1)
    await expect.poll(() => authorize(plan(tokens.url), signal).catch(() => null)).toBe('Bearer later')
  })

  it('is asked of nobody but its server: a redirect elsewhere does not get the secret', async () => {
    const other = await server((_asked, _count, reply) => reply.end('{"access_token":"stolen"}'))
    const tokens = await server((_asked, _count, reply) =>
      reply.writeHead(307, { location: other.url }).end(),
    )
    const asked = createAuthorizationSource(client(), () => 0)(plan(tokens.url), signal)
    await expect(asked).rejects.toMatchObject({ code: 'token-refused', status: 307 })
    expect(other.asked).toEqual([])
  })

  it.each(['', 'no JSON', '[]', '{"access_token":""}', '{"error":"hush-hush"}'])(
    'that a server does not give is an error without secrets: %s',
    async said => {
      const tokens = await server((_asked, _count, reply) => reply.end(said))
      const failed = createAuthorizationSource(client(), () => 0)(plan(tokens.url), signal)
      await expect(failed).rejects.toThrow(/^the token server http:\S+ gave no access_token$/)
    },
  )
})

it('goes along with the messages of an assistant whose server names such a credential', async () => {
  const tokens = await server((_asked, _count, reply) => reply.end(JSON.stringify({ access_token: 'at' })))
  const target = await server((_asked, _count, reply) => reply.end('{}'))
  const { server: delivery, warnings } = readDeliveryPlan({
    server: { url: target.url, credentialId: 'mine' },
    credentials: [{ name: 'mine', authenticationPlan: { type: 'oauth2', ...plan(tokens.url) } }],
  })
  expect(warnings).toEqual([])
  const sink = createServerSink({
    http: client(),
    serverOf: () => delivery,
    now: () => 0,
    delivered: () => {},
    warn: () => {},
  })
  sink.send({ type: 'hang', body: { type: 'hang' }, member: 0, recipient: 'server' } as never)
  sink.send({ type: 'hang', body: { type: 'hang' }, member: 0, recipient: 'server' } as never)
  await sink.close(signal)
  expect(target.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer at', 'Bearer at'])
  expect(tokens.asked).toHaveLength(1)
})
