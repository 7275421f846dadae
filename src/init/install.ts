import type { Writable } from 'node:stream'
import { execa } from 'execa'
import { systemCodeOf } from '../errors.ts'
import type { InstallStep, PackageManager } from './types.ts'

export interface InstallOptions {
  /** The project's folder. */
  folder: string
  env: Readonly<Record<string, string | undefined>>
  /** Takes all that the package manager says. */
  output: Writable
  signal: AbortSignal
}

export interface Installed {
  /** The one that ran last: the step's own or what it has in its stead. */
  command: readonly string[]
  status: 'done' | 'failed'
  /** Why it failed, in words. */
  reason?: string
}

/** Runs a package manager's command in the project. A command that fails is told, not thrown; Ctrl-C is thrown as what the signal carries. */
export async function runInstall(step: InstallStep, options: InstallOptions): Promise<Installed> {
  const own = await runProgram(step.command, options)
  if (own !== 'missing') return own
  const { instead } = step
  const other = instead === null ? 'missing' : await runProgram(instead, options)
  if (other !== 'missing') return other
  const [program] = instead ?? step.command
  return { command: step.command, status: 'failed', reason: `the program ${program} is not installed` }
}

async function runProgram(
  command: readonly [string, ...string[]],
  { folder, env, output, signal }: InstallOptions,
): Promise<Installed | 'missing'> {
  const [program, ...programArguments] = command
  const running = execa(program, programArguments, {
    cwd: folder,
    env,
    extendEnv: false,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    cancelSignal: signal,
  })
  running.stdout.pipe(output, { end: false })
  running.stderr.pipe(output, { end: false })
  const result = await running
  signal.throwIfAborted()
  if (!result.failed) return { command, status: 'done' }
  if (systemCodeOf(result) === 'ENOENT') return 'missing'
  const reason = result.exitCode === undefined ? result.shortMessage : `it ended with ${result.exitCode}`
  return { command, status: 'failed', reason }
}

/** The files that a package manager writes when it adds something, below the folder that it keeps them in. */
const LOCK_FILES: Readonly<Partial<Record<PackageManager['id'], readonly string[]>>> = {
  npm: ['package-lock.json', 'npm-shrinkwrap.json'],
  pnpm: ['pnpm-lock.yaml', 'pnpm-workspace.yaml'],
  yarn: ['yarn.lock', '.pnp.cjs', '.pnp.loader.mjs'],
  bun: ['bun.lock', 'bun.lockb'],
  deno: ['deno.lock', 'deno.json'],
  uv: ['uv.lock'],
  poetry: ['poetry.lock'],
  pdm: ['pdm.lock'],
  pipenv: ['Pipfile', 'Pipfile.lock'],
  go: ['go.mod', 'go.sum'],
  bundler: ['Gemfile', 'Gemfile.lock'],
  composer: ['composer.json', 'composer.lock'],
  pub: ['pubspec.yaml', 'pubspec.lock'],
}

/** What of the user's files an installation changes, relative to the project's folder. */
export function filesOfInstall(manager: PackageManager, manifest: string | null): string[] {
  const locks = LOCK_FILES[manager.id] ?? []
  const inFolder = (name: string) => (manager.folder === '' ? name : `${manager.folder}/${name}`)
  return [...new Set([...(manifest === null ? [] : [manifest]), ...locks, ...locks.map(inFolder)])]
}
