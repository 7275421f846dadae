import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMemorySecrets } from '../../src/config/secrets-memory.ts'
import { createConfigStore } from '../../src/config/store.ts'
import type { SecretStore } from '../../src/config/types.ts'
import { VapiError } from '../../src/errors.ts'
import { goFile, storeOf, temporaryFolder } from './samples.ts'

const modeOf = (path: string) => statSync(path).mode & 0o777

async function failureOf(promise: Promise<unknown>): Promise<VapiError> {
  const error = await promise.then(
    () => null,
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(VapiError)
  return error
}

describe('a file of the existing tool', () => {
  it('is read: accounts, active account, single key, addresses that are no choice', async () => {
    const home = await storeOf(goFile).store.read()
    expect(home.accounts).toMatchObject([
      {
        name: 'account-1755500000',
        organization: 'Example Org',
        organizationId: '11111111-1111-1111-1111-111111111111',
        email: 'dev@example.com',
        environment: 'production',
        baseUrl: 'https://api.vapi.ai',
        loginTime: '2025-08-18T10:00:00-07:00',
        fileKey: '00000000-0000-0000-0000-000000000001',
      },
      { organizationId: null, email: null, environment: 'staging', baseUrl: 'https://api.staging.vapi.ai' },
    ])
    expect(home).toMatchObject({
      activeAccount: 'account-1755500000',
      legacyKey: '00000000-0000-0000-0000-000000000001',
      baseUrl: null,
      dashboardUrl: null,
      timeoutSeconds: 30,
      storage: 'keyring',
      compat: false,
    })
  })

  it('is switched without any other change, and older tools follow the switch', async () => {
    const { store, text } = storeOf(goFile)
    await store.change(draft => draft.activate('account-1755600000'))
    const expected = goFile
      .replace('active_account: account-1755500000', 'active_account: account-1755600000')
      .replace(/^api_key: .*1$/m, 'api_key: 00000000-0000-0000-0000-000000000002')
      .replace('environment: production\ntimeout', 'environment: production\nformat: 1\ntimeout')
    expect(text()).toBe(expected)
  })

  it.each(['orgid', 'org_id'])('is read with %s, apikey and api_key, in any case', async spelling => {
    const file = `Accounts:\n  a:\n    API_KEY: k\n    ${spelling}: o\nActive_Account: A\n`
    const home = await storeOf(file).store.read()
    expect(home.accounts).toMatchObject([{ fileKey: 'k', organizationId: 'o' }])
    expect(home.activeAccount).toBe('a')
  })

  it('keeps the spellings that it has when they are changed', async () => {
    const { store, text } = storeOf('accounts:\n  a:\n    api_key: k\n    org_id: o\n')
    await store.change(draft => {
      draft.setAccount('a', { organizationId: 'p' })
      draft.setKey('a', 'l', 'file')
    })
    expect(text()).toBe('accounts:\n  a:\n    api_key: l\n    org_id: p\nformat: 1\n')
  })

  it('gives its custom address to the accounts of its environment, which know no other', async () => {
    const home = await storeOf(
      goFile.replace('base_url: https://api.vapi.ai', 'base_url: https://my.host/'),
    ).store.read()
    expect(home.accounts.map(account => account.baseUrl)).toEqual([
      'https://my.host',
      'https://api.staging.vapi.ai',
    ])
  })

  it('loses nothing when an account is made, renamed by alias and removed again', async () => {
    const { store, text } = storeOf(goFile)
    await store.change(draft => {
      draft.setAccount('third', { email: 'a@b.c', baseUrl: 'http://localhost:4000/' })
      draft.setAlias('mine', 'third')
      draft.activate('third')
    })
    expect(text()).toContain('aliases:\n    mine: third\n')
    expect(text()).toContain('account_urls:\n    third: http://localhost:4000\n')
    expect(text()).toContain(
      '    third:\n        apikey: ""\n        organization: ""\n        orgid: ""\n        environment: production\n        logintime: ""\n        email: a@b.c\n',
    )
    await store.change(draft => {
      draft.removeAccount('third')
      draft.activate('account-1755500000')
    })
    expect(text().replace('format: 1\n', '')).toBe(goFile)
  })

  it('loses the copies of a key with the account, and with the move to the keyring', async () => {
    for (const change of ['logout', 'move'] as const) {
      const { store, text } = storeOf(goFile)
      await store.change(draft => {
        if (change === 'logout') draft.removeAccount('account-1755500000')
        else draft.setKey('account-1755500000', '00000000-0000-0000-0000-000000000001', 'keyring')
      })
      expect(text()).not.toContain('00000000-0000-0000-0000-000000000001')
      expect(text()).toContain('00000000-0000-0000-0000-000000000002')
    }
  })
})

describe('a new file', () => {
  it('does not exist before something is changed', async () => {
    const { store, path } = storeOf(null)
    expect(await store.read()).toMatchObject({ accounts: [], storage: 'keyring', environment: 'production' })
    await store.change(() => {})
    expect(() => statSync(path)).toThrow()
  })

  it('is private, has the documented shape, and no key when the keyring has it', async () => {
    const { store, path, text } = storeOf(null)
    await store.change(draft => {
      draft.setAccount('work', { organization: 'Org', organizationId: 'id', environment: 'staging' })
      draft.setKey('work', 'secret', 'keyring')
      draft.activate('work')
    })
    expect(modeOf(path)).toBe(0o600)
    expect(text()).toBe(`accounts:
    work:
        apikey: ""
        organization: Org
        orgid: id
        environment: staging
        logintime: ""
        email: ""
active_account: work
format: 1
`)
    expect(readdirSync(join(path, '..'))).toEqual(['.vapi-cli.yaml'])
  })
})

describe('a save', () => {
  it('keeps comments, order, quotes, blank lines and unknown keys byte for byte', async () => {
    const before =
      '# mine\n\nfuture: {a: [1,2]}   # aligned\n# above\napi_key:   "abc"   # the key\n\n\nlist:\n- 0x1F\n# end'
    const { store, text } = storeOf(before)
    await store.change(draft => draft.setLegacyKey('def'))
    expect(text()).toBe(
      `${before.replace('api_key:   "abc"   # the key', 'api_key: "def" # the key')}\nformat: 1\n`,
    )
  })

  it('keeps line ends and the byte order mark of Windows', async () => {
    const { store, text } = storeOf('\uFEFF# c\r\ntimeout: 30\r\nother: 1\r\n')
    await store.change(draft => draft.set('timeout', 5))
    expect(text()).toBe('\uFEFF# c\r\ntimeout: 5\r\nother: 1\r\nformat: 1\r\n')
  })

  it('that changes nothing writes nothing, but closes a file that was open to others', async () => {
    const { store, path, text } = storeOf(goFile)
    chmodSync(path, 0o644)
    const { ino, mtimeMs } = statSync(path)
    await store.change(draft => {
      draft.activate('account-1755500000')
      draft.set('timeout', 30)
      draft.setAccount('account-1755500000', { email: 'dev@example.com' })
    })
    expect(statSync(path)).toMatchObject({ ino, mtimeMs })
    expect(modeOf(path)).toBe(0o600)
    expect(text()).toBe(goFile)
  })

  it('is read and made private where others could read its key', async () => {
    const { store, path, text } = storeOf(goFile)
    chmodSync(path, 0o644)
    await store.read()
    expect(modeOf(path)).toBe(0o600)
    expect(text()).toBe(goFile)
  })

  it('makes an older file of mode 0644 private', async () => {
    const { store, path } = storeOf(goFile)
    chmodSync(path, 0o644)
    await store.change(draft => draft.set('timeout', 31))
    expect(modeOf(path)).toBe(0o600)
  })

  it.each(['there', 'not there yet'])('follows a link to a file that is %s', async state => {
    const folder = temporaryFolder()
    const [target, path] = [join(folder, 'real.yaml'), join(folder, 'link.yaml')]
    if (state === 'there') writeFileSync(target, 'timeout: 3\n')
    symlinkSync('real.yaml', path)
    await createConfigStore({ path, secrets: noSecrets }).change(draft => draft.set('timeout', 4))
    expect(lstatSync(path).isSymbolicLink()).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe('timeout: 4\nformat: 1\n')
    expect(modeOf(target)).toBe(0o600)
  })

  it('gives what the change gave, and saves nothing of a change that throws', async () => {
    const { store, text } = storeOf(goFile)
    expect(await store.change(async draft => draft.config.accounts.length)).toBe(2)
    const failing = store.change(draft => {
      draft.set('timeout', 1)
      draft.activate('nobody')
    })
    expect(await failureOf(failing)).toMatchObject({ exit: 2, message: 'there is no account "nobody"' })
    expect(text()).toBe(goFile)
    expect(await store.change(draft => draft.config.timeoutSeconds)).toBe(30)
  })

  it('refuses names that do not survive older tools, but uses odd ones that are there', async () => {
    const { store } = storeOf('accounts:\n  Me@Home.org:\n    apikey: k\n')
    for (const name of ['Work', 'a b', 'x@y.z', 'a.b', '', 'ä']) {
      await failureOf(store.change(draft => draft.setAccount(name, {})))
    }
    await store.change(draft => {
      draft.setAccount('Me@Home.org', { email: 'me@home.org' })
      draft.activate('Me@Home.org')
      draft.setAlias('me', 'Me@Home.org')
      draft.setAccount('__proto__', {})
      draft.setAccount('123', {})
    })
    const home = await store.read()
    expect(home.activeAccount).toBe('Me@Home.org')
    expect(home.accounts.map(account => account.name)).toEqual(['Me@Home.org', '__proto__', '123'])
    expect(home.accounts[0]).toMatchObject({ email: 'me@home.org', aliases: ['me'], fileKey: 'k' })
  })

  it('does not change a value that an anchor shares with others', async () => {
    const file = 'api_key: &k secret\naccounts:\n  a:\n    apikey: *k\n'
    const { store, text } = storeOf(file)
    expect((await store.read()).accounts[0]?.fileKey).toBe('secret')
    const error = await failureOf(store.change(draft => draft.setLegacyKey('other')))
    expect(error).toMatchObject({
      exit: 2,
      message: expect.stringContaining('api_key is shared by a YAML anchor'),
    })
    expect(text()).toBe(file)
    await store.change(draft => draft.set('timeout', 9))
    expect(text()).toBe(`${file}timeout: 9\nformat: 1\n`)
  })

  it.each([
    '{timeout: 3, other: [1, 2]}\n',
    '? timeout\n: 3\n? other\n: [1, 2]\n',
    '---\ntimeout: 3\nother: [1, 2]\n...\n',
  ])('changes an unusual form of YAML without loss: %j', async file => {
    const { store } = storeOf(file)
    await store.change(draft => draft.set('timeout', 4))
    expect((await store.read()).timeoutSeconds).toBe(4)
  })
})

describe('compat', () => {
  it('keeps the single key equal to the active account through every change', async () => {
    const secrets = new Map([['b', 'key-b']])
    const { store } = storeOf(null, secrets)
    const legacy = async () => (await store.read()).legacyKey
    await store.change(draft => {
      draft.setAccount('a', {})
      draft.setKey('a', 'key-a', 'keyring')
      draft.setAccount('b', {})
      draft.activate('a')
      draft.set('compat', true)
    })
    expect(await legacy()).toBe('key-a')
    await store.change(draft => draft.activate('b'))
    expect(await legacy()).toBe('key-b')
    await store.change(draft => draft.setKey('b', 'new-b', 'keyring'))
    expect(await legacy()).toBe('new-b')
    await store.change(draft => draft.setLegacyKey('something-else'))
    expect(await legacy()).toBe('key-b')
    await store.change(draft => draft.removeAccount('b'))
    expect(await legacy()).toBeNull()
    secrets.set('a', 'key-a')
    await store.change(draft => draft.activate('a'))
    expect(await legacy()).toBe('key-a')
    await store.change(draft => draft.set('compat', false))
    expect(await legacy()).toBeNull()
  })

  it('asks no keyring for a change that has nothing to do with it, and saves nothing when it does not answer', async () => {
    const path = join(temporaryFolder(), 'c.yaml')
    const broken: SecretStore = {
      ...createMemorySecrets(),
      get: () => Promise.reject(new VapiError({ code: 'keyring-unavailable', message: 'no' })),
    }
    const store = createConfigStore({ path, secrets: async () => broken })
    await store.change(draft => {
      draft.setAccount('a', {})
      draft.setAccount('b', {})
      draft.setKey('a', 'key-a', 'keyring')
      draft.activate('a')
      draft.set('compat', true)
    })
    await store.change(draft => draft.set('timeout', 7))
    const before = readFileSync(path, 'utf8')
    expect(await failureOf(store.change(draft => draft.activate('b')))).toMatchObject({
      code: 'keyring-unavailable',
    })
    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('leaves the key of a user without accounts alone', async () => {
    const { store } = storeOf('api_key: only\ncompat: true\n')
    await store.change(draft => draft.set('compat', false))
    expect((await store.read()).legacyKey).toBe('only')
  })
})

describe('a file that cannot be understood', () => {
  const cases: [name: string, text: string | Uint8Array, message: RegExp][] = [
    ['an open bracket', 'a: 1\nb: [1\nc: 2\n', /\.vapi-cli\.yaml:3:1: not valid YAML/],
    ['a tab', 'accounts:\n\ta: 1\n', /:2:1: not valid YAML/],
    ['a key twice', 'api_key: sk-secret-1\napi_key: sk-secret-2\n', /:2:1: not valid YAML: .*unique/],
    ['two documents', 'a: 1\n---\napi_key: sk-secret-1\n', /not valid YAML/],
    ['a list', '- 1\n', /:1:1: the file must be a map of settings/],
    [
      'accounts as a list',
      'timeout: 1\naccounts:\n  - apikey: sk-secret-1\n',
      /:2:1: accounts must be a map, not a list/,
    ],
    [
      'an account as text',
      'accounts:\n  work: sk-secret-1\n',
      /:2:3: accounts\.work must be a map, not text/,
    ],
    [
      'a key as a map',
      'accounts:\n  work:\n    apikey: {a: sk-secret-1}\n',
      /:3:5: accounts\.work\.apikey must be text/,
    ],
    ['a timeout in words', '\ntimeout: soon\n', /:2:1: timeout must be a number/],
    ['a negative timeout', 'timeout: -1\n', /:1:1: timeout is wrong/],
    ['a switch that is none', 'compat: perhaps\n', /:1:1: compat must be true or false/],
    ['an unknown storage', 'storage: cloud\n', /:1:1: storage must be keyring or file/],
    [
      'an unknown environment',
      'environment: moon\n',
      /:1:1: environment is wrong: there is no environment "moon"/,
    ],
    ['an address without a scheme', 'base_url: api.vapi.ai\n', /:1:1: base_url is wrong/],
    ['an address with a password', 'base_url: https://u:sk-secret-1@h\n', /:1:1: base_url is wrong/],
    ['a newer format', 'format: 2\ntimeout: 1\n', /has format 2, which a newer vapi wrote/],
    ['10 MB', `a: "${'x'.repeat(10_000_000)}"\n`, /larger than 1 MB/],
    ['binary', new Uint8Array([0x61, 0x3a, 0x20, 0xff, 0xfe, 0x0a]), /not UTF-8/],
    ['nesting without end', `a: ${'['.repeat(200_000)}\n`, /nested too deeply|not valid YAML/],
  ]

  it.each(cases)('is one usage error with its place, never overwritten: %s', async (_, text, message) => {
    const { store, path } = storeOf(null)
    writeFileSync(path, text)
    for (const attempt of [() => store.read(), () => store.change(draft => draft.set('timeout', 3))]) {
      const error = await failureOf(attempt())
      expect(error.exit).toBe(2)
      expect(error.message).toMatch(message)
      expect(error.hint).toBeTruthy()
      expect(`${error.message}${error.hint}`).not.toContain('sk-secret')
    }
    expect(readFileSync(path).equals(Buffer.from(text))).toBe(true)
  })

  it.each(['', '\n', '# only a comment\n', '---\n', '\uFEFF', 'null\n'])(
    'is not an empty one: %j',
    async text => {
      const { store } = storeOf(text)
      expect((await store.read()).accounts).toEqual([])
      await store.change(draft => draft.set('timeout', 3))
      expect((await store.read()).timeoutSeconds).toBe(3)
    },
  )

  it('is not a folder, nor a link to itself', async () => {
    const folder = temporaryFolder()
    const loop = join(folder, 'loop.yaml')
    symlinkSync('loop.yaml', loop)
    for (const path of [folder, loop]) {
      const store = createConfigStore({ path, secrets: noSecrets })
      expect(await failureOf(store.read())).toMatchObject({ exit: 2 })
      expect(await failureOf(store.change(draft => draft.set('timeout', 3)))).toMatchObject({ exit: 2 })
    }
    const missing = createConfigStore({ path: join(folder, 'no', 'c.yaml'), secrets: noSecrets })
    expect(await failureOf(missing.change(draft => draft.set('timeout', 3)))).toMatchObject({
      code: 'config-not-saved',
      message: expect.stringContaining('its folder does not exist'),
    })
  })
})

async function noSecrets(): Promise<SecretStore> {
  throw new Error('the keyring was asked')
}
