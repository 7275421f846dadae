import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandDefinition } from '../../src/cli/definition.ts'
import { commands } from '../../src/commands/manifest.ts'
import { packageFile } from '../../src/package-root.ts'
import { type Finished, temporaryFolder, vapi } from '../support/program.ts'

const definitions = await Promise.all(Object.values(commands).map(async load => (await load()).definition))
const helpText = readFileSync(packageFile('dist', 'help.txt'))
const helpIndex: { pages: Record<string, [start: number, length: number]> } = JSON.parse(
  readFileSync(packageFile('dist', 'help.json'), 'utf8'),
)

function helpPage(name: string): string {
  const [start, length] = helpIndex.pages[name] ?? [0, 0]
  return helpText.subarray(start, start + length).toString()
}
const ID = '8f14e45f-ceea-4e7a-9c1d-2b7f6a1d5c3e'

/** Runs the program for many commands, four at a time. */
async function runAll<Case>(
  cases: readonly Case[],
  argsOf: (one: Case) => string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ one: Case; result: Finished }[]> {
  const waiting = [...cases]
  const results: { one: Case; result: Finished }[] = []
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const home = temporaryFolder()
      results.push({ one, result: await vapi(argsOf(one), { cwd: home, env: { HOME: home, ...env } }) })
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return results
}

const words = ({ name }: CommandDefinition) => name.split(' ')

/** Values for what a command cannot do without. */
function sampleArguments(definition: CommandDefinition): string[] {
  const samples: Readonly<Record<string, string>> = {
    method: 'GET',
    path: '/assistant',
    text: 'hello',
    message: 'hello',
    destination: '+15551234567',
    url: 'https://example.com/hook',
  }
  return definition.args.filter(({ required }) => required).map(({ name }) => samples[name] ?? ID)
}

describe('every command', () => {
  it('has a page of help that starts with its usage', () => {
    for (const { name } of definitions) expect(helpPage(name), name).toContain(`Usage: vapi ${name}`)
  })

  it('prints the same page through the program', async () => {
    const sample = definitions.filter((_, place) => place % 15 === 0)
    for (const { one, result } of await runAll(sample, one => [...words(one), '--help'])) {
      expect(result, one.name).toMatchObject({ code: 0, stdout: helpPage(one.name), stderr: '' })
    }
  })

  it('refuses a flag that it does not have, with nothing on stdout', { timeout: 120_000 }, async () => {
    for (const { one, result } of await runAll(definitions, one => [...words(one), '--no-such-flag'])) {
      expect(result.code, one.name).toBe(2)
      expect(result.stdout, one.name).toBe('')
      expect(result.stderr, one.name).toMatch(/^error: .*--no-such-flag.*\nhint: vapi .*--help\n$/)
    }
  })

  it('that needs a login says so without one, in JSON too', { timeout: 120_000 }, async () => {
    const needing = definitions.filter(({ needsLogin }) => needsLogin)
    expect(needing.length).toBeGreaterThan(100)
    const results = await runAll(needing, one =>
      [...words(one), ...sampleArguments(one), '--json'].filter(
        word => word !== '--json' || one.formats.includes('json'),
      ),
    )
    for (const { one, result } of results) {
      expect(result.code, `${one.name}: ${result.stderr}`).toBe(4)
      expect(result.stdout, one.name).toBe('')
      expect(result.stderr, one.name).toContain('vapi login')
      if (one.formats.includes('json'))
        expect(JSON.parse(result.stderr).error, one.name).toMatchObject({ code: 'not-logged-in' })
    }
  })

  it('that destroys something does nothing without a terminal and without --yes', async () => {
    const destructive = definitions.filter(one => one.destructive && one.needsLogin && 'yes' in one.options)
    const results = await runAll(destructive, one => [...words(one), ...sampleArguments(one)], {
      VAPI_API_KEY: 'some-key',
      VAPI_API_BASE_URL: 'http://127.0.0.1:1',
    })
    for (const { one, result } of results) {
      expect(result.code, `${one.name}: ${result.stderr}`).toBe(2)
      expect(result.stderr, one.name).toContain('--yes')
    }
  })
})

describe('every command that names one thing', () => {
  let url = ''
  const server = createServer((_, response) => {
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end('{"message":"Could not find it","error":"Not Found","statusCode":404}')
  })
  beforeAll(async () => {
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  /** Commands whose first argument is an id, and what else they need. */
  const more: Readonly<Record<string, readonly string[]>> = {
    update: ['--set', 'name=x'],
    delete: ['--yes'],
    end: ['--yes'],
    cancel: ['--yes'],
    remove: ['--yes'],
    add: ['--file-id', ID],
    say: ['hello'],
    continue: ['hello'],
  }
  const named = definitions.filter(
    one =>
      one.needsLogin &&
      one.args[0]?.required === true &&
      /^(id(\|name)?|call|chat|knowledge-base|insight|run|campaign)$/.test(one.args[0].name),
  )

  it('ends with 5 where there is no such thing, in words and in JSON', { timeout: 120_000 }, async () => {
    expect(named.length).toBeGreaterThan(50)
    const argsOf = (one: CommandDefinition) => [
      ...words(one),
      ...sampleArguments(one),
      ...(more[words(one).at(-1) ?? ''] ?? []).filter(word => word !== '--yes' || 'yes' in one.options),
      ...('provider' in one.options && one.name.startsWith('pronunciation') ? ['--provider', '11labs'] : []),
      ...(one.formats.includes('json') ? ['--json'] : []),
    ]
    const results = await runAll(named, argsOf, { VAPI_API_KEY: 'some-key', VAPI_API_BASE_URL: url })
    for (const { one, result } of results) {
      expect(result.code, `${argsOf(one).join(' ')}: ${result.stderr}`).toBe(5)
      expect(result.stdout, one.name).toBe('')
      if (!one.formats.includes('json')) continue
      const last = result.stderr.trim().split('\n').at(-1) ?? ''
      expect(JSON.parse(last).error, one.name).toMatchObject({ status: 404 })
    }
  })
})

describe('output', () => {
  it('has no colour in a pipe', async () => {
    const folder = temporaryFolder()
    const { stdout, stderr } = await vapi(['commands'], { cwd: folder, env: { HOME: folder } })
    expect(`${stdout}${stderr}`).not.toContain('\u001b')
    expect(stdout.split('\n').length).toBeGreaterThan(100)
  })
})
