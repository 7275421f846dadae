import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Place } from '../../../src/mcp/setup/types.ts'
import { homeOf, ourEntry, put, setUp, takeOut } from './home.ts'

/** A client's program: a script in JavaScript, with `words` for its arguments and `home`. */
function program(place: Place, name: string, code: string): void {
  const path = put(join(place.home, 'bin', name), `#!/usr/bin/env node\n${PRELUDE}${code}\n`)
  chmodSync(path, 0o755)
}

const PRELUDE = `
const fs = require('fs'), path = require('path')
const words = process.argv.slice(2), home = process.env.HOME
fs.appendFileSync(path.join(home, 'asked'), JSON.stringify(words) + '\\n')
const change = (file, edit) => {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const value = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file)) : {}
  edit(value)
  fs.writeFileSync(file, JSON.stringify(value))
}
`

/** As Claude Code does: it writes its whole state, with things of its own. */
const CLAUDE = `
change(path.join(home, '.claude.json'), state => {
  state.numStartups = (state.numStartups ?? 0) + 1
  state.mcpServers ??= {}
  if (words[1] === 'add-json' && state.mcpServers[words[4]]) process.exit(1)
  if (words[1] === 'add-json') state.mcpServers[words[4]] = JSON.parse(words[5])
  else delete state.mcpServers[words[4]]
})`

function withPrograms(platform: NodeJS.Platform = 'linux'): Place {
  const place = homeOf(platform)
  const path = [join(place.home, 'bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)
  return { ...place, env: { ...place.env, PATH: path, HOME: place.home } }
}

const asked = (place: Place) =>
  readFileSync(join(place.home, 'asked'), 'utf8')
    .trim()
    .split('\n')
    .map((line): string[] => JSON.parse(line))

const stateOf = (place: Place) => JSON.parse(readFileSync(join(place.home, '.claude.json'), 'utf8'))

describe.skipIf(process.platform === 'win32')('Claude Code', () => {
  it('is asked by its own command, which keeps its state', async () => {
    const place = withPrograms()
    mkdirSync(place.project)
    program(place, 'claude', CLAUDE)
    put(join(place.home, '.claude.json'), '{"numStartups": 4, "mcpServers": {"db": {"command": "x"}}}')
    const [item] = await setUp(place, ['claude-code'])
    expect(item?.applied?.command?.slice(0, 4)).toEqual(['claude', 'mcp', 'add-json', '--scope'])
    expect(item?.applied?.backup).toBe(join(place.home, '.claude.json.backup'))
    expect(stateOf(place)).toEqual({
      numStartups: 5,
      mcpServers: { db: { command: 'x' }, vapi: { type: 'stdio', ...ourEntry } },
    })
    const [again] = await setUp(place, ['claude-code'])
    expect(again?.applied).toBeNull()
    await takeOut(place, ['claude-code'])
    expect(stateOf(place).mcpServers).toEqual({ db: { command: 'x' } })
    expect(asked(place).map(words => words[1])).toEqual(['add-json', 'remove'])
  })

  it('takes an entry that has moved out before it takes the new one', async () => {
    const place = withPrograms()
    mkdirSync(place.project)
    program(place, 'claude', CLAUDE)
    const old = { command: '/old', args: ['vapi', 'mcp', 'serve'], env: { A: '1' } }
    put(join(place.home, '.claude.json'), JSON.stringify({ mcpServers: { vapi: old } }))
    await setUp(place, ['claude-code'])
    expect(asked(place).map(words => words[1])).toEqual(['remove', 'add-json'])
    expect(stateOf(place).mcpServers.vapi).toEqual({ ...old, ...ourEntry })
  })

  it.each([
    ['fails', 'console.error("not logged in"); process.exit(3)', 'failed (not logged in)'],
    ['does nothing', '', 'did not change'],
    ['gives up half-way', `${CLAUDE}\nif (words[1] === 'add-json') process.exit(1)`, 'failed'],
  ])('is edited in its file where its command %s', async (_what, code, note) => {
    const place = withPrograms()
    mkdirSync(place.project)
    program(place, 'claude', code)
    put(join(place.home, '.claude.json'), '{"mcpServers": {}}')
    const [item] = await setUp(place, ['claude-code'])
    expect(item?.applied).toMatchObject({ command: null, notes: [expect.stringContaining(note)] })
    expect(stateOf(place).mcpServers.vapi).toEqual({ type: 'stdio', ...ourEntry })
  })

  it('is not trusted blindly: lost servers are told, with the copy', async () => {
    const place = withPrograms()
    mkdirSync(place.project)
    const code = `change(path.join(home, '.claude.json'), s => { s.mcpServers = { vapi: JSON.parse(words[5]) } })`
    program(place, 'claude', code)
    const file = put(join(place.home, '.claude.json'), '{"mcpServers": {"db": {}}}')
    await expect(setUp(place, ['claude-code'])).rejects.toThrow(
      expect.objectContaining({
        code: 'mcp-client-changed-others',
        hint: expect.stringContaining('.backup'),
      }),
    )
    expect(readFileSync(`${file}.backup`, 'utf8')).toBe('{"mcpServers": {"db": {}}}')
  })

  it('has its project file edited: that one is nobody’s state', async () => {
    const place = withPrograms()
    mkdirSync(place.project)
    program(place, 'claude', CLAUDE)
    const [item] = await setUp(place, ['claude-code'], { scope: 'project' })
    expect(item?.applied?.command).toBeNull()
    expect(() => asked(place)).toThrow('ENOENT')
  })
})

describe.skipIf(process.platform === 'win32')('VS Code', () => {
  const CODE = `
change(path.join(home, '.config/Code/User/mcp.json'), all => {
  const { name, ...entry } = JSON.parse(words[1])
  all.servers = { ...all.servers, [name]: entry }
})`

  it('is asked by its own command', async () => {
    const place = withPrograms()
    mkdirSync(place.project)
    program(place, 'code', CODE)
    const [item] = await setUp(place, ['vscode'])
    expect(item?.applied?.command?.slice(0, 2)).toEqual(['code', '--add-mcp'])
    const file = readFileSync(join(place.home, '.config/Code/User/mcp.json'), 'utf8')
    expect(JSON.parse(file)).toEqual({ servers: { vapi: { type: 'stdio', ...ourEntry } } })
  })

  it('is not asked where the program of that name is another editor', async () => {
    const place = withPrograms()
    mkdirSync(place.project)
    program(place, 'cursor-cli', CODE)
    symlinkSync('cursor-cli', join(place.home, 'bin', 'code'))
    const [item] = await setUp(place, ['vscode'])
    expect(item?.applied).toMatchObject({ command: null, notes: [] })
    expect(() => asked(place)).toThrow('ENOENT')
  })
})
