import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createTlsServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../../src/api/client.ts'
import { createHttpClient, type HttpClient, type HttpTrace } from '../../src/net/http.ts'
import { createProxies } from '../../src/net/proxy.ts'
import { packageFile } from '../../src/package-root.ts'
import { bundleProgram } from '../support/bundle.ts'
import { type FakeOpenAi, jsonReply, startFakeOpenAi } from '../support/fake-openai.ts'
import {
  type HttpProxyOptions,
  type SocksProxyOptions,
  startHttpProxy,
  startSocksProxy,
  type TestProxy,
} from '../support/proxies.ts'
import { requires } from '../support/requires.ts'

let server: FakeOpenAi
let clients: HttpClient[]
let proxies: TestProxy[]
let traces: HttpTrace[]

beforeEach(async () => {
  server = await startFakeOpenAi()
  server.answerWith(request => jsonReply({ path: request.path, host: request.headers.host }))
  clients = []
  proxies = []
  traces = []
})

afterEach(async () => {
  for (const client of clients) client.close()
  for (const proxy of proxies) await proxy.close()
  await server.close()
})

const port = () => Number(new URL(server.url).port)

async function clientWith(env: Record<string, string>): Promise<HttpClient> {
  const made = await createProxies(env)
  const client = createHttpClient({
    ...(made && { proxies: made }),
    traceRequest: trace => traces.push(trace),
    limits: { connectMs: 5000 },
  })
  clients.push(client)
  return client
}

async function httpProxy(options: Partial<HttpProxyOptions> = {}): Promise<TestProxy> {
  const proxy = await startHttpProxy({ port: port(), ...options })
  proxies.push(proxy)
  return proxy
}

async function socksProxy(options: Partial<SocksProxyOptions> = {}): Promise<TestProxy> {
  const proxy = await startSocksProxy({ port: port(), ...options })
  proxies.push(proxy)
  return proxy
}

async function failureOf(work: Promise<unknown>) {
  return work.then(
    () => expect.fail('it did not fail'),
    thrown => thrown,
  )
}

describe('without proxies', () => {
  it('nothing is made', async () => {
    expect(await createProxies({ NO_PROXY: '*', PATH: '/bin' })).toBeUndefined()
  })
})

describe('an HTTP proxy', () => {
  it('passes plain requests on, over one kept connection, with its user', async () => {
    const proxy = await httpProxy()
    const http = await clientWith({ HTTP_PROXY: `http://me:p%40ss@${proxy.host}` })
    for (const path of ['/x?y=1', '/z'])
      expect(await (await http.request({ url: `http://api.test${path}` })).json()).toEqual({
        path,
        host: 'api.test',
      })
    const post = await http.request({ url: 'http://api.test/p', body: '{"a":1}', headers: { 'x-a': 'b' } })
    expect(await post.json()).toMatchObject({ path: '/p' })
    expect(server.requests[2]).toMatchObject({ body: '{"a":1}', headers: { 'x-a': 'b' } })
    expect(proxy.asked).toEqual([
      'GET http://api.test/x?y=1',
      'GET http://api.test/z',
      'POST http://api.test/p',
    ])
    expect(new Set(proxy.users)).toEqual(new Set(['me:p@ss']))
    expect(proxy.openConnections).toBe(1)
    await expect.poll(() => traces).toHaveLength(3)
    expect(traces[0].proxy).toBe(`http://${proxy.host}`)
    expect(JSON.stringify(traces)).not.toMatch(/p%40ss|p@ss|bWU6/)
  })

  it('takes an upload piece by piece', async () => {
    const proxy = await httpProxy()
    const http = await clientWith({ HTTP_PROXY: proxy.host })
    async function* open() {
      for (let i = 0; i < 20; i++) yield Buffer.alloc(50_000, 'x')
    }
    await (
      await http.request({ url: 'http://api.test/f', method: 'POST', body: { byteLength: 1_000_000, open } })
    ).text()
    expect(server.requests[0].body.length).toBe(1_000_000)
  })

  it('is not used for what NO_PROXY names, nor for this machine', async () => {
    const proxy = await httpProxy()
    const http = await clientWith({ HTTP_PROXY: proxy.host, NO_PROXY: 'vapi-test.invalid' })
    expect(await (await http.request({ url: `${server.url}/x` })).json()).toMatchObject({ path: '/x' })
    expect(await failureOf(http.request({ url: 'http://vapi-test.invalid' }))).toMatchObject({
      code: 'name-not-found',
    })
    expect(proxy.asked).toEqual([])
  })

  it('that asks for a password is named, without the one it got', async () => {
    const proxy = await httpProxy({ instead: 407 })
    for (const url of ['http://api.test/', 'https://api.test/']) {
      const http = await clientWith({ ALL_PROXY: `http://me:wrong@${proxy.host}` })
      const error = await failureOf(http.request({ url, body: 'x' }))
      expect(error).toMatchObject({
        code: 'proxy-refused',
        message: `the proxy http://${proxy.host} asks for a user and a password (407)`,
        sent: false,
        retryable: false,
      })
      expect(error.hint).toContain('USER:PASSWORD')
    }
  })

  it.each([403, 502, 503])('that refuses a tunnel with %i is named', async status => {
    const proxy = await httpProxy({ instead: status })
    const http = await clientWith({ HTTPS_PROXY: `http://${proxy.host}` })
    expect(await failureOf(http.request({ url: 'https://api.test/', body: 'x' }))).toMatchObject({
      code: 'proxy-refused',
      message: `the proxy http://${proxy.host} refused a connection to api.test (${status})`,
      hint: expect.stringContaining('NO_PROXY'),
      sent: false,
      retryable: status >= 500,
    })
  })

  it.each(['http://api.test', 'https://api.test'])(
    'that hangs ends in a time-out that names it: %s',
    async url => {
      const proxy = await httpProxy({ instead: 'silence' })
      const http = await clientWith({ ALL_PROXY: `http://me:secret@${proxy.host}` })
      const limits = { connectMs: 60, firstByteMs: 60 }
      const error = await failureOf(http.request({ url, limits }))
      expect(error).toMatchObject({ code: 'timeout', retryable: true, sent: url.startsWith('http:') })
      expect(error.message).toMatch(
        new RegExp(`${url} (sent no answer )?within 60 ms through the proxy http://${proxy.host}$`),
      )
      http.close()
      await expect.poll(() => proxy.openConnections).toBe(0)
    },
  )

  it.each(['http://api.test', 'https://api.test'])('that is not there is named: %s', async url => {
    const proxy = await startHttpProxy({ port: 1 })
    await proxy.close()
    const http = await clientWith({ ALL_PROXY: `http://me:secret@${proxy.host}` })
    expect(await failureOf(http.request({ url }))).toMatchObject({
      code: 'proxy-failed',
      message: `the proxy http://${proxy.host} does not answer (ECONNREFUSED)`,
      sent: false,
    })
  })

  it('whose setting is wrong is told when it would be used, and not before', async () => {
    const http = await clientWith({ HTTPS_PROXY: 'ftp://me:secret@x' })
    expect(await (await http.request({ url: server.url })).json()).toBeDefined()
    expect(await failureOf(http.request({ url: 'https://api.test' }))).toMatchObject({
      code: 'usage',
      exit: 2,
    })
  })

  it('that refuses for the moment is asked again by the API client, also with a POST', async () => {
    const proxy = await httpProxy({ instead: 503 })
    const http = await clientWith({ HTTPS_PROXY: proxy.host })
    const waits: number[] = []
    const clock = { now: () => 0, sleep: async (ms: number) => void waits.push(ms) }
    const api = createApi({ http, baseUrl: 'https://api.test', key: 'k', timeoutMs: 20_000, clock })
    expect(await failureOf(api.request({ method: 'POST', path: '/call', body: {} }))).toMatchObject({
      message: expect.stringContaining('(tried 4 times)'),
    })
    expect(proxy.asked).toHaveLength(4)
    expect(waits).toHaveLength(3)
  })
})

describe('a SOCKS proxy', () => {
  it.each([
    ['socks5h', 'SOCKS5 api.test:80'],
    ['socks4a', 'SOCKS4 api.test:80'],
    ['socks', 'SOCKS5 api.test:80'],
  ])('%s looks the name up itself', async (scheme, asked) => {
    const proxy = await socksProxy()
    const http = await clientWith({ ALL_PROXY: `${scheme}://${proxy.host}` })
    for (const path of ['/x', '/y'])
      expect(await (await http.request({ url: `http://api.test${path}` })).json()).toEqual({
        path,
        host: 'api.test',
      })
    expect(proxy.asked).toEqual([asked])
  })

  it.each(['socks5', 'socks4'])(
    '%s gets an address, and a name that does not exist is told as such',
    async scheme => {
      const proxy = await socksProxy()
      const http = await clientWith({ ALL_PROXY: `${scheme}://${proxy.host}` })
      expect(await (await http.request({ url: 'http://192.0.2.1/x' })).json()).toMatchObject({ path: '/x' })
      expect(proxy.asked[0]).toMatch(/^SOCKS[45] 192\.0\.2\.1:80$/)
      expect(await failureOf(http.request({ url: 'http://vapi-test.invalid/' }))).toMatchObject({
        code: 'name-not-found',
        message: expect.stringContaining('vapi-test.invalid'),
      })
    },
  )

  it('gets user and password', async () => {
    const proxy = await socksProxy({ asksPassword: true })
    const http = await clientWith({ ALL_PROXY: `socks5h://me:p%40ss@${proxy.host}` })
    expect(await (await http.request({ url: 'http://api.test/' })).json()).toBeDefined()
    expect(proxy.users).toEqual(['me:p@ss'])
    const without = await clientWith({ ALL_PROXY: `socks5h://${proxy.host}` })
    expect(await failureOf(without.request({ url: 'http://api.test/' }))).toMatchObject({
      code: 'proxy-failed',
    })
  })

  it('that refuses is named, without its password', async () => {
    const proxy = await socksProxy({ refuses: 5, asksPassword: true })
    const http = await clientWith({ ALL_PROXY: `socks5h://me:secret@${proxy.host}` })
    const error = await failureOf(http.request({ url: 'https://api.test/' }))
    expect(error).toMatchObject({ code: 'proxy-failed', sent: false })
    expect(error.message).toMatch(
      `no connection to https://api.test through the proxy socks5h://${proxy.host}: Socks5 proxy rejected`,
    )
    expect(`${error.message}${error.stack}${error.cause}`).not.toContain('secret')
  })
})

describe('TLS through a proxy', () => {
  const missing = requires('openssl')
  let folder: string
  let program: Awaited<ReturnType<typeof bundleProgram>>
  let secure: Server
  let target: { port: number }

  beforeAll(async () => {
    if (missing) return
    folder = mkdtempSync(join(tmpdir(), 'vapi-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const subject = [
      '-subj',
      '/CN=api.test',
      '-addext',
      'subjectAltName=DNS:api.test',
      '-days',
      '2',
      '-nodes',
    ]
    const words = ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject]
    execFileSync('openssl', words, { stdio: 'ignore' })
    secure = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) =>
      response.end(JSON.stringify([{ id: request.headers.host, key: request.headers.authorization }])),
    )
    await new Promise<void>(resolve => secure.listen(0, '127.0.0.1', resolve))
    target = { port: (secure.address() as AddressInfo).port }
    program = await bundleProgram(packageFile('test', 'support', 'list-program.ts'))
  })

  afterAll(async () => {
    if (missing) return
    secure.closeAllConnections()
    await new Promise(resolve => secure.close(resolve))
    program.remove()
    rmSync(folder, { recursive: true })
  })

  it.skipIf(missing)(
    `reaches the target through HTTP and SOCKS, and prints nothing with DEBUG ${missing || ''}`,
    async () => {
      const [tunnel, socks] = [await httpProxy(target), await socksProxy({ ...target, asksPassword: true })]
      for (const proxy of [`http://me:secret@${tunnel.host}`, `socks5h://me:secret@${socks.host}`]) {
        const { stdout, stderr } = await promisify(execFile)(
          process.execPath,
          [program.file, 'https://api.test'],
          {
            env: { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem'), DEBUG: '*' },
          },
        )
        expect(JSON.parse(stdout)).toMatchObject({ count: 1 })
        expect(stderr).toBe('')
      }
      expect(tunnel.asked).toEqual(['CONNECT api.test:443'])
      expect(socks.asked).toEqual(['SOCKS5 api.test:443'])
      expect([tunnel.users, socks.users]).toEqual([['me:secret'], ['me:secret']])
    },
  )

  it.skipIf(missing)(`checks the certificate of the target ${missing || ''}`, async () => {
    const [tunnel, socks] = [await httpProxy(target), await socksProxy(target)]
    for (const proxy of [`http://${tunnel.host}`, `socks5h://${socks.host}`]) {
      const http = await clientWith({ HTTPS_PROXY: proxy })
      expect(await failureOf(http.request({ url: 'https://api.test/' }))).toMatchObject({
        code: 'tls-failed',
        message: expect.stringContaining('the certificate of api.test is not trusted'),
        sent: false,
      })
    }
  })
})
