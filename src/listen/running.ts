import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareFolder } from './tunnel/folder.ts'

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
