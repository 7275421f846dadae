/** How clients start this program. */
import { accessSync, constants, realpathSync } from 'node:fs'
import { under } from './places.ts'
import type { Launch, Place, Scope } from './types.ts'

/** What is running now. */
export interface Running {
  /** Node's own path. */
  node: string
  /** The path of `bin/vapi.js`. */
  program: string
}

const SERVE = ['mcp', 'serve'] as const

/**
 * The command of an entry. The user's own files get Node and the program by absolute paths: editors that are started from a desktop do
 * not have the PATH of a shell, version managers least of all, and a `vapi` of npm on Windows is a script that not every client can
 * start. Both are named by a link on the PATH where there is one (`/opt/homebrew/bin/node`), because that survives an update of what it
 * leads to. A project's file is shared, so it names `vapi` alone where the PATH has it; on Windows that needs `cmd /c`.
 */
export function launchOf(
  scope: Scope,
  running: Running,
  place: Place,
  { absolute }: { absolute: boolean },
): { launch: Launch; notes: string[] } {
  const isShared = scope === 'project' && !absolute
  if (isShared && findProgram('vapi', place) !== null) {
    const launch =
      place.platform === 'win32'
        ? { command: 'cmd', args: ['/c', 'vapi', ...SERVE] }
        : { command: 'vapi', args: [...SERVE] }
    return { launch, notes: [] }
  }
  const node = stableName(running.node, ['node', 'node.exe'], place)
  const program = stableName(running.program, ['vapi'], place)
  const notes = isShared
    ? ['vapi is not on the PATH, so the file names paths of this machine; others cannot use it like that']
    : []
  if (/[\\/]_npx[\\/]/.test(program))
    notes.push(
      'this vapi runs from the cache of npx, which may be emptied: install it, then run vapi mcp setup again',
    )
  return { launch: { command: node, args: [program, ...SERVE] }, notes }
}

/** A program of that name on the PATH: its path there; null where there is none. */
export function findProgram(name: string, { env, platform }: Place): string | null {
  const isWindows = platform === 'win32'
  const names = isWindows ? [`${name}.exe`, `${name}.cmd`, `${name}.bat`] : [name]
  for (const folder of foldersOfPath(env.PATH ?? env.Path, isWindows))
    for (const file of names) {
      const path = under(folder, file)
      if (mayRun(path)) return path
    }
  return null
}

function foldersOfPath(path: string | undefined, isWindows: boolean): string[] {
  const folders = (path ?? '').split(isWindows ? ';' : ':').map(folder => folder.replaceAll('"', ''))
  return folders.filter(folder => (isWindows ? /^([a-z]:)?[\\/]/i : /^\//).test(folder))
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first link on the PATH that leads to it; folders that last as long as a shell or a package's scripts do not count. */
function stableName(path: string, names: readonly string[], { env, platform }: Place): string {
  const real = realPath(path) ?? path
  for (const folder of foldersOfPath(env.PATH ?? env.Path, platform === 'win32')) {
    if (/fnm_multishells|node_modules[\\/]\.bin/i.test(`${folder}/`)) continue
    for (const name of names) {
      const candidate = under(folder, name)
      if (realPath(candidate) === real) return candidate
    }
  }
  return path
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}
