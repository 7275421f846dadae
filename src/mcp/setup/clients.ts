/**
 * The clients, one row each. The facts are those of the makers' pages named in the rows, as of November 2026; what is known only from
 * reports is marked so. Codex and Gemini CLI have a command of their own too, which is not asked: `codex mcp add` writes every server
 * anew and drops comments and unknown keys (openai/codex issue 45432), `gemini mcp add` has replaced whole files
 * (google-gemini/gemini-cli issue 7840). An edit in place keeps all of it.
 */
import { closest } from '../../closest.ts'
import { usageError } from '../../errors.ts'
import { absolute, appData, configHome, inHome, localData, roaming, under } from './places.ts'
import { type Candidate, type ClientRow, ENTRY_NAME, type Place } from './types.ts'

const SHARED = { format: 'json', keys: ['mcpServers'], typed: false, absolute: false, programs: [] } as const

/** VS Code and the variants of it that keep a folder of their own. */
function codeFolders(place: Place, names: readonly string[]): string[] {
  const portable = absolute(place.env.VSCODE_PORTABLE)
  const own = portable === undefined ? [] : [under(portable, 'user-data', 'User')]
  return [...own, ...names.map(name => appData(place, name, 'User'))]
}

const CLINE_FILE = 'cline_mcp_settings.json'

/** One place for all since Cline's settings moved (cline/cline pull request 9630); older ones are in the editors' folders. */
function clineFiles(place: Place): Candidate[] {
  const named = absolute(place.env.CLINE_MCP_SETTINGS_PATH)
  if (named !== undefined) return [{ file: named, mark: named }]
  const data = absolute(place.env.CLINE_DIR) ?? inHome(place, '.cline', 'data')
  const editors = codeFolders(place, ['Code', 'Code - Insiders', 'VSCodium', 'Cursor', 'Windsurf'])
  const older = editors.map(folder => under(folder, 'globalStorage', 'saoudrizwan.claude-dev'))
  return [
    { file: under(data, 'settings', CLINE_FILE), mark: data },
    ...older.map(mark => ({
      file: under(mark, 'settings', CLINE_FILE),
      mark: under(mark, 'settings', CLINE_FILE),
    })),
  ]
}

/** Installed as a Windows package it reads a copy of the roaming folder of its own (anthropics/claude-code issue 26073). */
function claudeDesktopFolders(place: Place): string[] {
  const usual = appData(place, 'Claude')
  if (place.platform !== 'win32') return [usual]
  const packages = localData(place, 'Packages')
  const own = place.names(packages).filter(name => /^Claude_/i.test(name))
  return [usual, ...own.map(name => under(packages, name, 'LocalCache', 'Roaming', 'Claude'))]
}

function claudeCodeFile(place: Place): string {
  const folder = absolute(place.env.CLAUDE_CONFIG_DIR)
  return folder === undefined ? inHome(place, '.claude.json') : under(folder, '.claude.json')
}

function zedFolder(place: Place): string {
  if (place.platform === 'win32') return roaming(place, 'Zed')
  return place.platform === 'darwin' ? inHome(place, '.config', 'zed') : configHome(place, 'zed')
}

function codexFolder(place: Place): string {
  return absolute(place.env.CODEX_HOME) ?? inHome(place, '.codex')
}

export const clients: readonly ClientRow[] = [
  {
    // cursor.com/docs/mcp
    ...SHARED,
    id: 'cursor',
    label: 'Cursor',
    typed: true,
    marks: place => [inHome(place, '.cursor')],
    userFiles: place => [{ file: inHome(place, '.cursor', 'mcp.json'), mark: inHome(place, '.cursor') }],
    projectFile: ({ project }) => under(project, '.cursor', 'mcp.json'),
  },
  {
    // docs.devin.ai/desktop/cascade/mcp (before: docs.windsurf.com/windsurf/cascade/mcp)
    ...SHARED,
    id: 'windsurf',
    label: 'Windsurf',
    marks: place => [inHome(place, '.codeium', 'windsurf')],
    userFiles: place => [
      {
        file: inHome(place, '.codeium', 'windsurf', 'mcp_config.json'),
        mark: inHome(place, '.codeium', 'windsurf'),
      },
    ],
    projectFile: null,
  },
  {
    // code.visualstudio.com/docs/copilot/reference/mcp-configuration; the user's folder: .../docs/getstarted/settings
    ...SHARED,
    id: 'vscode',
    label: 'VS Code',
    keys: ['servers'],
    typed: true,
    marks: place => [...codeFolders(place, ['Code', 'Code - Insiders']), inHome(place, '.vscode')],
    userFiles: place =>
      codeFolders(place, ['Code', 'Code - Insiders']).map(mark => ({ file: under(mark, 'mcp.json'), mark })),
    projectFile: ({ project }) => under(project, '.vscode', 'mcp.json'),
    own: file => ({
      program: /Code - Insiders/.test(file) ? 'code-insiders' : 'code',
      add: entry => [['--add-mcp', JSON.stringify({ name: ENTRY_NAME, ...entry })]],
      remove: null,
      // Other editors made of VS Code bring a `code` too.
      impostor: /cursor|windsurf|codium|trae|kiro|antigravity|devin/i,
    }),
    caution: (_place, scope) =>
      scope === 'user'
        ? 'a profile of VS Code other than the default one has a file of its own (MCP: Open User Configuration)'
        : null,
  },
  {
    // code.claude.com/docs/en/mcp. The user's file is the state of a running program, which writes it again and again
    // (anthropics/claude-code issue 65463), so its own command is asked where it is there.
    ...SHARED,
    id: 'claude-code',
    label: 'Claude Code',
    typed: true,
    programs: ['claude'],
    marks: place => [claudeCodeFile(place), inHome(place, '.claude')],
    userFiles: place => [{ file: claudeCodeFile(place), mark: claudeCodeFile(place) }],
    projectFile: ({ project }) => under(project, '.mcp.json'),
    own: () => {
      const remove = ['mcp', 'remove', '--scope', 'user', ENTRY_NAME]
      return {
        program: 'claude',
        add: (entry, wasThere) => [
          ...(wasThere ? [remove] : []),
          ['mcp', 'add-json', '--scope', 'user', ENTRY_NAME, JSON.stringify(entry)],
        ],
        remove,
      }
    },
    after: { project: 'Claude Code asks in the project whether it may start the server' },
  },
  {
    // modelcontextprotocol.io/docs/develop/connect-local-servers
    ...SHARED,
    id: 'claude-desktop',
    label: 'Claude Desktop',
    absolute: true,
    marks: claudeDesktopFolders,
    userFiles: place =>
      claudeDesktopFolders(place).map(mark => ({ file: under(mark, 'claude_desktop_config.json'), mark })),
    projectFile: null,
    caution: ({ platform }) =>
      platform === 'darwin' || platform === 'win32'
        ? null
        : 'this file is documented for macOS and Windows alone; on Linux it is where reports say it is',
    after: { user: 'quit Claude Desktop and start it again' },
  },
  {
    // developers.openai.com/codex/mcp and /codex/config-basic
    id: 'codex',
    label: 'Codex',
    format: 'toml',
    keys: ['mcp_servers'],
    typed: false,
    absolute: false,
    programs: ['codex'],
    marks: place => [codexFolder(place)],
    userFiles: place => [{ file: under(codexFolder(place), 'config.toml'), mark: codexFolder(place) }],
    projectFile: ({ project }) => under(project, '.codex', 'config.toml'),
    after: { project: 'Codex reads it in projects that you trust' },
  },
  {
    // zed.dev/docs/ai/mcp and zed.dev/docs/configuring-zed. Since November 2025 entries have no `source` (migration m_2025_11_25).
    ...SHARED,
    id: 'zed',
    label: 'Zed',
    keys: ['context_servers'],
    marks: place => [zedFolder(place)],
    userFiles: place => [{ file: under(zedFolder(place), 'settings.json'), mark: zedFolder(place) }],
    projectFile: ({ project }) => under(project, '.zed', 'settings.json'),
    after: { project: 'Zed starts it in projects that you trust' },
  },
  {
    // docs.cline.bot/mcp/mcp-overview
    ...SHARED,
    id: 'cline',
    label: 'Cline',
    programs: ['cline'],
    marks: place => [inHome(place, '.cline'), ...clineFiles(place).map(({ mark }) => mark)],
    userFiles: clineFiles,
    projectFile: null,
  },
  {
    // www.jetbrains.com/help/ai-assistant/mcp.html: settings alone, no file. Junie has files: junie.jetbrains.com/docs/junie-cli-mcp-configuration.html
    ...SHARED,
    id: 'jetbrains',
    label: 'JetBrains',
    marks: place => [appData(place, 'JetBrains'), inHome(place, '.junie')],
    userFiles: place => {
      const mark = inHome(place, '.junie')
      return place.exists(mark) ? [{ file: under(mark, 'mcp', 'mcp.json'), mark }] : []
    },
    projectFile: ({ project }) => under(project, '.junie', 'mcp', 'mcp.json'),
    manual: entry => ({
      where:
        'AI Assistant in JetBrains IDEs: Settings | Tools | AI Assistant | Model Context Protocol (MCP) | Add, STDIO',
      text: JSON.stringify({ mcpServers: { [ENTRY_NAME]: entry } }, null, 2),
    }),
  },
  {
    // github.com/google-gemini/gemini-cli/blob/main/docs/tools/mcp-server.md
    ...SHARED,
    id: 'gemini',
    label: 'Gemini CLI',
    programs: ['gemini'],
    marks: place => [geminiFolder(place)],
    userFiles: place => [{ file: under(geminiFolder(place), 'settings.json'), mark: geminiFolder(place) }],
    projectFile: ({ project }) => under(project, '.gemini', 'settings.json'),
  },
]

/** `GEMINI_CLI_HOME` stands for the home folder. */
function geminiFolder(place: Place): string {
  return under(absolute(place.env.GEMINI_CLI_HOME) ?? place.home, '.gemini')
}

/** The rows of these ids, each once. Throws a usage error for an unknown one. */
export function rowsNamed(ids: readonly string[]): ClientRow[] {
  return [...new Set(ids)].map(id => {
    const row = clients.find(client => client.id === id.toLowerCase())
    if (row !== undefined) return row
    const known = clients.map(client => client.id)
    const near = closest(id, known)
    throw usageError(
      `there is no client ${id}`,
      near === null ? `there are ${known.join(', ')}` : `did you mean ${near}? There are ${known.join(', ')}`,
    )
  })
}
