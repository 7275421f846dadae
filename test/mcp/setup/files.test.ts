import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clients } from '../../../src/mcp/setup/clients.ts'
import { maskedText } from '../../../src/mcp/setup/mask.ts'
import { planSetup } from '../../../src/mcp/setup/plan.ts'
import { homeOf, ourEntry, put, running, setUp, takeOut } from './home.ts'

const text = (path: string) => readFileSync(path, 'utf8')
const cursorFile = (place: ReturnType<typeof homeOf>) => join(place.home, '.cursor', 'mcp.json')

describe.each(['darwin', 'linux', 'win32'] as const)('on %s', platform => {
  it.each(clients.filter(row => row.id !== 'jetbrains').map(row => [row.id, row] as const))(
    '%s is set up where nothing is, a second time nothing changes, and it is taken out again',
    async (id, row) => {
      const place = homeOf(platform)
      const [first] = await setUp(place, [id])
      expect(first).toMatchObject({ fault: null, change: { action: 'add' }, applied: { backup: null } })
      const path = first?.path ?? ''
      const written = text(path)
      expect(written).toContain(row.format === 'toml' ? '[mcp_servers.vapi]' : `"${row.keys[0]}": {`)
      expect(written.includes('"stdio"')).toBe(row.typed)
      const [second] = await setUp(place, [id])
      expect(second).toMatchObject({ change: { action: 'none' }, applied: null })
      expect(text(path)).toBe(written)
      const [gone] = await takeOut(place, [id])
      expect(gone).toMatchObject({ change: { action: 'remove' } })
      expect(text(path)).not.toContain('vapi')
    },
  )
})

describe('a file', () => {
  it('gets a copy beside it before it is changed, with its mode', async () => {
    const place = homeOf('linux')
    const path = put(cursorFile(place), '{\n  "mcpServers": {}\n}\n')
    chmodSync(path, 0o666)
    const [item] = await setUp(place, ['cursor'])
    expect(item?.applied?.backup).toBe(`${path}.backup`)
    expect(text(`${path}.backup`)).toBe('{\n  "mcpServers": {}\n}\n')
    for (const file of [path, `${path}.backup`]) expect(statSync(file).mode & 0o777).toBe(0o666)
    expect(readdirSync(join(place.home, '.cursor')).sort()).toEqual(['mcp.json', 'mcp.json.backup'])
  })

  it('keeps an older copy that differs', async () => {
    const place = homeOf('linux')
    const path = put(cursorFile(place), '{ "mcpServers": {} }')
    put(`${path}.backup`, 'mine')
    const [item] = await setUp(place, ['cursor'])
    expect(item?.applied?.backup).toBe(`${path}.backup.2`)
    expect(text(`${path}.backup`)).toBe('mine')
  })

  it.each(['', '{\n}\n', '{\n  "mcpServers": {\n    \n  }\n}', '// later\n'])(
    'is byte for byte what it was when the entry is taken out again: %j',
    async before => {
      const place = homeOf('linux')
      const path = put(cursorFile(place), before)
      await setUp(place, ['cursor'])
      expect(text(path)).toContain('mcp')
      await takeOut(place, ['cursor'])
      expect(text(path)).toBe(before)
    },
  )

  it('keeps its byte order mark', async () => {
    const place = homeOf('linux')
    const path = put(cursorFile(place), '\uFEFF{\r\n\t"mcpServers": {}\r\n}\r\n')
    await setUp(place, ['cursor'])
    const after = text(path)
    expect(after.startsWith('\uFEFF{\r\n\t"mcpServers": {\r\n\t\t"vapi": {\r\n')).toBe(true)
    await takeOut(place, ['cursor'])
    expect(text(path)).toBe('\uFEFF{\r\n\t"mcpServers": {}\r\n}\r\n')
  })

  it('that is a link stays one, and what it leads to is changed', async () => {
    const place = homeOf('linux')
    const real = put(join(place.home, 'dotfiles', 'cursor.json'), '{"mcpServers": {}}')
    mkdirSync(join(place.home, '.cursor'))
    symlinkSync(join('..', 'dotfiles', 'cursor.json'), cursorFile(place))
    const [item] = await setUp(place, ['cursor'])
    expect(lstatSync(cursorFile(place)).isSymbolicLink()).toBe(true)
    expect(text(real)).toContain('vapi')
    expect(item?.applied?.backup).toBe(`${cursorFile(place)}.backup`)
    expect(readdirSync(join(place.home, 'dotfiles'))).toEqual(['cursor.json'])
  })

  it('that is a link to nothing yet is made where the link leads', async () => {
    const place = homeOf('linux')
    mkdirSync(join(place.home, '.cursor'))
    symlinkSync(join(place.home, 'later.json'), cursorFile(place))
    await setUp(place, ['cursor'])
    expect(lstatSync(cursorFile(place)).isSymbolicLink()).toBe(true)
    expect(text(join(place.home, 'later.json'))).toContain('vapi')
  })

  it.skipIf(process.platform === 'win32')('of the user is made for the user alone', async () => {
    const place = homeOf('linux')
    await setUp(place, ['windsurf'])
    const folder = join(place.home, '.codeium', 'windsurf')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'mcp_config.json')).mode & 0o777).toBe(0o600)
  })

  it.each([
    ['broken', (path: string) => put(path, '{ "mcpServers": { '), 'mcp-file-broken', 'line 1, column 19'],
    [
      'no UTF-8',
      (path: string) => put(path, Buffer.from([0xff, 0xfe, 0x7b, 0])),
      'mcp-file-not-read',
      'no UTF-8',
    ],
    [
      'a folder',
      (path: string) => mkdirSync(path, { recursive: true }),
      'mcp-file-not-read',
      'it is a folder',
    ],
    [
      'a link to itself',
      (path: string) => {
        mkdirSync(join(path, '..'))
        symlinkSync('mcp.json', path)
      },
      'mcp-file-not-read',
      'leads to itself',
    ],
    ['read-only', (path: string) => chmodSync(put(path, '{}'), 0o444), 'mcp-file-not-written', 'read-only'],
  ] as const)('that is %s is left alone, and the others are done', async (_name, make, code, told) => {
    const place = homeOf('linux')
    make(cursorFile(place))
    const before = readdirSync(join(place.home, '.cursor'))
    const [bad, good] = await setUp(place, ['cursor', 'gemini'])
    expect(bad).toMatchObject({ applied: null, fault: { code, message: expect.stringContaining(told) } })
    expect(bad?.fault?.message).toContain(cursorFile(place))
    expect(good?.applied).not.toBeNull()
    expect(readdirSync(join(place.home, '.cursor'))).toEqual(before)
  })

  it('that somebody changed between plan and deed is left alone', async () => {
    const { applyChange } = await import('../../../src/mcp/setup/apply.ts')
    const place = homeOf('linux')
    const path = put(cursorFile(place), '{"mcpServers": {}}')
    const row = clients.filter(client => client.id === 'cursor')
    const [item] = await planSetup(row, 'user', place, { running, force: false })
    writeFileSync(path, '{"mcpServers": {"new": {}}}')
    if (item?.change == null) throw new Error('nothing was planned')
    const { change, scope } = item
    await expect(
      applyChange({ row: item.row, scope, change }, place, new AbortController().signal),
    ).rejects.toThrow('it has changed meanwhile')
    expect(text(path)).toBe('{"mcpServers": {"new": {}}}')
  })
})

describe('an entry named vapi', () => {
  const withEntry = (entry: object) =>
    JSON.stringify({ mcpServers: { other: { url: 'u' }, vapi: entry } }, null, 2)

  it('of ours that has moved gets the new paths and keeps the rest', async () => {
    const place = homeOf('linux')
    const old = {
      command: '/old/node',
      args: ['/old/bin/vapi.js', 'mcp', 'serve', '--tools', 'api'],
      env: { VAPI_ACCOUNT: 'Acme' },
      disabled: true,
    }
    const path = put(cursorFile(place), withEntry(old))
    const [item] = await setUp(place, ['cursor'])
    expect(item?.change?.action).toBe('update')
    expect(JSON.parse(text(path)).mcpServers.vapi).toEqual({
      ...old,
      command: ourEntry.command,
      args: [...ourEntry.args, '--tools', 'api'],
    })
  })

  it('of the older command-line tool is replaced', async () => {
    const place = homeOf('linux')
    const path = put(
      cursorFile(place),
      withEntry({ command: 'npx', args: ['-y', '@vapi-ai/mcp-docs-server'] }),
    )
    const [item] = await setUp(place, ['cursor'])
    expect(item?.change?.action).toBe('replace')
    expect(JSON.parse(text(path)).mcpServers).toEqual({
      other: { url: 'u' },
      vapi: { type: 'stdio', ...ourEntry },
    })
  })

  it.each([
    [
      'another server',
      { command: 'npx', args: ['-y', '@vapi-ai/mcp-server'], env: { VAPI_TOKEN: 'secret-key' } },
    ],
    ['a remote one', { url: 'https://mcp.vapi.ai/mcp', headers: { Authorization: 'Bearer secret-key' } }],
  ])('of %s is left, unless it is to be replaced', async (_name, entry) => {
    const place = homeOf('linux')
    const before = withEntry(entry)
    const path = put(cursorFile(place), before)
    const [left] = await setUp(place, ['cursor'])
    expect(left?.fault).toMatchObject({ code: 'mcp-entry-taken', hint: expect.stringContaining('--force') })
    expect(left?.fault?.message).not.toContain('secret-key')
    const [kept] = await takeOut(place, ['cursor'])
    expect(kept).toMatchObject({ change: { action: 'none' }, notes: [expect.stringContaining('was left')] })
    expect(text(path)).toBe(before)
    const [forced] = await setUp(place, ['cursor'], { force: true })
    expect(forced?.change?.action).toBe('replace')
    expect(JSON.parse(text(path)).mcpServers.vapi).toEqual({ type: 'stdio', ...ourEntry })
  })

  it('is taken out alone: neighbours with similar names stay', async () => {
    const place = homeOf('linux')
    const path = put(cursorFile(place), '{"mcpServers": {"vapi-api": {"command": "x"}, "vapi-docs": {}}}')
    await setUp(place, ['cursor'])
    await takeOut(place, ['cursor'])
    expect(text(path)).toBe('{"mcpServers": {"vapi-api": {"command": "x"}, "vapi-docs": {}}}')
  })
})

describe('a project', () => {
  it('gets the program by its name where the PATH has it', async () => {
    const bin = homeOf('linux').home
    chmodSync(put(join(bin, 'vapi'), '#!/bin/sh\n'), 0o755)
    const place = homeOf('linux', { PATH: bin })
    await setUp(place, ['claude-code'], { scope: 'project' })
    expect(JSON.parse(text(join(place.project, '.mcp.json')))).toEqual({
      mcpServers: { vapi: { type: 'stdio', command: 'vapi', args: ['mcp', 'serve'] } },
    })
  })

  it('gets it by cmd /c on Windows, where it is a script', async () => {
    const bin = homeOf('win32').home
    chmodSync(put(join(bin, 'vapi.cmd'), ''), 0o755)
    const place = homeOf('win32', { PATH: bin })
    await setUp(place, ['vscode'], { scope: 'project' })
    expect(JSON.parse(text(join(place.project, '.vscode', 'mcp.json')))).toEqual({
      servers: { vapi: { type: 'stdio', command: 'cmd', args: ['/c', 'vapi', 'mcp', 'serve'] } },
    })
  })

  it('gets the paths of this machine where it is not, and that is said', async () => {
    const place = homeOf('linux')
    const [item] = await setUp(place, ['gemini'], { scope: 'project' })
    expect(JSON.parse(text(join(place.project, '.gemini', 'settings.json'))).mcpServers.vapi).toEqual(
      ourEntry,
    )
    expect(item?.notes).toEqual([expect.stringContaining('not on the PATH')])
  })

  it('is refused for a client that has no such file', async () => {
    const [item] = await setUp(homeOf('linux'), ['windsurf'], { scope: 'project' })
    expect(item?.fault).toMatchObject({ code: 'mcp-no-project-file' })
  })
})

describe('JetBrains', () => {
  it('has no file of AI Assistant’s: what to paste is told', async () => {
    const [item] = await setUp(homeOf('linux'), ['jetbrains'])
    expect(item).toMatchObject({ path: null, change: null })
    expect(JSON.parse(item?.manual?.text ?? '')).toEqual({ mcpServers: { vapi: ourEntry } })
  })

  it('has Junie’s where Junie is used', async () => {
    const place = homeOf('linux')
    mkdirSync(join(place.home, '.junie'))
    const [junie, byHand] = await setUp(place, ['jetbrains'])
    expect(junie?.path).toBe(join(place.home, '.junie', 'mcp', 'mcp.json'))
    expect(byHand?.manual).not.toBeNull()
  })
})

describe('the node and program of an entry', () => {
  it('are links on the PATH that survive an update, where there are such', async () => {
    const place = homeOf('linux')
    const node = put(join(place.home, 'Cellar', 'node', '24.1.0', 'bin', 'node'), '')
    const program = put(join(place.home, 'lib', 'vapi-toolchain', 'bin', 'vapi.js'), '')
    const bin = join(place.home, 'bin')
    mkdirSync(bin)
    symlinkSync(node, join(bin, 'node'))
    symlinkSync(program, join(bin, 'vapi'))
    const row = clients.filter(client => client.id === 'cursor')
    const options = { running: { node, program }, force: false }
    const [item] = await planSetup(row, 'user', { ...place, env: { PATH: bin } }, options)
    expect(item?.change?.entry).toMatchObject({
      command: join(bin, 'node'),
      args: [join(bin, 'vapi'), 'mcp', 'serve'],
    })
  })

  it('of the cache of npx are said to be gone some day', async () => {
    const row = clients.filter(client => client.id === 'cursor')
    const program = '/home/ada/.npm/_npx/abc/node_modules/vapi-toolchain/bin/vapi.js'
    const [item] = await planSetup(row, 'user', homeOf('linux'), {
      running: { ...running, program },
      force: false,
    })
    expect(item?.notes).toEqual([expect.stringContaining('cache of npx')])
  })
})

describe('what is shown of a file', () => {
  it('has no value of other programs in JSON, and as many lines', async () => {
    const before = JSON.stringify(
      {
        mcpServers: {
          db: { command: 'npx', args: ['--key', 'sk-secret-1'], env: { KEY: 'sk-secret-2' } },
          vapi: {
            command: '/n',
            args: ['/x/vapi.js', 'mcp', 'serve', '--token', 'sk-secret-3'],
            env: { A: 'sk-secret-4' },
          },
        },
      },
      null,
      2,
    ).replace('{', '{ // "old": "sk-secret-5-that-is-long"')
    const masked = await maskedText(before, { format: 'json', keys: ['mcpServers'] })
    expect(masked).not.toContain('secret')
    expect(masked).toContain('/x/vapi.js')
    expect(masked).toContain('"KEY": "…"')
    expect(masked.split('\n')).toHaveLength(before.split('\n').length)
  })

  it('has none in TOML either', async () => {
    const before =
      '# key sk-secret-0-that-is-long\nkey = "sk-secret-1"\n[mcp_servers.db]\nargs = [\n  "sk-secret-2",\n]\nenv = { KEY = "sk-secret-3" }\n[mcp_servers.vapi]\ncommand = "/n"\nargs = ["/x/vapi.js", "mcp", "serve"]\n[mcp_servers.vapi.env]\nA = "sk-secret-4"\n'
    const masked = await maskedText(before, { format: 'toml', keys: ['mcp_servers'] })
    expect(masked).not.toContain('secret')
    expect(masked).toContain('args = ["/x/vapi.js", "mcp", "serve"]')
    expect(masked.split('\n')).toHaveLength(before.split('\n').length)
  })
})
