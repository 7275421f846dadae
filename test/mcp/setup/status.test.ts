import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rowsNamed } from '../../../src/mcp/setup/clients.ts'
import { statusOf } from '../../../src/mcp/setup/status.ts'
import type { Place } from '../../../src/mcp/setup/types.ts'
import { packageFile } from '../../../src/package-root.ts'
import { homeOf, put } from './home.ts'

const servers = (entry: object) => JSON.stringify({ mcpServers: { vapi: entry } })

/** The small server in place of the program. */
function tinyServer(place: Place): string {
  const path = join(place.home, 'lib', 'vapi.js')
  mkdirSync(dirname(path), { recursive: true })
  copyFileSync(packageFile('test', 'support', 'tiny-mcp-server.cjs'), path)
  return path
}

function entryOf(place: Place, mode: string, more: object = {}) {
  return { command: process.execPath, args: [tinyServer(place), 'mcp', 'serve', mode], ...more }
}

async function status(place: Place, ids: string[], limitMs?: number) {
  return statusOf(rowsNamed(ids), place, {
    running: { node: process.execPath, program: join(place.home, 'lib', 'vapi.js') },
    signal: new AbortController().signal,
    ...(limitMs !== undefined && { limitMs }),
  })
}

async function ofCursor(mode: string, { limitMs, more = {} }: { limitMs?: number; more?: object } = {}) {
  const place = homeOf('linux')
  put(join(place.home, '.cursor', 'mcp.json'), servers(entryOf(place, mode, more)))
  const [row] = await status(place, ['cursor'], limitMs)
  return row
}

describe('the status of a client', () => {
  it('is that of a server that works, with its version and all its tools', async () => {
    expect(await ofCursor('good')).toMatchObject({
      client: 'cursor',
      entry: 'ours',
      works: true,
      why: null,
      server: { name: 'tiny', version: '1.2.3' },
      tools: 5,
    })
  })

  it('is asked of the server with the environment of the entry', async () => {
    const row = await ofCursor('good', { more: { env: { TINY_NAME: 'from the entry' } } })
    expect(row?.server?.name).toBe('from the entry')
  })

  it('is good too where the server has no tools, or asks something itself', async () => {
    expect(await ofCursor('toolless')).toMatchObject({ works: true, tools: null })
    expect(await ofCursor('asks')).toMatchObject({ works: true, tools: 5 })
  })

  it.each([
    ['dies', 'it ended with 7: no index was found'],
    ['noisy', 'something else than the protocol: Server listening'],
    ['refuses', 'answered with an error: not this version'],
    ['stays', 'does not end when its input is closed'],
  ])('says what is wrong with a server that %s', async (mode, why) => {
    expect(await ofCursor(mode)).toMatchObject({ works: false, why: expect.stringContaining(why) })
  })

  it.each(['silent', 'stubborn'])('waits for a %s server only so long', async mode => {
    expect(await ofCursor(mode, { limitMs: 400 })).toMatchObject({
      works: false,
      why: 'no answer within 0.4 s',
    })
  })

  it('says where the program is gone', async () => {
    const place = homeOf('linux')
    const entry = { command: '/gone/node', args: ['/gone/vapi.js', 'mcp', 'serve'] }
    put(
      join(place.home, '.codex', 'config.toml'),
      `[mcp_servers.vapi]\ncommand = "/gone/node"\nargs = ${JSON.stringify(entry.args)}\n`,
    )
    expect(await status(place, ['codex'])).toMatchObject([
      { works: false, why: expect.stringContaining('it cannot be started') },
    ])
  })

  it('is known without a start where there is nothing of ours', async () => {
    const place = homeOf('linux')
    const mark = join(place.home, 'started')
    put(join(place.home, '.cursor', 'mcp.json'), '{"mcpServers": {}}')
    put(join(place.home, '.gemini', 'settings.json'), servers({ command: 'touch', args: [mark] }))
    put(join(place.home, '.codeium', 'windsurf', 'mcp_config.json'), '{ broken')
    const off = servers(entryOf(place, 'good', { disabled: true }))
    put(join(place.home, '.cline', 'data', 'settings', 'cline_mcp_settings.json'), off)
    expect(await status(place, ['cursor', 'gemini', 'windsurf', 'cline', 'jetbrains'])).toMatchObject([
      { entry: 'absent', works: null },
      { entry: 'other', works: null, command: ['touch'] },
      { entry: 'unreadable', works: null, why: expect.stringContaining('line 1') },
      { entry: 'ours', works: null, why: 'the client has it switched off' },
      { entry: 'manual', works: null },
    ])
    expect(existsSync(mark)).toBe(false)
  })

  it('starts of a project’s files only what this program writes', async () => {
    const place = homeOf('linux')
    const mark = join(place.home, 'started')
    const evil = put(join(place.project, 'vapi'), `#!/bin/sh\ntouch ${mark}\n`)
    chmodSync(evil, 0o755)
    put(join(place.project, '.mcp.json'), servers({ command: evil, args: ['mcp', 'serve'] }))
    const own = entryOf(place, 'good')
    put(join(place.project, '.cursor', 'mcp.json'), servers(own))
    put(join(place.project, '.gemini', 'settings.json'), servers({ ...own, env: { NODE_OPTIONS: '-r ./x' } }))
    const rows = await status(place, ['claude-code', 'cursor', 'gemini'])
    expect(rows.filter(({ scope }) => scope === 'project')).toMatchObject([
      { client: 'claude-code', entry: 'ours', works: null, why: expect.stringContaining('not started') },
      { client: 'cursor', works: true },
      { client: 'gemini', works: null, why: expect.stringContaining('not started') },
    ])
    expect(existsSync(mark)).toBe(false)
  })

  it('shows no secret of a command line', async () => {
    const place = homeOf('linux')
    const entry = entryOf(place, 'good')
    const args = [...entry.args.slice(0, 3), '--token', 'sk-secret', 'good']
    put(join(place.home, '.cursor', 'mcp.json'), servers({ ...entry, args }))
    expect(JSON.stringify(await status(place, ['cursor']))).not.toContain('sk-secret')
  })
})
