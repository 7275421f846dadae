import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aliasesOf, withoutAlias } from '../../src/cli/aliases.ts'
import type { CommandDefinition } from '../../src/cli/definition.ts'
import { membersOf, renderHelp } from '../../src/cli/help.ts'
import { topics } from '../../src/cli/help-topics.ts'
import { explainUnknown } from '../../src/cli/unknown.ts'
import { Exit } from '../../src/errors.ts'
import { packageFile } from '../../src/package-root.ts'
import { vapi } from '../support/program.ts'

const command = (name: string, summary = `does ${name}`): CommandDefinition => ({
  name,
  summary,
  args: [],
  options: { fast: { type: 'boolean', summary: 'soon' } },
  formats: ['json', 'id'],
  examples: [{ command: `vapi ${name}`, does: 'it' }],
  needsLogin: false,
  destructive: false,
})
const definitions = [
  command('call local'),
  command('call list'),
  command('chat', 'a conversation'),
  command('chat list'),
  command('simulation list'),
  command('simulation personality list'),
  command('simulation personality get'),
  command('odd one get'),
  command('login', 'log in'),
]
const help = renderHelp(definitions, '1.2.3')

describe('the help', () => {
  it('of the program is short: a line for each first word, under headings', () => {
    const page = help.pages[''] ?? ''
    expect(page).toContain('vapi 1.2.3')
    for (const word of ['call', 'chat', 'simulation', 'odd', 'login']) {
      expect(page.match(new RegExp(`^  ${word} `, 'gm'))).toHaveLength(1)
    }
    expect(page).not.toContain('call local')
    expect(page).toMatch(/^ {2}login +log in$/m)
    expect(page).toMatch(/This program:\n {2}odd +one$/m)
    for (const topic of Object.keys(topics)) expect(page).toContain(`help ${topic}`)
  })

  it('of the program lists the aliases that its headings have', () => {
    const page = renderHelp([command('auth login'), command('auth logout')], '1').pages[''] ?? ''
    expect(page).toMatch(/^ {2}login +log in to an account$/m)
    expect(page).toMatch(/^ {2}logout +forget/m)
  })

  it('of a group has what most groups have first, in one order', () => {
    const names = ['tool delete', 'tool test', 'tool create', 'tool get', 'tool list'].map(name =>
      command(name),
    )
    expect(membersOf('tool', names).map(({ name }) => name.slice(5))).toEqual([
      'list',
      'get',
      'create',
      'delete',
      'test',
    ])
  })

  it('of a group lists its commands and the groups below it', () => {
    expect(help.pages.simulation).toMatch(/^ {2}simulation list +does/m)
    expect(help.pages.simulation).toMatch(/^ {2}simulation personality +how simulated/m)
    expect(help.pages.simulation).not.toContain('personality get')
    expect(help.pages['simulation personality']).toContain('simulation personality get')
    expect(help.pages['odd one']).toContain('Usage: vapi odd one <command>')
  })

  it('of a command that has others below it shows both', () => {
    expect(help.pages.chat).toContain('--fast')
    expect(help.pages.chat).toMatch(/Commands:\n {2}chat list/)
  })

  it('of a command separates its options from those of all, and names the forms that it has', () => {
    const page = help.pages['call local'] ?? ''
    expect(page.indexOf('--fast')).toBeLessThan(page.indexOf('Global options:'))
    expect(page.indexOf('--quiet')).toBeGreaterThan(page.indexOf('Global options:'))
    expect(page).toContain('(choices: "json", "id")')
  })

  it('is never wider than a hundred columns', () => {
    for (const page of Object.values(help.pages)) {
      for (const line of page.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    }
  })

  it('falls back to the names of commands where nobody said what a group is for', () => {
    expect(membersOf('odd', definitions)).toEqual([{ name: 'odd one', summary: 'get' }])
  })
})

describe('aliases', () => {
  const table = { login: 'auth login', 'phone-number': 'phone', 'sim persona': 'simulation personality' }

  it.each([
    ['login', 'auth login'],
    ['phone-number', 'phone'],
    ['phone-number list', 'phone list'],
    ['sim persona get', 'simulation personality get'],
    ['sim get', 'sim get'],
    ['phone list', 'phone list'],
    ['call login', 'call login'],
    ['constructor', 'constructor'],
  ])('%s is %s', (words, target) => expect(withoutAlias(words, table)).toBe(target))

  it('are known by what they stand for', () => {
    expect(aliasesOf('phone list', table)).toEqual(['phone-number list'])
    expect(aliasesOf('auth login', table)).toEqual(['login'])
    expect(aliasesOf('auth', table)).toEqual([])
  })
})

describe('words that name no command', () => {
  const names = definitions.map(({ name }) => name)

  it.each([
    [[], 'no command was given', 'vapi --help'],
    [['call'], 'vapi call needs a command', 'vapi call --help'],
    [
      ['simulation', 'personality'],
      'vapi simulation personality needs a command',
      'vapi simulation personality --help',
    ],
    [['cal', 'local'], 'there is no command vapi cal', 'did you mean vapi call local?'],
    [['cal', 'x.json'], 'there is no command vapi cal', 'did you mean vapi call?'],
    [['call', 'lst', 'x'], 'there is no command vapi call lst', 'did you mean vapi call list?'],
    [['call', 'nonsense'], 'there is no command vapi call nonsense', 'vapi call --help'],
    [
      ['simulation', 'personalty', 'get'],
      'there is no command vapi simulation personalty',
      'did you mean vapi simulation personality get?',
    ],
    [['nonsense'], 'there is no command vapi nonsense', 'vapi --help'],
    // The last word of one command alone, then of several.
    [['local'], 'there is no command vapi local', 'did you mean vapi call local?'],
    [['list'], 'there is no command vapi list', 'vapi --help'],
  ])('%j', (words, message, hint) => expect(explainUnknown(words, names)).toEqual({ message, hint }))
})

describe('the topics', () => {
  const sources = readdirSync(packageFile('src'), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts') && !file.endsWith('help-topics.ts'))
    .map(file => readFileSync(packageFile('src', file), 'utf8'))
    .join('\n')

  it('name no variable that nothing reads', () => {
    const readByNode = ['NODE_EXTRA_CA_CERTS']
    const named = new Set(topics.environment?.text.match(/\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:CI|BROWSER)\b/g))
    expect(named.size).toBeGreaterThan(15)
    expect(
      [...named].filter(name => !readByNode.includes(name) && !new RegExp(`\\b${name}\\b`).test(sources)),
    ).toEqual([])
  })

  it('name every variable of ours', () => {
    const read = new Set(sources.match(/(?<=env\.)VAPI_[A-Z_]+/g))
    expect([...read].filter(name => !topics.environment?.text.includes(name))).toEqual([])
  })

  it('name every exit code', () => {
    const codes = [...(topics['exit-codes']?.text.matchAll(/^ +(\d+) {2}/gm) ?? [])].map(match =>
      Number(match[1]),
    )
    expect(codes.sort()).toEqual(Object.values(Exit).sort())
  })

  it.each(Object.keys(topics))('vapi help %s prints it', async topic => {
    expect(await vapi(['help', topic])).toEqual({ stdout: help.topics[topic], stderr: '', code: 0 })
  })
})

describe('the built help', () => {
  const { pages, commands }: { pages: Record<string, unknown>; commands: string[] } = JSON.parse(
    readFileSync(join(packageFile('dist'), 'help.json'), 'utf8'),
  )

  it('has a page for every command and every group', () => {
    expect(Object.keys(pages)).toEqual(expect.arrayContaining(commands))
    expect(Object.keys(pages)).toEqual(expect.arrayContaining(['', 'call']))
  })

  it('is not misled by values of global options', async () => {
    const { stdout, code } = await vapi(['--account', 'chat', '-o', 'json', 'call', 'local', '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^Usage: vapi call local/)
  })

  it.each([
    [['call', 'nonsense', '--help'], 'vapi call --help'],
    [['help', 'cal', 'local'], 'did you mean vapi call local?'],
    [['nonsense', '-h'], 'vapi --help'],
  ])('%j is an error that helps on', async (args, hint) => {
    const { stdout, stderr, code } = await vapi(args)
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 })
    expect(stderr).toMatch(/^error: there is no command vapi/)
    expect(stderr).toContain(`hint: ${hint}`)
  })

  it('ends before --: what follows is no question for help', async () => {
    expect((await vapi(['call', 'local', 'missing.json', '--', '--help'])).stdout).not.toContain('Usage')
  })
})
