import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cleanEnvironment, temporaryFolder, vapi } from '../../support/program.ts'
import { startInTerminal } from '../../support/terminal.ts'
import { put } from './home.ts'

/** A home with Cursor, Codex and Gemini CLI, and nothing of the machine's own programs on the PATH. */
function home() {
  const folder = temporaryFolder()
  const cursor = put(
    join(folder, '.cursor', 'mcp.json'),
    '{\n  // mine\n  "mcpServers": {\n    "db": { "env": { "KEY": "sk-secret-1" } }\n  }\n}\n',
  )
  const codex = put(join(folder, '.codex', 'config.toml'), 'model = "x"\n')
  const gemini = put(join(folder, '.gemini', 'settings.json'), '{ "mcpServers": \n')
  const project = join(folder, 'project')
  mkdirSync(project)
  const env = { HOME: folder, USERPROFILE: folder, PATH: '/nowhere', XDG_CONFIG_HOME: '', APPDATA: '' }
  return { cursor, codex, gemini, options: { env, cwd: project } }
}

const text = (path: string) => readFileSync(path, 'utf8')

describe('the built program', () => {
  it('shows what it would change and changes nothing', async () => {
    const { cursor, options } = home()
    const before = text(cursor)
    const { stdout, stderr, code } = await vapi(['mcp', 'setup', 'cursor', '--dry-run'], options)
    expect(code).toBe(0)
    expect(stdout).toContain('+    "vapi": {')
    expect(stdout).toContain('   // mine')
    expect(stdout).not.toContain('secret')
    expect(stderr).toContain('Nothing was changed')
    expect(text(cursor)).toBe(before)
  })

  it('sets up what it finds, leaves a broken file and says so with exit 1, and takes all out again', async () => {
    const { cursor, codex, gemini, options } = home()
    const before = [cursor, codex, gemini].map(text)
    const first = await vapi(['mcp', 'setup', '--yes', '--json'], options)
    expect(first.code).toBe(1)
    const { clients } = JSON.parse(first.stdout)
    expect(clients).toMatchObject([
      { client: 'cursor', action: 'add', done: true, backup: `${cursor}.backup`, error: null },
      { client: 'codex', action: 'add', done: true },
      { client: 'gemini', action: 'failed', done: false, error: { code: 'mcp-file-broken' } },
    ])
    expect(JSON.parse(first.stderr).error.message).toContain('line 2, column 1')
    expect(first.stdout + first.stderr).not.toContain('secret')
    expect(text(codex)).toContain('[mcp_servers.vapi]')
    expect(text(gemini)).toBe(before[2])

    const second = await vapi(['mcp', 'setup', 'cursor', 'codex', '--yes'], options)
    expect(second).toMatchObject({ code: 0, stdout: '' })
    expect(second.stderr).toContain('Nothing to change')

    const last = await vapi(['mcp', 'remove', 'cursor', 'codex', '--yes'], options)
    expect(last.code).toBe(0)
    expect(last.stdout).toContain(`removed   Cursor: ${cursor}`)
    expect([cursor, codex, gemini].map(text)).toEqual(before)
  })

  it('asks for --yes where nobody can be asked', async () => {
    const { cursor, options } = home()
    const { code, stderr } = await vapi(['mcp', 'setup', 'cursor'], options)
    expect(code).toBe(2)
    expect(stderr).toContain('--yes')
    expect(existsSync(`${cursor}.backup`)).toBe(false)
  })

  it('says that it found no client, and which there are', async () => {
    const env = { HOME: temporaryFolder(), PATH: '/nowhere', XDG_CONFIG_HOME: '' }
    const { code, stderr } = await vapi(['mcp', 'setup', '--yes'], { env })
    expect(code).toBe(2)
    for (const id of ['cursor', 'vscode', 'claude-code', 'jetbrains', 'gemini']) expect(stderr).toContain(id)
  })

  it('tells the status, with exit 3 where something is broken', async () => {
    const { options } = home()
    const { code, stdout } = await vapi(['mcp', 'status', '--json'], options)
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject([
      { client: 'cursor', entry: 'absent' },
      { client: 'codex', entry: 'absent' },
      { client: 'gemini', entry: 'unreadable' },
    ])
  })

  it.skipIf(process.platform === 'win32')('asks once at a terminal; no leaves all as it is', async () => {
    const { cursor, codex, options } = home()
    const before = [cursor, codex].map(text)
    const no = startInTerminal(['mcp', 'setup', 'cursor', 'codex'], {
      ...options,
      env: cleanEnvironment(options.env),
    })
    await no.waitFor('Change these 2 files?')
    no.type('n')
    no.press('enter')
    expect((await no.finished).code).toBe(1)
    expect([cursor, codex].map(text)).toEqual(before)
    const yes = startInTerminal(['mcp', 'setup', 'cursor', 'codex'], {
      ...options,
      env: cleanEnvironment(options.env),
    })
    await yes.waitFor('Change these 2 files?')
    yes.press('enter')
    await yes.waitFor(`added     Codex: ${codex}`)
    expect((await yes.finished).code).toBe(0)
    expect(text(codex)).toContain('[mcp_servers.vapi]')
  })
})
