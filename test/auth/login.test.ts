import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Running } from '../support/program.ts'
import { ask, callback } from './ask.ts'
import { KEY_A, KEY_B, KEY_C, makeHome, ok, startKeyApi, twoAccounts } from './home.ts'

/** The address that a waiting login shows. */
async function addressOf(running: Running): Promise<URL> {
  let text = ''
  running.child.stderr?.on('data', piece => {
    text += piece
  })
  await running.prints(/http:\S+\/auth\/cli\?\S+\n/)
  return new URL(/http:\S+\/auth\/cli\?\S+/.exec(text)?.[0] ?? '')
}

async function waitingLogin(home: ReturnType<typeof makeHome>, args: readonly string[] = []) {
  const running = home.start(['auth', 'login', '--no-browser', ...args], {
    env: { VAPI_DASHBOARD_URL: 'http://dashboard.test' },
  })
  const url = await addressOf(running)
  const port = Number(new URL(url.searchParams.get('redirect_uri') ?? '').port)
  return { running, port, state: url.searchParams.get('state') ?? '' }
}

describe('vapi auth login --no-browser', () => {
  it('stores the account of the callback and makes it the active one', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome('storage: file\n')
    const { running, port, state } = await waitingLogin(home, ['--base-url', api.url, '--alias', 'work'])
    expect((await ask(port, callback('wrong'))).status).toBe(400)
    expect((await ask(port, '/favicon.ico')).status).toBe(404)
    const path = callback(state, { api_key: KEY_A, org_name: 'Döner & Co', email: 'a@acme.example' })
    expect((await ask(port, path)).headers.location).toBe('/done')
    expect((await ask(port, '/done')).body).toContain('You are logged in')
    const { stdout, stderr, code } = await running.finished
    expect([stdout, code]).toEqual(['doner-co\n', 0])
    expect(stderr).toContain('belongs to another login')
    expect(stderr).not.toContain('favicon')
    expect(stdout + stderr).not.toContain(KEY_A)
    expect(home.config()).toMatchObject({
      active_account: 'doner-co',
      aliases: { work: 'doner-co' },
      accounts: {
        'doner-co': { apikey: KEY_A, organization: 'Döner & Co', orgid: 'org-a', email: 'a@acme.example' },
      },
    })
    expect(home.mode()).toBe(0o600)
    expect(api.requests.map(({ path, query }) => [path, query])).toEqual([['/assistant', { limit: '1' }]])
  })

  it('shows the failure in the browser too, and stores nothing', async () => {
    const api = await startKeyApi({})
    const home = makeHome('storage: file\n')
    const { running, port, state } = await waitingLogin(home, ['--base-url', api.url])
    await ask(port, callback(state, { api_key: KEY_A }))
    expect((await ask(port, '/done')).body).toContain('did not succeed')
    const { stdout, stderr, code } = await running.finished
    expect([stdout, code]).toEqual(['', 4])
    expect(stderr).toContain('the key of this login')
    expect(stderr).not.toContain(KEY_A)
    expect(home.text()).toBe('storage: file\n')
  })

  it('ends with 130 on Ctrl-C and changes nothing', async () => {
    const home = makeHome()
    const { running, port } = await waitingLogin(home)
    running.child.kill('SIGINT')
    expect((await running.finished).code).toBe(130)
    expect(home.text()).toBe('')
    await expect(ask(port, '/')).rejects.toThrow('ECONNREFUSED')
  })

  it('shows the address in spite of --quiet', async () => {
    const { running } = await waitingLogin(makeHome(), ['--quiet'])
    running.child.kill('SIGINT')
    await running.finished
  })

  it('does not send the browser or the key where only a project’s file says', async () => {
    const stranger = await startKeyApi({ [KEY_A]: 'org-a' })
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome(`storage: file\nbase_url: ${api.url}\n`)
    const folder = join(home.folder, 'project')
    const { mkdirSync } = await import('node:fs')
    mkdirSync(folder)
    writeFileSync(join(folder, '.vapi-cli.yaml'), `base_url: ${stranger.url}\n`)
    const { stderr } = await ok(home.run(['auth', 'login', '--with-token'], { stdin: KEY_A, cwd: folder }))
    expect(stderr).toContain('is not used for a login')
    expect([stranger.requests.length, api.requests.length]).toEqual([0, 1])
  })
})

describe('vapi login', () => {
  it('says at once that nobody can log in where there is neither a browser nor a terminal', async () => {
    const home = makeHome()
    const { code, stderr, stdout } = await home.run(['auth', 'login'], { env: { BROWSER: 'none' } })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--with-token')
  })

  it('opens the browser of BROWSER, which plays its part', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome('storage: file\n')
    const browser = join(home.folder, 'browser.mjs')
    writeFileSync(
      browser,
      `#!${process.execPath}
const login = new URL(process.argv[2])
const back = new URL(login.searchParams.get('redirect_uri'))
back.searchParams.set('state', login.searchParams.get('state'))
back.searchParams.set('api_key', '${KEY_A}')
back.searchParams.set('organization', 'Acme')
await (await fetch(back)).text()
`,
    )
    chmodSync(browser, 0o700)
    const { stdout, stderr } = await ok(
      home.run(['login', '--base-url', api.url, '--json'], {
        env: { BROWSER: browser, VAPI_DASHBOARD_URL: 'http://dashboard.test' },
      }),
    )
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'acme',
      active: true,
      organizationId: 'org-a',
      key: 'aaaa********aa',
      storage: 'file',
      baseUrl: api.url,
    })
    expect(stderr).toContain('your browser opens: http://dashboard.test/auth/cli?')
  })

  it('says which server is no API', async () => {
    const api = await startKeyApi({})
    const { jsonReply } = await import('../support/fake-openai.ts')
    api.on('GET /assistant', () => jsonReply({ hello: 'world' }))
    const home = makeHome('storage: file\n')
    const { stderr, code } = await home.run(['login', '--with-token', '--base-url', api.url], {
      stdin: KEY_A,
    })
    expect(code).toBe(1)
    expect(stderr).toContain('does not answer as the API does')
  })
})

describe('vapi auth login --with-token', () => {
  it.each([`${KEY_A}\n`, `${KEY_A}\r\n`, `  ${KEY_A}`])('takes a key from %j', async stdin => {
    const api = await startKeyApi({ [KEY_A]: null })
    const home = makeHome('storage: file\n')
    const args = ['login', '--with-token', '--email', 'dev@example.com', '--base-url', api.url]
    const { stdout } = await ok(home.run(args, { stdin }))
    expect(stdout).toBe('dev\n')
    expect(home.config()).toMatchObject({ accounts: { dev: { apikey: KEY_A, email: 'dev@example.com' } } })
    expect(api.requests.map(({ path }) => path)).toEqual(['/assistant', '/phone-number', '/tool', '/call'])
  })

  it.each([
    ['', 'is empty'],
    [`${KEY_A}\n${KEY_B}`, 'line break'],
    [`ключ`, 'no key has'],
    ['x'.repeat(70_000), 'too long'],
  ])('refuses %j', async (stdin, words) => {
    const home = makeHome('storage: file\n')
    const { stdout, stderr, code } = await home.run(['login', '--with-token'], { stdin })
    expect([stdout, code]).toEqual(['', 2])
    expect(stderr).toContain(words)
    expect(stderr).not.toContain(KEY_A)
  })

  it.each([
    [['--no-browser'], 'exclude each other'],
    [['--api-key', KEY_A], 'never stored'],
    [['--alias', 'My Work'], 'for example my-work'],
    [['--base-url', 'ftp://x'], 'http'],
  ])('refuses %j beside it', async (args, words) => {
    const home = makeHome()
    const { stderr, code } = await home.run(['login', '--with-token', ...args], { stdin: KEY_B })
    expect(code).toBe(2)
    expect(stderr).toContain(words)
    expect(home.text()).toBe('')
  })

  it('renews the account of the same organisation and server, and switches to it', async () => {
    const api = await startKeyApi({ [KEY_C]: 'org-b' })
    const home = makeHome(twoAccounts(api.url, 'storage: file # mine\naliases:\n    b: account-1755500001\n'))
    const { stdout, stderr } = await ok(home.run(['login', '--with-token'], { stdin: KEY_C }))
    expect(stdout).toBe('account-1755500001\n')
    expect(stderr).toContain('renewed account')
    expect(home.config()).toMatchObject({
      active_account: 'account-1755500001',
      aliases: { b: 'account-1755500001' },
      accounts: {
        'account-1755500000': { apikey: KEY_A },
        'account-1755500001': { apikey: KEY_C, organization: 'Beta', email: 'b@beta.example' },
      },
    })
    expect(Object.keys(home.config().accounts ?? {})).toHaveLength(2)
    expect(home.text()).toContain('# mine')
  })

  it('keeps organisations of one name apart, and one organisation at two servers', async () => {
    const api = await startKeyApi({ [KEY_B]: 'org-2', [KEY_C]: 'org-1' })
    const other = await startKeyApi({ [KEY_A]: 'org-1' })
    const home = makeHome('storage: file\n')
    const login = (key: string, url: string) =>
      ok(home.run(['login', '--with-token', '--org', 'Acme', '--base-url', url], { stdin: key }))
    expect((await login(KEY_B, api.url)).stdout).toBe('acme\n')
    expect((await login(KEY_C, api.url)).stdout).toBe('acme-2\n')
    expect((await login(KEY_A, other.url)).stdout).toBe('acme-3\n')
    expect((await login(KEY_B, api.url)).stdout).toBe('acme\n')
    const whoami = await ok(home.run(['auth', 'whoami', '--account', 'acme-3', '--json']))
    expect(JSON.parse(whoami.stdout)).toMatchObject({ baseUrl: other.url, organizationId: 'org-1' })
  })

  it('says so when the key goes to the file because no keyring answers', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome()
    const { stderr } = await ok(home.run(['login', '--with-token', '--base-url', api.url], { stdin: KEY_A }))
    expect(stderr).toMatch(/warning: the system keyring cannot be used.*0600/)
    expect(home.config()).toMatchObject({ accounts: { account: { apikey: KEY_A } } })
    expect(home.mode()).toBe(0o600)
    const token = await ok(home.run(['auth', 'token', '--show']))
    expect(token.stdout).toBe(`${KEY_A}\n`)
  })

  it('leaves an alias with the account that has it', async () => {
    const api = await startKeyApi({ [KEY_C]: 'org-c' })
    const home = makeHome(twoAccounts(api.url, 'storage: file\naliases:\n    work: account-1755500000\n'))
    const { stdout, stderr } = await ok(
      home.run(['login', '--with-token', '--alias', 'work'], { stdin: KEY_C }),
    )
    expect(stdout).toBe('work-2\n')
    expect(stderr).toContain('the alias work belongs to account account-1755500000')
    expect(home.config()).toMatchObject({ aliases: { work: 'account-1755500000' } })
  })

  it('warns that a key of the environment wins, and never stores that one', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-a' })
    const home = makeHome('storage: file\n')
    const { stderr } = await ok(
      home.run(['login', '--with-token', '--base-url', api.url], {
        stdin: KEY_A,
        env: { VAPI_API_KEY: KEY_B },
      }),
    )
    expect(stderr).toContain('VAPI_API_KEY is set')
    expect(home.text()).not.toContain(KEY_B)
  })
})
