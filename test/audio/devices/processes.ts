import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { workerFile } from '../../../src/package-root.ts'

/** The environment of a machine without sound. */
export const nowhere = {
  ...process.env,
  XDG_RUNTIME_DIR: '/nonexistent',
  PULSE_SERVER: 'unix:/nonexistent/native',
}

/** A program that opens a device in a child, and then does nothing more. Resolves when the child says something. */
export async function orphanMaker(
  worker: string,
  opening: object,
  env: NodeJS.ProcessEnv,
): Promise<{ parent: ChildProcess; child: number }> {
  const script = `
    const stdio = ['ignore', 'ignore', 'ignore', 'ipc']
    const child = require('node:child_process').fork(process.argv[1], { serialization: 'advanced', stdio })
    child.once('message', () => console.log(child.pid))
    child.send(${JSON.stringify(opening)})`
  const parent = spawn(process.execPath, ['-e', script, workerFile(worker)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const line = await new Promise<Buffer>(resolve => parent.stdout.once('data', resolve))
  return { parent, child: Number(line.toString()) }
}

/** The ids of this process's children that run `dist/workers/NAME.cjs`. Linux only. */
export function workersOf(parent: number, name: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(id => id > 0 && read(id, 'cmdline').includes(`workers/${name}.cjs`))
    .filter(id => / \S (\d+)/.exec(read(id, 'stat').replace(/.*\)/, ' '))?.[1] === String(parent))
}

export function isAlive(id: number): boolean {
  const state = read(id, 'stat').replace(/.*\) /, '')[0]
  return state !== undefined && state !== 'Z'
}

/** Asks again and again until it is so; throws after a generous time. */
export async function until(what: string, isSo: () => boolean, limitMs = 15_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`did not come: ${what}`)
    await wait(5)
  }
}

/** Keeps this process from doing anything else. */
export function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function read(id: number, file: string): string {
  try {
    return readFileSync(`/proc/${id}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
