import { describe, expect, it } from 'vitest'
import { FIRST, KEY_A, KEY_B, KEY_C, makeHome, ok, SECOND, startKeyApi, twoAccounts } from './home.ts'

const ALIASES = `aliases:\n    work: ${SECOND}\n`

describe('vapi auth status', () => {
  it('lists accounts in one order, with masked keys, and says what is in use', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    const { stdout } = await ok(home.run(['auth', 'status', '--json']))
    const status = JSON.parse(stdout)
    expect(status).toMatchObject({
      authenticated: true,
      active: FIRST,
      account: FIRST,
      keySource: { from: 'account', account: FIRST, storage: 'file' },
      baseUrl: 'http://127.0.0.1:1',
      environment: 'production',
    })
    expect(status.accounts).toMatchObject([
      {
        name: FIRST,
        active: true,
        aliases: [],
        organizationId: 'org-a',
        key: 'aaaa********aa',
        storage: 'file',
      },
      { name: SECOND, active: false, aliases: ['work'], email: 'b@beta.example', key: 'bbbb********bb' },
    ])
    const table = await ok(home.run(['auth', 'status']))
    expect(table.stdout.split('\n')[0]).toContain(`*\t${FIRST}\t\tAcme\ta@acme.example\thttp://127.0.0.1:1\t`)
    expect(table.stderr).toContain(`commands use the key of account ${FIRST} at http://127.0.0.1:1`)
    expect(stdout + table.stdout + table.stderr).not.toContain(KEY_A)
    expect((await ok(home.run(['auth', 'status', '-o', 'id']))).stdout).toBe(`${FIRST}\n${SECOND}\n`)
  })

  it.each([
    [{ VAPI_API_KEY: KEY_C }, { from: 'environment' }, 'the key in VAPI_API_KEY'],
    [{ VAPI_ACCOUNT: 'work' }, { from: 'account', account: SECOND }, `the key of account ${SECOND}`],
  ])('says what %j changes', async (env, keySource, words) => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    expect(JSON.parse((await ok(home.run(['auth', 'status', '--json'], { env }))).stdout)).toMatchObject({
      active: FIRST,
      keySource,
    })
    expect((await ok(home.run(['auth', 'status'], { env }))).stderr).toContain(words)
  })

  it('works for nobody, and for keys that cannot be read', async () => {
    const empty = makeHome()
    const { stdout } = await ok(empty.run(['auth', 'status', '--json']))
    expect(JSON.parse(stdout)).toMatchObject({ authenticated: false, keySource: null, accounts: [] })
    expect((await ok(empty.run(['auth', 'status']))).stderr).toContain('not logged in: vapi login')
    const keyless = makeHome(`accounts:\n  one:\n    organization: One\nactive_account: one\n`)
    const status = await ok(keyless.run(['auth', 'status', '--json']))
    expect(JSON.parse(status.stdout)).toMatchObject({
      authenticated: false,
      accounts: [{ name: 'one', key: null, storage: 'keyring' }],
    })
    expect(status.stderr).toContain('keyring')
    const none = makeHome(`accounts:\n  one: {apikey: ${KEY_A}}\n`)
    expect((await ok(none.run(['auth', 'status']))).stderr).toContain(
      'no account is active: vapi auth switch',
    )
  })
})

describe('vapi auth switch', () => {
  it.each([SECOND, 'work', 'b@beta.example', 'B@Beta.example'])(
    'takes %s, and every command uses that account then',
    async word => {
      const api = await startKeyApi({ [KEY_A]: 'org-a', [KEY_B]: 'org-b' })
      const home = makeHome(`# mine\n${twoAccounts(api.url, `${ALIASES}custom: [1, 2] # kept\n`)}`)
      const { stdout, stderr } = await ok(home.run(['auth', 'switch', word]))
      expect(stdout).toBe(`${SECOND}\n`)
      expect(stderr).toContain('Beta')
      expect(home.text()).toContain('# mine')
      expect(home.text()).toContain('custom: [1, 2] # kept')
      const whoami = await ok(home.run(['auth', 'whoami', '--json']))
      expect(JSON.parse(whoami.stdout)).toMatchObject({ account: SECOND, organizationId: 'org-b' })
      expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${KEY_B}`)
    },
  )

  it('names what is nearer, and what to do without accounts or a terminal', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    const near = await home.run(['auth', 'switch', 'wrok'])
    expect([near.code, near.stdout]).toEqual([2, ''])
    expect(near.stderr).toContain('did you mean work?')
    expect((await home.run(['auth', 'switch'])).stderr).toContain('vapi auth switch NAME')
    expect((await makeHome().run(['auth', 'switch', 'x'])).code).toBe(4)
  })

  it('warns where a variable decides before it', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    const { stderr } = await ok(home.run(['auth', 'switch', 'work'], { env: { VAPI_API_KEY: KEY_C } }))
    expect(stderr).toContain('VAPI_API_KEY is set')
    expect(home.text()).not.toContain(KEY_C)
  })

  it('keeps api_key equal to the active key with compat on', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', 'storage: file\ncompat: true\n'))
    await ok(home.run(['auth', 'switch', SECOND]))
    expect(home.config()).toMatchObject({ active_account: SECOND, api_key: KEY_B })
  })
})

describe('vapi auth alias', () => {
  it('gives, moves nothing, and takes away', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1'))
    const { stdout } = await ok(home.run(['auth', 'alias', 'b@beta.example', 'work', '--json']))
    expect(JSON.parse(stdout)).toMatchObject({ name: SECOND, aliases: ['work'] })
    const taken = await home.run(['auth', 'alias', FIRST, 'work'])
    expect(taken.code).toBe(2)
    expect(taken.stderr).toContain(`vapi auth alias ${SECOND} work --remove`)
    const wrong = await home.run(['auth', 'alias', FIRST, 'work', '--remove'])
    expect(wrong.stderr).toContain(`account ${FIRST} has no alias work`)
    expect(home.config()).toMatchObject({ aliases: { work: SECOND } })
    await ok(home.run(['auth', 'alias', 'work', 'work', '--remove']))
    expect(home.config()).not.toHaveProperty('aliases')
  })

  it.each(['My Work', 'a.b', '', SECOND])('refuses the alias %j', async alias => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1'))
    const before = home.text()
    expect((await home.run(['auth', 'alias', FIRST, alias])).code).toBe(2)
    expect(home.text()).toBe(before)
  })
})

describe('vapi auth token', () => {
  it('prints the key in use masked, or whole and alone', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    const masked = await ok(home.run(['auth', 'token']))
    expect(masked.stdout).toBe('aaaa********aa\n')
    expect(masked.stdout + masked.stderr).not.toContain(KEY_A)
    expect((await ok(home.run(['auth', 'token', '--show']))).stdout).toBe(`${KEY_A}\n`)
    expect((await ok(home.run(['auth', 'token', '--show', '--account', 'work']))).stdout).toBe(`${KEY_B}\n`)
    const given = await ok(home.run(['auth', 'token', '--json'], { env: { VAPI_API_KEY: 'short' } }))
    expect(JSON.parse(given.stdout)).toEqual({
      key: '********',
      masked: true,
      keySource: { from: 'environment' },
    })
    expect((await makeHome().run(['auth', 'token'])).code).toBe(4)
  })
})

describe('vapi auth whoami', () => {
  it('asks the API, and says which key was refused', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-new' })
    const home = makeHome(twoAccounts(api.url))
    const { stdout } = await ok(home.run(['auth', 'whoami']))
    expect(JSON.parse(stdout)).toMatchObject({
      account: FIRST,
      organization: 'Acme',
      organizationId: 'org-new',
      key: 'aaaa********aa',
      keyWorks: true,
      baseUrl: api.url,
    })
    const refused = await home.run(['auth', 'whoami', '--account', SECOND])
    expect([refused.code, refused.stdout]).toEqual([4, ''])
    expect(refused.stderr).toContain(`account ${SECOND}`)
    expect(refused.stderr).not.toContain(KEY_B)
    expect((await makeHome().run(['auth', 'whoami'])).code).toBe(4)
  })

  it('knows nothing of the account’s names for a key that comes from elsewhere', async () => {
    const api = await startKeyApi({ [KEY_C]: null })
    const home = makeHome(twoAccounts(api.url))
    const args = ['auth', 'whoami', '--api-key', KEY_C, '--base-url', api.url]
    expect(JSON.parse((await ok(home.run(args))).stdout)).toMatchObject({
      account: null,
      organization: null,
      organizationId: null,
    })
    expect(home.text()).not.toContain(KEY_C)
  })
})

describe('vapi auth refresh', () => {
  it('reads the organisation of the active account anew', async () => {
    const api = await startKeyApi({ [KEY_A]: 'org-new' })
    const home = makeHome(twoAccounts(api.url))
    const { stdout } = await ok(home.run(['auth', 'refresh']))
    expect(stdout).toBe(`${FIRST}\tworks\torg-new\t\n`)
    expect(home.config()).toMatchObject({
      accounts: { [FIRST]: { orgid: 'org-new' }, [SECOND]: { orgid: 'org-b' } },
    })
  })

  it('goes on after a refused key, and ends with 4', async () => {
    const api = await startKeyApi({ [KEY_B]: 'org-newer' })
    const home = makeHome(twoAccounts(api.url))
    const { stdout, code } = await home.run(['auth', 'refresh', '--all', '--json'])
    expect(code).toBe(4)
    expect(JSON.parse(stdout)).toMatchObject([
      { account: FIRST, key: 'refused', organizationId: null },
      { account: SECOND, key: 'works', organizationId: 'org-newer', problem: null },
    ])
    expect(home.config()).toMatchObject({ accounts: { [FIRST]: { orgid: 'org-a' } } })
  })

  it('ends with 1 where nobody answers, and with 4 without a login', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1'))
    const { stdout, code } = await home.run(['auth', 'refresh', '--timeout', '0.2'])
    expect(code).toBe(1)
    expect(stdout).toContain('unknown')
    expect((await makeHome().run(['auth', 'refresh', '--all'])).code).toBe(4)
  })
})

describe('vapi auth logout', () => {
  it('ends the active account alone; the one that is left becomes active', async () => {
    const home = makeHome(`# mine\n${twoAccounts('http://127.0.0.1:1', ALIASES)}`)
    const { stdout, stderr } = await ok(home.run(['auth', 'logout']))
    expect(stdout).toBe(`${FIRST}\n`)
    expect(stderr).toContain(`active account: ${SECOND}`)
    expect(home.text()).not.toContain(KEY_A)
    expect(home.text()).toContain('# mine')
    expect(home.config()).toMatchObject({
      active_account: SECOND,
      aliases: { work: SECOND },
      accounts: { [SECOND]: { apikey: KEY_B } },
    })
    expect(home.config()).not.toHaveProperty('api_key')
  })

  it('ends another one by alias, and leaves the active one and its api_key', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    const { stdout } = await ok(home.run(['auth', 'logout', 'work', '--json']))
    expect(JSON.parse(stdout)).toEqual({ removed: [SECOND], active: FIRST, legacyKeyRemoved: false })
    expect(home.config()).toMatchObject({ active_account: FIRST, api_key: KEY_A })
    expect(home.config()).not.toHaveProperty('aliases')
    expect(home.text()).not.toContain(KEY_B)
  })

  it('chooses none where several are left', async () => {
    const third = `    third:\n        apikey: ${KEY_C}\n`
    const home = makeHome(
      twoAccounts('http://127.0.0.1:1').replace('active_account:', `${third}active_account:`),
    )
    const { stderr } = await ok(home.run(['auth', 'logout']))
    expect(stderr).toContain('no account is active now: vapi auth switch')
    expect((await home.run(['auth', 'token'])).code).toBe(4)
    expect((await home.run(['auth', 'logout'])).code).toBe(2)
  })

  it('ends all only with --yes where nobody can be asked', async () => {
    const home = makeHome(twoAccounts('http://127.0.0.1:1', ALIASES))
    const before = home.text()
    const refused = await home.run(['auth', 'logout', '--all'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('--yes')
    expect(home.text()).toBe(before)
    const { stdout } = await ok(home.run(['auth', 'logout', '--all', '--yes']))
    expect(stdout).toBe(`${FIRST}\n${SECOND}\n`)
    for (const key of [KEY_A, KEY_B]) expect(home.text()).not.toContain(key)
    expect(home.config()).toMatchObject({ timeout: 30, environment: 'production' })
    expect((await ok(home.run(['auth', 'logout']))).stderr).toContain('nobody is logged in')
  })

  it('takes the single key of older tools', async () => {
    const home = makeHome(`api_key: ${KEY_A}\n`)
    await ok(home.run(['auth', 'logout']))
    expect(home.text()).not.toContain(KEY_A)
  })

  it('says that a key may be left in a keyring that does not answer', async () => {
    const home = makeHome('accounts:\n  one: {organization: One}\nactive_account: one\n')
    const { stderr, stdout } = await ok(home.run(['auth', 'logout']))
    expect(stdout).toBe('one\n')
    expect(stderr).toContain('may still be in it')
  })
})
