import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '../is-object.ts'
import { prepareFolder } from './tunnel/folder.ts'

/** Where a listener takes events unless it was told otherwise. */
export const DEFAULT_PORT = 4242

/**
 * Writes down that a listener runs in this folder, so that `vapi trigger` finds it; of several, the one that started last.
 * Returns what takes that back. Where it cannot be written, nothing is: the listener works without it.
 */
export function announceListener(folder: string, url: string, pid: number): () => void {
  const path = join(folder, 'listener.json')
  const reachable = url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
  const text = `${JSON.stringify({ format: 1, pid, url: reachable, startedMs: Date.now() })}\n`
  try {
    prepareFolder(folder)
    writeFileSync(`${path}.${pid}`, text, { mode: 0o600 })
    renameSync(`${path}.${pid}`, path)
  } catch {
    return () => {}
  }
  return () => {
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true })
    } catch {
      // Somebody has taken it away.
    }
  }
}

/** The URL of the listener that runs in this folder (`.vapi/listen/listener.json`), or null. */
export async function findRunningListener(workingDirectory: string): Promise<string | null> {
  try {
    const text = await readFile(join(workingDirectory, '.vapi', 'listen', 'listener.json'), 'utf8')
    const entry: unknown = JSON.parse(text)
    if (!isObject(entry) || typeof entry.url !== 'string' || !URL.canParse(entry.url)) return null
    return typeof entry.pid === 'number' && isRunning(entry.pid) ? entry.url : null
  } catch {
    // No file, or one of a listener that was killed while it wrote: nothing runs here.
    return null
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process is one all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
