import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { packageFile } from '../../../src/package-root.ts'
import { temporaryFolder, vapi } from '../../support/program.ts'

export const SECRET = 'a secret of the test'

export interface WrittenProject {
  root: string
  /** What `vapi init --json` printed. */
  report: {
    framework: string
    variant: string | null
    files: { path: string; action: string }[]
    byHand: { path: string; text: string }[]
    next: string[]
    warnings: string[]
    installs: { command: string[] }[]
  }
  text(path: string): string
}

/** A copy of a template's project, changed first where asked for, and then written into by the built program. */
export async function writtenProject(
  template: string,
  { prepare = () => {}, flags = [] }: { prepare?: (root: string) => void; flags?: readonly string[] } = {},
): Promise<WrittenProject> {
  const root = temporaryFolder()
  cpSync(packageFile('templates', 'init', template, 'project'), root, { recursive: true })
  prepare(root)
  const { stdout, stderr, code } = await vapi(['init', '--json', '--skip-install', ...flags], { cwd: root })
  if (code !== 0) throw new Error(`vapi init ended with ${code}: ${stderr}`)
  return { root, report: JSON.parse(stdout), text: path => readFileSync(join(root, path), 'utf8') }
}

/** Puts another text into a file of a project. */
export function rewrite(root: string, path: string, change: (text: string) => string): void {
  const file = join(root, path)
  writeFileSync(file, change(existsSync(file) ? readFileSync(file, 'utf8') : ''))
}

/** The folder whose node_modules has what the projects need: the named one, else that of this repository. */
function packagesFolder(): string {
  return process.env.VAPI_TEMPLATE_PACKAGES ?? packageFile()
}

/** Why a project cannot be compiled here, or false: its packages are too large to be installed for our tests alone. */
export function requiresPackages(...names: string[]): string | false {
  const missing = names.filter(name => !existsSync(join(packagesFolder(), 'node_modules', name)))
  if (missing.length === 0) return false
  return `not installed here: ${missing.join(', ')} (npm run test:frameworks has them)`
}

/** What TypeScript says to a project, '' where nothing is wrong. */
export function typeErrors(root: string, ...flags: readonly string[]): string {
  linkPackages(root)
  const compiler = packageFile('node_modules', 'typescript', 'bin', 'tsc')
  return spawnSync(process.execPath, [compiler, '--noEmit', '-p', '.', ...flags], {
    cwd: root,
    encoding: 'utf8',
  }).stdout.trim()
}

export function linkPackages(root: string): void {
  if (!existsSync(join(root, 'node_modules')))
    symlinkSync(join(packagesFolder(), 'node_modules'), join(root, 'node_modules'))
}

/** Starts a server that prints its port, and gives its address. It ends with the test. */
export function startServer(
  root: string,
  command: readonly [string, ...string[]],
  port: RegExp,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const [program, ...programArguments] = command
  const child = spawn(program, programArguments, {
    cwd: root,
    env: { PATH: process.env.PATH, PORT: '0', VAPI_WEBHOOK_SECRET: SECRET, ...env },
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    let text = ''
    const take = (piece: Buffer) => {
      text += piece
      const found = port.exec(text)?.[1]
      if (found !== undefined) resolve(`http://127.0.0.1:${found}`)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', reject)
    child.on('close', () => reject(new Error(`the server ended: ${text}`)))
  })
}

/** Sends an event as the platform does; what `vapi trigger` found, and how it ended. */
export async function trigger(event: string, to: string, secret = SECRET) {
  const { stdout, stderr, code } = await vapi(['trigger', event, '--to', to, '--secret', secret, '--json'])
  return { code, stdout, stderr }
}

/** Sends events, four at a time; what was wrong with the replies. */
export async function unanswered(events: readonly string[], to: string): Promise<string[]> {
  const waiting = [...events]
  const wrong: string[] = []
  const work = async () => {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      const { code, stdout, stderr } = await trigger(event, to)
      if (code !== 0) wrong.push(`${event}: ${stdout}${stderr}`)
    }
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return wrong
}

/** Every message that the platform sends to servers, as `vapi trigger --list` names them. */
export async function everyEvent(): Promise<string[]> {
  const { stdout } = await vapi(['trigger', '--list', '--output', 'id'])
  return stdout.trim().split('\n')
}
