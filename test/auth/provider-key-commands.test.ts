import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyVendors } from '../../src/providers/keys.ts'
import { type FakeOpenAi, startFakeOpenAi } from '../support/fake-openai.ts'
import { requires } from '../support/requires.ts'
import { startInTerminal } from '../support/terminal.ts'
import { type Home, KEY_A, makeHome, ok } from './home.ts'
import { startKeyringSession } from './keyring-session.ts'

const KEY = 'dg-0123456789abcdef0123456789-TAIL'
const OTHER = 'sk-fedcba9876543210fedcba9876-TAIL'

/** Runs it; neither stream may hold a key. */
async function run(home: Home, args: readonly string[], options: Parameters<Home['run']>[1] = {}) {
  const result = await home.run(args, options)
  // Not even its first or last characters.
  for (const key of [KEY, OTHER, 'dg-0', 'sk-f', 'TAIL'])
    expect(result.stdout + result.stderr).not.toContain(key)
  return result
}

describe('vapi provider-key', () => {
  it('keeps a key of standard input, a file and a variable; the file of settings is for its owner alone', async () => {
    const home = makeHome()
    const set = await run(home, ['provider-key', 'set', 'Deepgram', '--file', '-', '--json'], {
      stdin: `${KEY}\n`,
    })
    expect(set.code, set.stderr).toBe(0)
    expect(JSON.parse(set.stdout)).toEqual({
      id: 'deepgram',
      label: 'Deepgram',
      keptIn: 'file',
      replaced: false,
    })
    expect(set.stderr).toContain('the system keyring cannot be used')
    expect(home.mode()).toBe(0o600)
    writeFileSync(join(home.folder, 'key.txt'), OTHER)
    const path = join(home.folder, 'key.txt')
    const second = await run(home, ['provider-key', 'set', 'openai', '--file', path, '-o', 'id'])
    expect([second.code, second.stdout]).toEqual([0, 'openai\n'])
    const third = await run(home, ['provider-key', 'set', 'openai', '--key-env', 'MINE'], {
      env: { MINE: KEY, OPENAI_API_KEY: OTHER },
    })
    expect(third.stderr).toContain('in place of the one before')
    expect(third.stderr).toContain('OPENAI_API_KEY is set: its key is used before the kept one')
    expect(home.config().provider_keys).toEqual({ deepgram: KEY, openai: KEY })
  })

  it.each([
    [['deepgram', KEY], 'too many arguments'],
    [[KEY], 'that is no provider'],
    [['deepgram'], 'the key is missing'],
    [['deepgram', '--key-env', KEY], 'that variable is not set'],
    [['deepgram', '--key-env', 'NOT_THERE'], 'NOT_THERE is not set'],
    [['deepgram', '--file', 'not-there.txt'], 'there is no such file'],
    [['deepgram', '--file', '-', '--key-env', 'X'], 'exclude each other'],
    [['deepgram', '--file', '-'], 'has a character inside'],
    [['deepgram', '--file', 'quoted.txt'], 'has quotes around it'],
  ])('set %j keeps nothing and repeats no key', async (args, said) => {
    const home = makeHome()
    writeFileSync(join(home.folder, 'quoted.txt'), `"${KEY}"`)
    const result = await run(home, ['provider-key', 'set', ...args], {
      cwd: home.folder,
      stdin: `A=${KEY}\nB=${OTHER}\n`,
    })
    expect(result.code).toBe(2)
    expect(result.stderr).toContain(said)
    expect(home.text()).toBe('')
  })

  it('lists where each key comes from', async () => {
    const home = makeHome(`provider_keys:\n  deepgram: ${KEY}\n  openai: ${KEY}\n  groq: ""\n`)
    const env = { OPENAI_API_KEY: OTHER, SPEECH_KEY: OTHER, SPEECH_REGION: 'westeurope' }
    const { stdout, stderr } = await ok(run(home, ['provider-key', 'list', '--json'], { env }))
    expect(stderr).toContain('the system keyring cannot be used')
    const rows: Record<string, unknown>[] = JSON.parse(stdout)
    const of = (id: string) => rows.find(row => row.id === id)
    expect(rows.length).toBeGreaterThan(30)
    expect(of('deepgram')).toMatchObject({
      source: 'file',
      variable: null,
      testable: true,
    })
    expect(of('openai')).toMatchObject({
      source: 'environment',
      variable: 'OPENAI_API_KEY',
      keptIn: 'file',
    })
    expect(of('azure')).toMatchObject({
      source: 'environment',
      variable: 'SPEECH_KEY',
      needs: [{ value: 'westeurope' }],
    })
    expect(of('groq')).toMatchObject({ source: null, variable: null })
    const set = await ok(run(home, ['provider-key', 'list', '--set', '-o', 'tsv'], { env }))
    expect(set.stdout.split('\n').map(line => line.split('\t').slice(0, 4).join(' '))).toEqual([
      'azure Azure AI Speech environment SPEECH_KEY',
      'deepgram Deepgram file DEEPGRAM_API_KEY',
      'openai OpenAI environment OPENAI_API_KEY',
      '',
    ])
  })

  it('never cuts a name of a variable', async () => {
    const home = makeHome()
    const list = startInTerminal(['provider-key', 'list'], { env: home.env })
    expect((await list.finished).code).toBe(0)
    const longest = keyVendors().map(({ keyVariables: [first = ''] }) => first)
    for (const variable of longest) expect(list.text()).toContain(variable)
  })

  it('forgets a key on --yes alone where nobody can be asked, and says where there is none', async () => {
    const home = makeHome(`provider_keys:\n  deepgram: ${KEY}\n`)
    expect(await run(home, ['provider-key', 'remove', 'deepgram'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('add --yes'),
    })
    expect(home.text()).toContain(KEY)
    await ok(run(home, ['provider-key', 'remove', 'deepgram', '-y']))
    expect(home.text()).not.toContain('deepgram')
    const none = await run(home, ['provider-key', 'remove', 'deepgram', '-y'], {
      env: { DEEPGRAM_API_KEY: OTHER },
    })
    expect(none.code).toBe(5)
    expect(none.stderr).toContain('unset DEEPGRAM_API_KEY')
  })

  it('asks before it forgets, in a terminal', async () => {
    const home = makeHome(`provider_keys:\n  deepgram: ${KEY}\n`)
    const no = startInTerminal(['provider-key', 'remove', 'deepgram'], { env: home.env })
    await no.waitFor('Forget the kept key of Deepgram?')
    no.press('enter')
    expect((await no.finished).code).toBe(1)
    expect(home.text()).toContain(KEY)
    const yes = startInTerminal(['provider-key', 'remove', 'deepgram'], { env: home.env })
    await yes.waitFor('Forget the kept key of Deepgram?')
    yes.type('y')
    yes.press('enter')
    expect((await yes.finished).code).toBe(0)
    expect(home.text()).not.toContain(KEY)
  })

  it('takes a typed key unseen, and nothing on Ctrl-C', async () => {
    const home = makeHome('storage: file\n')
    const stopped = startInTerminal(['provider-key', 'set', 'deepgram'], { env: home.env })
    await stopped.waitFor('Key of Deepgram:')
    stopped.type(KEY)
    stopped.press('ctrl-c')
    expect((await stopped.finished).code).toBe(130)
    expect(home.text()).toBe('storage: file\n')
    for (const more of [[], ['--file', '-']]) {
      const typed = startInTerminal(['provider-key', 'set', 'deepgram', ...more], { env: home.env })
      await typed.waitFor('Key of Deepgram:')
      typed.type(KEY)
      typed.press('enter')
      expect((await typed.finished).code).toBe(0)
      expect(stopped.raw() + typed.raw()).not.toContain(KEY)
    }
    expect(home.config().provider_keys).toEqual({ deepgram: KEY })
  })
})

describe('vapi provider-key test', () => {
  let server: FakeOpenAi
  beforeEach(async () => {
    server = await startFakeOpenAi()
  })
  afterEach(() => server.close())
  const answer = (status: number, body: unknown) => ({ status, steps: [JSON.stringify(body)] })
  const env = () => ({ DEEPGRAM_BASE_URL: server.url, OPENAI_BASE_URL: server.baseUrl })
  const kept = `provider_keys:\n  deepgram: ${KEY}\n  openai: ${OTHER}\n`

  it('asks once with the kept key, and says that it is taken', async () => {
    server.script(answer(200, { projects: [] }))
    const { stdout, stderr } = await ok(
      run(makeHome(kept), ['provider-key', 'test', 'deepgram', '--debug'], { env: env() }),
    )
    expect(stdout).toBe('deepgram\tfile\taccepted\t200\t\n')
    expect(stderr).toContain('authorization: ***')
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Token ${KEY}`])
  })

  it('exits with 4 where it is refused, and masks the key in what the vendor said', async () => {
    server.script(answer(401, { message: `${KEY} is wrong` }))
    const result = await run(makeHome(kept), ['provider-key', 'test', 'deepgram', '--json'], { env: env() })
    expect(result.code).toBe(4)
    expect(JSON.parse(result.stdout)).toMatchObject([
      { outcome: 'refused', status: 401, said: '*** is wrong' },
    ])
    expect(JSON.parse(result.stderr)).toMatchObject({
      error: {
        code: 'provider-key-refused',
        status: 401,
        hint: 'the key is from the configuration file: vapi provider-key set deepgram changes it to a key that Deepgram accepts',
      },
    })
    server.script(answer(401, { message: 'no' }))
    const set = await run(makeHome(kept), ['provider-key', 'test', 'azure'], {
      env: { SPEECH_KEY: KEY, AZURE_SPEECH_BASE_URL: server.url },
    })
    expect(set.stderr).toContain(
      'the key is from the variable SPEECH_KEY: set SPEECH_KEY to a key that Azure AI Speech accepts',
    )
  })

  it('exits with 1 where no answer comes, and with 4 without a key', async () => {
    const home = makeHome(kept)
    const lost = await run(home, ['provider-key', 'test', 'deepgram'], {
      env: { DEEPGRAM_BASE_URL: 'http://127.0.0.1:1' },
    })
    expect(lost.code).toBe(1)
    expect(lost.stdout).toContain('failed')
    expect((await run(home, ['provider-key', 'test', 'groq'])).code).toBe(4)
    expect((await run(home, ['provider-key', 'test'])).code).toBe(2)
  })

  it('--all asks every provider that has a key; a refused one decides', async () => {
    server.answerWith(({ path }) => answer(path === '/v1/models' ? 403 : 200, { message: 'no' }))
    const result = await run(makeHome(kept), ['provider-key', 'test', '--all', '--json'], { env: env() })
    expect(result.code).toBe(4)
    const rows: { id: string; outcome: string }[] = JSON.parse(result.stdout)
    expect(rows.map(({ id, outcome }) => [id, outcome]).sort()).toEqual([
      ['deepgram', 'accepted'],
      ['openai', 'refused'],
    ])
  })

  it('says what else is missing where a key alone does not tell', async () => {
    const home = makeHome(`provider_keys:\n  azure: ${KEY}\n`)
    const result = await run(home, ['provider-key', 'test', 'azure'])
    expect(result.code).toBe(1)
    expect(result.stderr).toContain('the region of Azure AI Speech is not known: set AZURE_SPEECH_REGION')
  })
})

const missing = requires('dbus-run-session', 'gnome-keyring-daemon')

describe.skipIf(missing)(`keys of providers with a real keyring${missing ? ` (${missing})` : ''}`, () => {
  it('are typed, kept, used in a check, tried, moved and forgotten, and shown by nothing', {
    timeout: 90_000,
  }, async () => {
    const session = await startKeyringSession()
    const server = await startFakeOpenAi()
    const home = makeHome(
      `accounts:\n  one:\n    apikey: ${KEY_A}\n    organization: One\nactive_account: one\nstorage: keyring\n`,
    )
    const env = { ...session, OPENAI_BASE_URL: server.baseUrl }
    const typed = startInTerminal(['provider-key', 'set', 'openai'], { env: { ...home.env, ...env } })
    await typed.waitFor('Key of OpenAI:')
    typed.type(OTHER)
    typed.press('enter')
    expect((await typed.finished).code).toBe(0)
    expect(typed.text()).toContain('the key of OpenAI is in the keyring')
    expect(typed.raw()).not.toContain(OTHER)
    expect(home.config().provider_keys).toEqual({ openai: '' })
    const shown = [home.text()]
    const step = async (args: readonly string[]) => {
      const result = await run(home, args, { env, cwd: home.folder })
      shown.push(home.text())
      return result
    }
    const list = await ok(step(['provider-key', 'list', '--set', '--json']))
    expect(JSON.parse(list.stdout)).toMatchObject([{ id: 'openai', source: 'keyring' }])
    writeFileSync(
      join(home.folder, 'a.json'),
      JSON.stringify({ model: { provider: 'openai', model: 'gpt-4o' } }),
    )
    const check = await ok(step(['call', 'local', 'a.json', '--in', 'text', '--check', '--online']))
    expect(check.stdout).toContain('key: keyring')
    expect(check.stdout).toContain('the provider takes the key')
    await ok(step(['provider-key', 'test', '--all']))
    for (const { headers } of server.requests) expect(headers.authorization).toBe(`Bearer ${OTHER}`)
    expect(server.requests).toHaveLength(2)
    for (const text of shown) expect(text).not.toContain(OTHER)
    await ok(step(['config', 'set', 'storage', 'file']))
    expect(readFileSync(home.file, 'utf8')).toContain(OTHER)
    await ok(step(['config', 'set', 'storage', 'keyring']))
    expect(home.text()).not.toContain(OTHER)
    await ok(step(['provider-key', 'remove', 'openai', '--yes']))
    expect(home.text()).not.toContain('openai')
    expect((await step(['provider-key', 'test', 'openai'])).code).toBe(4)
    await server.close()
  })
})
