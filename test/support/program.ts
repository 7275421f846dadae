import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { packageFile } from '../../src/package-root.ts'

export interface Finished {
  stdout: string
  stderr: string
  code: number | null
}

export interface Running {
  child: ChildProcess
  finished: Promise<Finished>
  /** Resolves when stdout and stderr together contain the text or fit the pattern. */
  prints(pattern: string | RegExp): Promise<void>
}

export interface RunOptions {
  cwd?: string
  /** Laid over an environment without keys and model servers. */
  env?: NodeJS.ProcessEnv
  /** What is written to standard input, which is then closed; null leaves it open. */
  stdin?: string | Uint8Array | null
}

/** The environment of every run: nothing of the machine's own keys and keyring, and no local model server by accident. */
export function cleanEnvironment(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TMPDIR } = process.env
  return { PATH, HOME, LANG, TMPDIR, VAPI_KEYRING: 'off', ...env }
}

/** Starts the built program. */
export function startVapi(args: readonly string[], options: RunOptions = {}): Running {
  const child = spawn(process.execPath, [packageFile('bin', 'vapi.js'), ...args], {
    cwd: options.cwd ?? temporaryFolder(),
    env: cleanEnvironment(options.env),
    stdio: 'pipe',
  })
  let stdout = ''
  let stderr = ''
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const check of waiting) check()
  }
  child.stdout.setEncoding('utf8').on('data', text => {
    stdout += text
    changed()
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    stderr += text
    changed()
  })
  child.stdin.on('error', () => {})
  const { stdin = '' } = options
  if (stdin !== null) child.stdin.end(stdin)
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      changed()
      resolve({ stdout, stderr, code })
    })
  })
  return {
    child,
    finished,
    prints: pattern =>
      new Promise((resolve, reject) => {
        const check = () => {
          const all = `${stdout}\n${stderr}`
          if (typeof pattern === 'string' ? all.includes(pattern) : pattern.test(all)) {
            waiting.delete(check)
            resolve()
          } else if (child.exitCode !== null)
            reject(new Error(`the program ended without ${pattern}:\n${all}`))
        }
        waiting.add(check)
        check()
      }),
  }
}

/** Runs the built program to its end. */
export function vapi(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startVapi(args, options).finished
}

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vapi-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** JSON lines as objects. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}
