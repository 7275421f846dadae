import { describe, expect, it } from 'vitest'
import { analyticsState } from '../../src/config/analytics.ts'
import { parseEnvironment } from '../../src/config/environments.ts'
import { emptyHome } from '../../src/config/home.ts'
import { readKey, resolveConnection, resolveLoginServer } from '../../src/config/resolve.ts'
import { createMemorySecrets } from '../../src/config/secrets-memory.ts'
import type { Account, ConnectionFlags, HomeConfig, ProjectConfig } from '../../src/config/types.ts'

const noFlags: ConnectionFlags = {
  account: undefined,
  apiKey: undefined,
  baseUrl: undefined,
  config: undefined,
  timeoutSeconds: undefined,
}

function account(name: string, more: Partial<Account> = {}): Account {
  return {
    name,
    aliases: [],
    organization: null,
    organizationId: null,
    email: null,
    environment: 'production',
    baseUrl: 'https://api.vapi.ai',
    loginTime: null,
    fileKey: `key-of-${name}`,
    ...more,
  }
}

const work = account('work', { aliases: ['w', 'both'], email: 'me@work.org' })
const test = account('test', {
  environment: 'staging',
  baseUrl: 'https://api.staging.vapi.ai',
  email: 'me@home.org',
})
const own = account('own', { baseUrl: 'https://vapi.my.host', email: 'me@home.org', organization: 'Mine' })

interface Given {
  flags?: Partial<ConnectionFlags>
  env?: Record<string, string>
  home?: Partial<HomeConfig>
  project?: Partial<ProjectConfig> | null
}

function sources({ flags = {}, env = {}, home = {}, project = null }: Given) {
  return {
    flags: { ...noFlags, ...flags },
    env,
    home: {
      ...emptyHome('/home/me/.vapi-cli.yaml'),
      accounts: [work, test, own],
      activeAccount: 'work',
      ...home,
    },
    project: project && {
      path: '/repo/.vapi-cli.yaml',
      account: null,
      environment: null,
      baseUrl: null,
      dashboardUrl: null,
      key: null,
      ownedByOther: false,
      warnings: [],
      ...project,
    },
  }
}

const resolved = (given: Given) => resolveConnection(sources(given)).connection
const keyOf = (given: Given, secrets = new Map<string, string>()) => {
  const all = sources(given)
  const { connection } = resolveConnection(all)
  return readKey({ ...all, connection, secrets: async () => createMemorySecrets(secrets) })
}

describe('the key', () => {
  const project = { key: 'project-key' }
  it.each<[string, Given, string | null]>([
    [
      'flag',
      { flags: { apiKey: ' flag-key\n', account: 'test' }, env: { VAPI_API_KEY: 'e' }, project },
      'flag-key',
    ],
    ['variable', { flags: { account: 'test' }, env: { VAPI_API_KEY: ' env-key ' }, project }, 'env-key'],
    ['--account', { flags: { account: 'test' }, env: { VAPI_ACCOUNT: 'own' }, project }, 'key-of-test'],
    ['VAPI_ACCOUNT', { env: { VAPI_ACCOUNT: 'own' }, project: { account: 'test' } }, 'key-of-own'],
    ["the project's account", { project: { account: 'test', key: 'project-key' } }, 'key-of-test'],
    ["the project's key", { project, home: { legacyKey: 'legacy' } }, 'project-key'],
    ['the active account', { home: { legacyKey: 'legacy' } }, 'key-of-work'],
    ['the single key', { home: { activeAccount: null, legacyKey: 'legacy' } }, 'legacy'],
    ['nothing', { home: { activeAccount: null, accounts: [] } }, null],
    ['an empty variable is none', { env: { VAPI_API_KEY: ' ', VAPI_ACCOUNT: '' } }, 'key-of-work'],
  ])('comes from: %s', async (_, given, key) => {
    expect(await keyOf(given)).toBe(key)
  })

  it('comes from the keyring where the account has none in the file, and is asked only then', async () => {
    const accounts = [account('ring', { fileKey: null }), work]
    const home: Given['home'] = { accounts, activeAccount: 'ring', legacyKey: 'of-somebody-else' }
    expect(await keyOf({ home }, new Map([['ring', 'ring-key']]))).toBe('ring-key')
    expect(await keyOf({ home })).toBeNull()
    expect(resolved({ home }).keySource).toEqual({ from: 'account', account: 'ring', storage: 'keyring' })
    expect(resolved({ home: { ...home, storage: 'file' } }).keySource).toBeNull()
    const all = sources({})
    const asked = readKey({
      ...all,
      connection: resolveConnection(all).connection,
      secrets: () => Promise.reject(new Error('asked')),
    })
    expect(await asked).toBe('key-of-work')
  })

  it.each(['a\nb', 'a b', 'sk-\u00e9', 'a\u0000b', 'x\u200b', '\u201ckey\u201d', ''])(
    'that cannot be one is refused and not shown: %j',
    async bad => {
      const error = await keyOf({ flags: { apiKey: bad } }).catch(thrown => thrown)
      expect(error).toMatchObject({ exit: 2, message: expect.stringMatching(/^--api-key /) })
      if (bad !== '') expect(`${error.message} ${error.hint}`).not.toContain(bad)
      const home = { accounts: [account('work', { fileKey: `${bad}\u0007` })] }
      await expect(keyOf({ home })).rejects.toMatchObject({ exit: 2 })
    },
  )

  it('is of the single key, with a warning, where the active account is gone', () => {
    const { connection, warnings } = resolveConnection(
      sources({ home: { activeAccount: 'gone', legacyKey: 'legacy' } }),
    )
    expect(connection.keySource).toEqual({ from: 'legacy' })
    expect(warnings).toEqual([expect.stringContaining('the active account gone is not in')])
  })
})

describe('an account', () => {
  it.each([
    ['work', 'work'],
    ['w', 'work'],
    ['WORK', 'work'],
    ['Me@Work.org', 'work'],
    [' test ', 'test'],
  ])('is found by name, alias or email: %s', (text, name) => {
    expect(resolved({ flags: { account: text } }).account?.name).toBe(name)
  })

  it('is not guessed from an email of two', () => {
    expect(() => resolved({ flags: { account: 'me@home.org' } })).toThrow(
      '--account: 2 accounts have the email me@home.org: test, own (Mine)',
    )
  })

  it.each([
    ['wrok', 'did you mean work?'],
    ['zzzzzzzz', 'accounts: work, test, own (Mine)'],
  ])('that is unknown is a usage error with what is near: %s', (text, hint) => {
    try {
      resolved({ env: { VAPI_ACCOUNT: text } })
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ exit: 2, message: `VAPI_ACCOUNT: there is no account "${text}"`, hint })
    }
  })
})

describe('the address', () => {
  it.each<[string, Given, string]>([
    [
      '--base-url',
      { flags: { baseUrl: 'http://a.b/x/' }, env: { VAPI_API_BASE_URL: 'http://c.d' } },
      'http://a.b/x',
    ],
    [
      'VAPI_API_BASE_URL',
      { env: { VAPI_API_BASE_URL: 'http://c.d/', VAPI_BASE_URL: 'http://e.f' } },
      'http://c.d',
    ],
    ['VAPI_BASE_URL', { env: { VAPI_BASE_URL: 'http://e.f', VAPI_ENV: 'dev' } }, 'http://e.f'],
    [
      "the account's own",
      { flags: { account: 'own' }, home: { baseUrl: 'http://g.h' } },
      'https://vapi.my.host',
    ],
    [
      'VAPI_ENV',
      { env: { VAPI_API_KEY: 'k', VAPI_ENV: 'stage', VAPI_ENVIRONMENT: 'dev' } },
      'https://api.staging.vapi.ai',
    ],
    ['VAPI_ENVIRONMENT', { env: { VAPI_API_KEY: 'k', VAPI_ENVIRONMENT: 'LOCAL' } }, 'http://localhost:3000'],
    [
      "the file's",
      { env: { VAPI_API_KEY: 'k' }, home: { baseUrl: 'http://g.h', environment: 'staging' } },
      'http://g.h',
    ],
    [
      "the file's environment",
      { env: { VAPI_API_KEY: 'k' }, home: { environment: 'staging' } },
      'https://api.staging.vapi.ai',
    ],
    ['production', { env: { VAPI_API_KEY: 'k' } }, 'https://api.vapi.ai'],
  ])('comes from: %s', (_, given, url) => {
    expect(resolved(given).baseUrl).toBe(url)
  })

  it('of the active account is not for a key from elsewhere, that of a named account is', () => {
    const home = { activeAccount: 'own' }
    expect(resolved({ home, env: { VAPI_API_KEY: 'k' } })).toMatchObject({
      baseUrl: 'https://api.vapi.ai',
      account: null,
    })
    expect(resolved({ home, env: { VAPI_API_KEY: 'k' }, flags: { account: 'own' } })).toMatchObject({
      baseUrl: 'https://vapi.my.host',
      account: { name: 'own' },
      keySource: { from: 'environment' },
    })
  })

  it.each([
    'ftp://a.b',
    'a.b',
    'https://u:secret@a.b',
    'http://',
    'https://a.b?x=secret',
    'javascript:1',
    '',
  ])('that is none is a usage error: %j', bad => {
    const fails = () => resolved({ flags: { baseUrl: bad } })
    expect(fails).toThrow(/^--base-url /)
    expect(fails).not.toThrow(/secret/)
  })

  it('contradicted by VAPI_ENV is an error, unless the account was named for this command', () => {
    expect(() => resolved({ env: { VAPI_ENV: 'staging' } })).toThrow(
      'VAPI_ENV asks for staging, but account work belongs to production',
    )
    expect(resolved({ env: { VAPI_ENV: 'production' } }).account?.name).toBe('work')
    expect(resolved({ env: { VAPI_ENV: 'prod' }, home: { activeAccount: 'own' } }).baseUrl).toBe(
      'https://vapi.my.host',
    )
    expect(resolved({ env: { VAPI_ENV: 'staging' }, flags: { account: 'work' } }).baseUrl).toBe(
      'https://api.vapi.ai',
    )
    expect(resolved({ env: { VAPI_ENV: 'staging', VAPI_API_BASE_URL: 'http://a.b' } }).baseUrl).toBe(
      'http://a.b',
    )
    expect(() => resolved({ env: { VAPI_ENV: 'moon' } })).toThrow('VAPI_ENV: there is no environment "moon"')
  })

  it('for a login has nothing to do with the account that is there', () => {
    const { connection } = resolveLoginServer(sources({ env: { VAPI_ENV: 'staging' } }))
    expect(connection).toMatchObject({
      baseUrl: 'https://api.staging.vapi.ai',
      dashboardUrl: 'https://dashboard.staging.vapi.ai',
      account: null,
    })
  })
})

describe('a project file', () => {
  it.each<[string, Given]>([
    ['the active account', {}],
    ['a key in a variable', { env: { VAPI_API_KEY: 'k' } }],
    ['a key in a flag', { flags: { apiKey: 'k' } }],
    ['a named account', { flags: { account: 'own' } }],
    ['the account that it names itself', { project: { account: 'own' } }],
    ['the single key', { home: { activeAccount: null, legacyKey: 'legacy' } }],
  ])('cannot send a key to a server of its own: %s', (_, given) => {
    const project = { baseUrl: 'https://evil.example', ...given.project }
    expect(() => resolved({ ...given, project })).toThrow(/names the server evil\.example.*nothing was sent/)
    const trusting = { ...given, project, flags: { ...given.flags, baseUrl: 'https://evil.example' } }
    expect(resolved(trusting).baseUrl).toBe('https://evil.example')
  })

  it('cannot catch the key of a login either', () => {
    expect(() => resolveLoginServer(sources({ project: { baseUrl: 'https://evil.example' } }))).toThrow(
      /evil/,
    )
  })

  it.each<[string, Given, string]>([
    [
      "the account's own",
      { flags: { account: 'own' }, project: { baseUrl: 'https://vapi.my.host' } },
      'https://vapi.my.host',
    ],
    [
      "the file's own",
      { env: { VAPI_API_KEY: 'k' }, home: { baseUrl: 'http://g.h' }, project: { baseUrl: 'http://g.h' } },
      'http://g.h',
    ],
    ['this machine', { project: { baseUrl: 'http://127.0.0.1:4242' } }, 'http://127.0.0.1:4242'],
    ['any, with its own key', { project: { baseUrl: 'https://any.where', key: 'k' } }, 'https://any.where'],
    [
      'an environment, without an account',
      { env: { VAPI_API_KEY: 'k' }, project: { environment: 'staging' } },
      'https://api.staging.vapi.ai',
    ],
  ])('may name: %s', (_, given, url) => {
    expect(resolved(given).baseUrl).toBe(url)
  })

  it('of another user of the machine cannot have a key sent to this machine', () => {
    for (const server of [{ baseUrl: 'http://localhost:9' }, { environment: 'development' as const }]) {
      const project = { ...server, ownedByOther: true }
      expect(() => resolved({ env: { VAPI_API_KEY: 'k' }, project })).toThrow(/names the server localhost/)
    }
  })

  it('that asks for another environment than the account has is an error', () => {
    expect(() => resolved({ project: { environment: 'staging' } })).toThrow(
      '/repo/.vapi-cli.yaml asks for staging, but account work belongs to production',
    )
    expect(resolved({ project: { environment: 'staging', account: 'test' } }).environment).toBe('staging')
    expect(resolved({ project: { environment: 'staging' }, flags: { account: 'work' } }).baseUrl).toBe(
      'https://api.vapi.ai',
    )
  })

  it('that names an account which is not stored says which file did', () => {
    expect(() => resolved({ project: { account: 'nobody' } })).toThrow(
      '/repo/.vapi-cli.yaml: there is no account "nobody"',
    )
    expect(resolved({ project: { account: 'nobody' }, env: { VAPI_API_KEY: 'k' } }).account).toBeNull()
  })

  it('passes its warnings on, and its dashboard is not opened unless it is known', () => {
    const project = { warnings: ['refused'], dashboardUrl: 'https://evil.example' }
    const { connection, warnings } = resolveConnection(sources({ project }))
    expect(connection.dashboardUrl).toBe('https://dashboard.vapi.ai')
    expect(warnings).toEqual(['refused', expect.stringContaining('dashboard_url evil.example is not used')])
  })
})

describe('the dashboard', () => {
  it.each<[string, Given, string]>([
    ["the account's environment", { flags: { account: 'test' } }, 'https://dashboard.staging.vapi.ai'],
    ['VAPI_DASHBOARD_URL', { env: { VAPI_DASHBOARD_URL: 'http://d.e/' } }, 'http://d.e'],
    ["the file's, for its environment", { home: { dashboardUrl: 'http://f.g' } }, 'http://f.g'],
    [
      "not the file's, for another",
      { flags: { account: 'test' }, home: { dashboardUrl: 'http://f.g' } },
      'https://dashboard.staging.vapi.ai',
    ],
  ])('comes from: %s', (_, given, url) => {
    expect(resolved(given).dashboardUrl).toBe(url)
  })
})

describe('the time limit', () => {
  it.each<[Given, number]>([
    [{}, 30_000],
    [{ home: { timeoutSeconds: 5 } }, 5000],
    [{ home: { timeoutSeconds: 5 }, env: { VAPI_TIMEOUT: '0.5' } }, 500],
    [{ env: { VAPI_TIMEOUT: '7' }, flags: { timeoutSeconds: 0 } }, 0],
  ])('of %j is %d ms', (given, timeoutMs) => {
    expect(resolved(given).timeoutMs).toBe(timeoutMs)
  })

  it.each(['soon', '-1', '1e12', 'NaN', 'Infinity'])('cannot be %s', text => {
    expect(() => resolved({ env: { VAPI_TIMEOUT: text } })).toThrow(/^VAPI_TIMEOUT must be seconds/)
  })
})

describe('environments', () => {
  it('go by name and alias in any case; others list the names', () => {
    expect([' PROD', 'stage', 'dev', 'local', 'production'].map(text => parseEnvironment(text))).toEqual([
      'production',
      'staging',
      'development',
      'development',
      'production',
    ])
    expect(() => parseEnvironment('toString')).toThrow('there is no environment "toString"')
  })
})

describe('analytics', () => {
  it.each<[Record<string, string>, boolean, boolean, string | null]>([
    [{}, false, false, null],
    [{}, true, true, 'config'],
    [{ DO_NOT_TRACK: '1' }, false, true, 'DO_NOT_TRACK'],
    [{ VAPI_DISABLE_ANALYTICS: 'yes' }, false, true, 'VAPI_DISABLE_ANALYTICS'],
    [{ VAPI_NO_TELEMETRY: 'please' }, false, true, 'VAPI_NO_TELEMETRY'],
    [{ DISABLE_TELEMETRY: 'false', DO_NOT_TRACK: '0' }, false, false, null],
    [{ DISABLE_TELEMETRY: 'false' }, true, true, 'config'],
    [{ DISABLE_TELEMETRY: '' }, false, false, null],
  ])('with %j and the file saying %s are disabled: %s by %s', (env, analyticsDisabled, disabled, by) => {
    expect(analyticsState({ analyticsDisabled }, env)).toEqual({ disabled, by })
  })
})
