import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { VapiError } from '../../src/errors.ts'
import { ask, callback, handTimers, KEY, startLogin } from './ask.ts'

/** Whether this machine has the loopback address of IPv6; some containers have none. */
function hasIPv6(): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(0, '::1', () => server.close(() => resolve(true)))
  })
}

describe('the address of a login', () => {
  it('leads to the dashboard with the way back and a state of 32 random bytes', async () => {
    const first = await startLogin({ dashboardUrl: 'https://dashboard.vapi.ai/' })
    const second = await startLogin({ dashboardUrl: 'https://example.com/base/' })
    const url = new URL(first.url)
    expect(url.origin + url.pathname).toBe('https://dashboard.vapi.ai/auth/cli')
    expect([...url.searchParams.keys()]).toEqual(['redirect_uri', 'state'])
    expect(url.searchParams.get('redirect_uri')).toBe(`http://localhost:${first.port}/callback`)
    expect(Buffer.from(first.state, 'base64url')).toHaveLength(32)
    expect(second.state).not.toBe(first.state)
    expect(second.url).toMatch(/^https:\/\/example\.com\/base\/auth\/cli\?/)
  })

  it.each(['', 'dashboard', 'file:///etc/passwd', 'javascript:alert(1)'])(
    'is refused as %j',
    async dashboardUrl => {
      await expect(startLogin({ dashboardUrl })).rejects.toMatchObject({ code: 'invalid-url', exit: 2 })
    },
  )
})

describe('a callback', () => {
  it.each(['127.0.0.1', '::1'])('is taken on %s', async host => {
    const login = await startLogin()
    expect(login.addresses).toEqual((await hasIPv6()) ? ['127.0.0.1', '::1'] : ['127.0.0.1'])
    if (!login.addresses.includes(host)) return
    const path = callback(login.state, {
      api_key: ` ${KEY}\n`,
      org_name: 'Döner & Söhne',
      org_id: 'org-1',
      email: 'a@b.example',
    })
    const answer = await ask(login.port, path, { host })
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toBe('/done')
    expect(await login.result).toEqual({
      key: KEY,
      organization: 'Döner & Söhne',
      organizationId: 'org-1',
      email: 'a@b.example',
    })
  })

  it.each([
    [{ organization: 'B', org: 'C' }, 'B'],
    [{ org_name: '', org: 'C' }, 'C'],
    [{ org_name: 'A', organization: 'B', org: 'C' }, 'A'],
    [{}, null],
    [{ org: 'line\nbreak\u202e\u0007' }, 'line break'],
  ])('has its organisation in %j as %j', async (parameters, organization) => {
    const login = await startLogin()
    await ask(login.port, callback(login.state, { api_key: KEY, ...parameters }))
    expect(await login.result).toMatchObject({ organization, organizationId: null, email: null })
  })

  it('has its email in user_email too, and takes no id or email that is none', async () => {
    const login = await startLogin()
    const path = callback(login.state, { api_key: KEY, user_email: 'c@d.example', org_id: '../x' })
    await ask(login.port, path)
    expect(await login.result).toMatchObject({ email: 'c@d.example', organizationId: null })
  })

  it('shows its last page when the login has ended, with nothing of the account on it', async () => {
    const login = await startLogin()
    await ask(login.port, callback(login.state))
    const page = ask(login.port, '/done')
    await login.finish('saved')
    const { status, body, headers } = await page
    expect(status).toBe(200)
    expect(body).toContain('<title>Logged in</title>')
    expect(body).not.toContain(KEY.slice(0, 8))
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
    await expect(ask(login.port, '/done')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(ask(login.port, '/done', { host: '::1' })).rejects.toThrow()
  })

  it('says on its last page that the login failed', async () => {
    const login = await startLogin()
    await ask(login.port, callback(login.state))
    const page = ask(login.port, '/done')
    await login.finish('failed')
    expect((await page).body).toContain('did not succeed')
  })

  it('comes twice without harm; a second one with another key is refused', async () => {
    const login = await startLogin()
    const [first, again] = await Promise.all([
      ask(login.port, callback(login.state)),
      ask(login.port, callback(login.state)),
    ])
    expect([first.status, again.status]).toEqual([303, 303])
    const other = await ask(login.port, callback(login.state, { api_key: 'another-key' }))
    expect(other.status).toBe(400)
    expect((await login.result).key).toBe(KEY)
  })

  it('may be pasted', async () => {
    const login = await startLogin()
    expect(login.take('what?')).toContain('/callback')
    expect(login.take(`http://localhost:1/callback?state=wrong&api_key=${KEY}`)).toContain('another login')
    expect(login.take(`  http://localhost:1${callback(login.state)}\n`)).toBeNull()
    expect((await login.result).key).toBe(KEY)
    await login.finish('saved')
  })
})

describe('a request that is not the awaited one', () => {
  const cases: [string, (state: string) => string, number][] = [
    ['another path', () => '/', 404],
    ['the last page before the end', () => '/done', 404],
    ['a path below', state => callback(state).replace('/callback', '/callback/x'), 404],
    ['no query', () => '/callback', 400],
    ['a wrong state', () => callback('wrong'), 400],
    ['a state that only begins right', state => callback(state.slice(0, -1)), 400],
    ['a longer state', state => callback(`${state}A`), 400],
    ['no key', state => callback(state, {}), 400],
    ['an empty key', state => callback(state, { api_key: ' ' }), 400],
    ['a key of two lines', state => callback(state, { api_key: 'a\nb' }), 400],
    ['a key with other letters', state => callback(state, { api_key: 'schlüssel' }), 400],
    ['two keys', state => `${callback(state)}&api_key=x`, 400],
    ['two states', state => `${callback(state)}&state=${state}`, 400],
    ['an over-long address', state => `${callback(state)}&x=${'y'.repeat(9000)}`, 400],
  ]
  it.each(cases)('is refused for %s, and the login goes on', async (_, path, status) => {
    const login = await startLogin()
    const answer = await ask(login.port, path(login.state))
    expect(answer.status).toBe(status)
    expect(answer.body).toContain('still waits')
    expect(answer.body).not.toContain(KEY)
    expect((await ask(login.port, callback(login.state))).status).toBe(303)
    expect((await login.result).key).toBe(KEY)
  })

  it.each(['POST', 'HEAD', 'PUT', 'OPTIONS'])('is refused as %s', async method => {
    const login = await startLogin()
    const answer = await ask(login.port, callback(login.state), { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('GET')
    expect((await ask(login.port, callback(login.state))).status).toBe(303)
  })

  it.each(['evil.example', 'localhost.evil.example:1', 'localhost', '127.0.0.2', '[::1]'])(
    'is refused for the host %s',
    async name => {
      const problems: string[] = []
      const login = await startLogin({ onRefused: problem => problems.push(problem) })
      const answer = await ask(login.port, callback(login.state), { headers: { host: name } })
      expect(answer.status).toBe(400)
      expect(problems).toEqual(['the request was made for another host'])
      expect((await ask(login.port, callback(login.state))).status).toBe(303)
    },
  )

  it('may come a hundred times', async () => {
    const login = await startLogin()
    await Promise.all(Array.from({ length: 100 }, () => ask(login.port, callback('x')).catch(() => {})))
    expect((await ask(login.port, callback(login.state))).status).toBe(303)
  })
})

describe('the end of a login', () => {
  it('comes after five minutes without a callback', async () => {
    const timers = handTimers()
    const login = await startLogin({ startTimer: timers.startTimer })
    expect(timers.running()).toEqual([300_000])
    timers.elapse(300_000)
    await expect(login.result).rejects.toMatchObject({ code: 'login-timeout', exit: 1 })
    await login.finish('failed')
    await expect(ask(login.port, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('comes with the signal', async () => {
    const abort = new AbortController()
    const login = await startLogin({ signal: abort.signal })
    abort.abort(new VapiError({ code: 'interrupted', message: 'interrupted' }))
    await expect(login.result).rejects.toMatchObject({ code: 'interrupted' })
  })

  it('waits 3 s for a browser that was redirected, and no longer', async () => {
    const timers = handTimers()
    const login = await startLogin({ startTimer: timers.startTimer })
    await ask(login.port, callback(login.state))
    const ended = login.finish('saved')
    expect(timers.running()).toEqual([3000])
    timers.elapse(3000)
    await ended
    await expect(ask(login.port, '/done')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('does not wait for a browser that closed its tab', async () => {
    const login = await startLogin()
    await ask(login.port, callback(login.state))
    const { connect } = await import('node:net')
    const socket = connect(login.port, '127.0.0.1')
    socket.write(`GET /done HTTP/1.1\r\nHost: localhost:${login.port}\r\n\r\n`)
    await new Promise<void>(resolve => socket.end(resolve))
    await login.finish('saved')
  })
})
