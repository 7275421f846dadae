import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clients, rowsNamed } from '../../../src/mcp/setup/clients.ts'
import { filesOf, isDetected } from '../../../src/mcp/setup/plan.ts'
import type { Place } from '../../../src/mcp/setup/types.ts'
import { homeOf, put } from './home.ts'

/** A machine where nothing is. */
function bare(platform: NodeJS.Platform, env: Record<string, string> = {}): Place {
  const home = platform === 'win32' ? 'C:\\Users\\ada' : platform === 'darwin' ? '/Users/ada' : '/home/ada'
  const project = platform === 'win32' ? 'C:\\work\\app' : '/work/app'
  return { platform, env, home, project, exists: () => false, names: () => [] }
}

const files = (id: string, place: Place, scope: 'user' | 'project' = 'user') =>
  rowsNamed([id]).flatMap(row => filesOf(row, scope, place))

const mac = '/Users/ada/Library/Application Support'
const windows = 'C:\\Users\\ada\\AppData\\Roaming'

describe('the user’s file of a client', () => {
  it.each([
    ['cursor', 'linux', '/home/ada/.cursor/mcp.json'],
    ['cursor', 'darwin', '/Users/ada/.cursor/mcp.json'],
    ['cursor', 'win32', 'C:\\Users\\ada\\.cursor\\mcp.json'],
    ['windsurf', 'linux', '/home/ada/.codeium/windsurf/mcp_config.json'],
    ['windsurf', 'darwin', '/Users/ada/.codeium/windsurf/mcp_config.json'],
    ['windsurf', 'win32', 'C:\\Users\\ada\\.codeium\\windsurf\\mcp_config.json'],
    ['vscode', 'linux', '/home/ada/.config/Code/User/mcp.json'],
    ['vscode', 'darwin', `${mac}/Code/User/mcp.json`],
    ['vscode', 'win32', `${windows}\\Code\\User\\mcp.json`],
    ['claude-code', 'linux', '/home/ada/.claude.json'],
    ['claude-code', 'darwin', '/Users/ada/.claude.json'],
    ['claude-code', 'win32', 'C:\\Users\\ada\\.claude.json'],
    ['claude-desktop', 'linux', '/home/ada/.config/Claude/claude_desktop_config.json'],
    ['claude-desktop', 'darwin', `${mac}/Claude/claude_desktop_config.json`],
    ['claude-desktop', 'win32', `${windows}\\Claude\\claude_desktop_config.json`],
    ['codex', 'linux', '/home/ada/.codex/config.toml'],
    ['codex', 'darwin', '/Users/ada/.codex/config.toml'],
    ['codex', 'win32', 'C:\\Users\\ada\\.codex\\config.toml'],
    ['zed', 'linux', '/home/ada/.config/zed/settings.json'],
    ['zed', 'darwin', '/Users/ada/.config/zed/settings.json'],
    ['zed', 'win32', `${windows}\\Zed\\settings.json`],
    ['cline', 'linux', '/home/ada/.cline/data/settings/cline_mcp_settings.json'],
    ['cline', 'darwin', '/Users/ada/.cline/data/settings/cline_mcp_settings.json'],
    ['cline', 'win32', 'C:\\Users\\ada\\.cline\\data\\settings\\cline_mcp_settings.json'],
    ['gemini', 'linux', '/home/ada/.gemini/settings.json'],
    ['gemini', 'darwin', '/Users/ada/.gemini/settings.json'],
    ['gemini', 'win32', 'C:\\Users\\ada\\.gemini\\settings.json'],
  ] as const)('%s on %s is %s', (id, platform, file) => {
    expect(files(id, bare(platform))).toEqual([file])
  })

  it.each([
    ['vscode', 'linux', { XDG_CONFIG_HOME: '/cfg' }, '/cfg/Code/User/mcp.json'],
    ['zed', 'linux', { XDG_CONFIG_HOME: '/cfg' }, '/cfg/zed/settings.json'],
    ['zed', 'darwin', { XDG_CONFIG_HOME: '/cfg' }, '/Users/ada/.config/zed/settings.json'],
    ['vscode', 'linux', { XDG_CONFIG_HOME: 'relative' }, '/home/ada/.config/Code/User/mcp.json'],
    ['vscode', 'win32', { APPDATA: 'D:\\Roaming' }, 'D:\\Roaming\\Code\\User\\mcp.json'],
    ['vscode', 'linux', { VSCODE_PORTABLE: '/usb/data' }, '/usb/data/user-data/User/mcp.json'],
    ['codex', 'linux', { CODEX_HOME: '/srv/codex' }, '/srv/codex/config.toml'],
    ['claude-code', 'linux', { CLAUDE_CONFIG_DIR: '/srv/claude' }, '/srv/claude/.claude.json'],
    ['gemini', 'linux', { GEMINI_CLI_HOME: '/srv/g' }, '/srv/g/.gemini/settings.json'],
    ['cline', 'linux', { CLINE_DIR: '/srv/c' }, '/srv/c/settings/cline_mcp_settings.json'],
    ['cline', 'linux', { CLINE_MCP_SETTINGS_PATH: '/srv/own.json' }, '/srv/own.json'],
  ] as const)('%s on %s with %o is %s', (id, platform, env, file) => {
    expect(files(id, bare(platform, env))).toEqual([file])
  })

  it('is each variant’s that is used here', () => {
    const place = homeOf('linux')
    for (const name of ['Code', 'Code - Insiders'])
      mkdirSync(join(place.home, '.config', name, 'User'), { recursive: true })
    expect(files('vscode', place)).toEqual([
      join(place.home, '.config/Code/User/mcp.json'),
      join(place.home, '.config/Code - Insiders/User/mcp.json'),
    ])
  })

  it('is that of the Windows package too, which reads a folder of its own', () => {
    const place = homeOf('win32')
    const own = join(place.home, 'AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude')
    mkdirSync(own, { recursive: true })
    expect(files('claude-desktop', place)).toEqual([join(own, 'claude_desktop_config.json')])
    mkdirSync(join(place.home, 'AppData/Roaming/Claude'), { recursive: true })
    expect(files('claude-desktop', place)).toHaveLength(2)
  })

  it('is the old place of Cline’s too where that is used', () => {
    const place = homeOf('darwin')
    const old = 'Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings'
    const file = put(join(place.home, old, 'cline_mcp_settings.json'), '{}')
    expect(files('cline', place)).toEqual([file])
  })
})

it.each([
  ['cursor', '/work/app/.cursor/mcp.json'],
  ['vscode', '/work/app/.vscode/mcp.json'],
  ['claude-code', '/work/app/.mcp.json'],
  ['codex', '/work/app/.codex/config.toml'],
  ['zed', '/work/app/.zed/settings.json'],
  ['jetbrains', '/work/app/.junie/mcp/mcp.json'],
  ['gemini', '/work/app/.gemini/settings.json'],
])('a project’s file of %s is %s', (id, file) => {
  expect(files(id, bare('linux'), 'project')).toEqual([file])
})

it.each(['windsurf', 'claude-desktop', 'cline'])('%s has no file of a project', id => {
  expect(files(id, bare('linux'), 'project')).toEqual([])
})

describe('a client is found', () => {
  it.each([
    ['cursor', 'linux', '.cursor'],
    ['windsurf', 'linux', '.codeium/windsurf'],
    ['vscode', 'darwin', 'Library/Application Support/Code/User'],
    ['vscode', 'win32', 'AppData/Roaming/Code/User'],
    ['claude-code', 'linux', '.claude'],
    ['claude-desktop', 'darwin', 'Library/Application Support/Claude'],
    ['codex', 'win32', '.codex'],
    ['zed', 'linux', '.config/zed'],
    ['cline', 'linux', '.cline'],
    ['jetbrains', 'linux', '.config/JetBrains'],
    ['jetbrains', 'win32', 'AppData/Roaming/JetBrains'],
    ['gemini', 'linux', '.gemini'],
  ] as const)('%s on %s by %s', (id, platform, folder) => {
    const place = homeOf(platform)
    expect(clients.filter(row => isDetected(row, place))).toEqual([])
    mkdirSync(join(place.home, folder), { recursive: true })
    expect(clients.filter(row => isDetected(row, place)).map(row => row.id)).toEqual([id])
  })
})

it('an unknown client is named with the nearest one', () => {
  expect(() => rowsNamed(['cursr'])).toThrow(
    expect.objectContaining({ exit: 2, hint: expect.stringContaining('did you mean cursor') }),
  )
})
