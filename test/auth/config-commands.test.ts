import { describe, expect, it } from 'vitest'
import { FIRST, KEY_A, KEY_B, KEY_C, makeHome, ok, SECOND, twoAccounts } from './home.ts'

describe('vapi config set and get', () => {
  it.each([
    ['timeout', '60', '60', 60],
    ['timeout', '0', '0', 0],
    ['environment', 'stage', 'staging', 'staging'],
    ['base_url', 'https://api.example.com/', 'https://api.example.com', 'https://api.example.com'],
    ['base-url', 'http://127.0.0.1:99/x', 'http://127.0.0.1:99/x', 'http://127.0.0.1:99/x'],
    ['dashboard_url', 'https://d.example.com', 'https://d.example.com', 'https://d.example.com'],
    ['disable_analytics', 'on', 'true', true],
    ['compat', 'on', 'true', true],
    ['storage', 'file', 'file', 'file'],
  ])('%s %s', async (key, given, shown, stored) => {
    const home = makeHome('# mine\n')
    const { stdout, stderr } = await ok(home.run(['config', 'set', key, given]))
    expect(stdout).toBe('')
    expect(stderr).toContain(shown)
    expect((await ok(home.run(['config', 'get', key]))).stdout).toBe(`${shown}\n`)
    expect(home.config()).toMatchObject({ [key.replace('-', '_')]: stored })
    expect(home.text()).toContain('# mine')
    expect(home.mode()).toBe(0o600)
    if (key !== 'storage') {
      await ok(home.run(['config', 'set', key, 'default']))
      expect(home.config()).not.toHaveProperty(key.replace('-', '_'))
    }
  })

  it.each([
    ['timeout', 'soon'],
    ['timeout', '-1'],
    ['timeout', 'NaN'],
    ['timeout', '99999999999'],
    ['environment', 'prodd'],
    ['base_url', 'api.example.com'],
    ['base_url', 'https://user:pass@example.com'],
    ['base_url', 'https://example.com?x=1'],
    ['dashboard_url', 'javascript:alert(1)'],
    ['disable_analytics', 'maybe'],
    ['compat', '2'],
    ['storage', 'cloud'],
    ['active_account', 'x'],
    ['no_such_key', 'x'],
    ['api_key', 'two lines\nof text'],
  ])('refuses %s %j and leaves the file', async (key, value) => {
    const home = makeHome('# mine\ntimeout: 5\n')
    // A value that begins with a dash would be taken for an option.
    const { stdout, stderr, code } = await home.run(['config', 'set', '--', key, value])
    expect([stdout, code]).toEqual(['', 2])
    expect(stderr).toMatch(/^error: /)
    expect(stderr).not.toContain('pass@')
    expect(home.text()).toBe('# mine\ntimeout: 5\n')
  })

  it('shows keys masked, also short ones', async () => {
    const home = makeHome(`api_key: ${KEY_A}\n`)
    expect((await ok(home.run(['config', 'get', 'api_key']))).stdout).toBe('aaaa********aa\n')
    const { stdout, stderr } = await ok(home.run(['config', 'set', 'api_key', 'abc']))
    expect(stdout + stderr).not.toContain('abc')
    expect((await ok(home.run(['config', 'get', 'api_key']))).stdout).toBe('********\n')
    expect((await ok(home.run(['config', 'list']))).stdout).not.toContain('abc')
  })

  it('says which variable wins', async () => {
    const home = makeHome('timeout: 5\n')
    const env = { VAPI_TIMEOUT: '9', VAPI_API_KEY: KEY_B }
    const { stdout, stderr } = await ok(home.run(['config', 'get', 'timeout'], { env }))
    expect(stdout).toBe('5\n')
    expect(stderr).toContain('VAPI_TIMEOUT is set')
    const list = JSON.parse((await ok(home.run(['config', 'list', '--json'], { env }))).stdout)
    expect(list).toContainEqual({ key: 'timeout', value: 5, overriddenBy: 'VAPI_TIMEOUT' })
    expect(list).toContainEqual({ key: 'api_key', value: null, overriddenBy: 'VAPI_API_KEY' })
    await ok(home.run(['config', 'set', 'timeout', '7'], { env }))
    expect(home.text()).not.toContain(KEY_B)
  })

  it('needs no login and no file', async () => {
    const home = makeHome()
    const { stdout } = await ok(home.run(['config', 'list']))
    expect(stdout).toContain('base_url\thttps://api.vapi.ai\t\n')
    expect(home.text()).toBe('')
    expect((await ok(home.run(['config', 'path']))).stdout).toBe(`${home.file}\n`)
    expect((await ok(home.run(['config', 'path'], { env: { VAPI_CONFIG: '/x/y' } }))).stdout).toBe('/x/y\n')
  })

  it('leaves the addresses of accounts alone, and says so', async () => {
    const home = makeHome(twoAccounts('https://api.vapi.ai'))
    const { stderr } = await ok(home.run(['config', 'set', 'environment', 'staging']))
    expect(stderr).toContain(`the active account ${FIRST} stays with https://api.vapi.ai`)
    expect(home.config()).toMatchObject({ base_url: 'https://api.staging.vapi.ai' })
  })

  it('mirrors the active key for older tools while compat is on', async () => {
    const home = makeHome(
      twoAccounts('https://api.vapi.ai', 'storage: file\n').replace(`api_key: ${KEY_A}\n`, ''),
    )
    await ok(home.run(['config', 'set', 'compat', 'on']))
    expect(home.config()).toMatchObject({ api_key: KEY_A })
    const refused = await home.run(['config', 'set', 'api_key', KEY_C])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('compat')
    await ok(home.run(['config', 'set', 'compat', 'off']))
    expect(home.config()).not.toHaveProperty('api_key')
  })

  it('does not move keys into a keyring that does not answer', async () => {
    const home = makeHome(twoAccounts('https://api.vapi.ai', 'storage: file\n'))
    const before = home.text()
    const { stderr, code } = await home.run(['config', 'set', 'storage', 'keyring'])
    expect(code).toBe(1)
    expect(stderr).toContain('keyring cannot be used')
    expect(home.text()).toBe(before)
  })
})

describe('vapi config env', () => {
  it('prints and chooses the environment', async () => {
    const home = makeHome()
    expect((await ok(home.run(['config', 'env']))).stdout).toBe('production\n')
    const { stdout } = await ok(home.run(['config', 'env', 'dev', '--json']))
    expect(JSON.parse(stdout)).toEqual({
      environment: 'development',
      baseUrl: 'http://localhost:3000',
      dashboardUrl: 'http://localhost:3001',
    })
    expect(home.config()).toMatchObject({ environment: 'development' })
    expect((await home.run(['config', 'env', 'moon'])).code).toBe(2)
  })
})

describe('vapi config analytics', () => {
  it('forbids and allows, and says what forbids', async () => {
    const home = makeHome()
    expect((await ok(home.run(['config', 'analytics', 'status']))).stdout).toBe('enabled\n')
    expect((await ok(home.run(['config', 'analytics', 'disable']))).stdout).toBe('disabled\n')
    expect(home.config()).toMatchObject({ disable_analytics: true })
    const { stdout } = await ok(
      home.run(['config', 'analytics', 'enable', '--json'], { env: { DO_NOT_TRACK: '1' } }),
    )
    expect(JSON.parse(stdout)).toEqual({ enabled: false, disabledBy: 'DO_NOT_TRACK' })
    expect((await ok(home.run(['config', 'analytics', 'status']))).stdout).toBe('enabled\n')
  })
})

describe('a hundred changes at once', () => {
  it('lose nothing', { timeout: 120_000 }, async () => {
    const more = `aliases:\n    work: ${SECOND}\nstorage: file\nmine: 1 # kept\n`
    const home = makeHome(twoAccounts('https://api.vapi.ai', more))
    const timeouts = Array.from({ length: 25 }, (_, place) =>
      home.run(['config', 'set', 'timeout', `${place + 1}`]),
    )
    const switches = Array.from({ length: 25 }, (_, place) =>
      home.run(['auth', 'switch', [FIRST, SECOND][place % 2] ?? '']),
    )
    const aliases = Array.from({ length: 50 }, (_, place) =>
      home.run(['auth', 'alias', [FIRST, SECOND][place % 2] ?? '', `alias-${place}`]),
    )
    const ended = await Promise.all([...timeouts, ...switches, ...aliases])
    expect(ended.filter(({ code }) => code !== 0)).toEqual([])
    const config = home.config()
    expect(Object.keys(config.aliases ?? {})).toHaveLength(51)
    expect(config.accounts).toMatchObject({
      [FIRST]: { apikey: KEY_A, organization: 'Acme' },
      [SECOND]: { apikey: KEY_B, organization: 'Beta' },
    })
    expect([FIRST, SECOND]).toContain(config.active_account)
    expect(config.timeout).toBeGreaterThanOrEqual(1)
    expect(home.text()).toContain('mine: 1 # kept')
    expect(home.mode()).toBe(0o600)
  })
})
