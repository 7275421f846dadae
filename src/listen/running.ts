import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { prepareFolder } from './tunnel/folder.ts'

/**
 * Writes down that a listener runs in this folder, so that `vapi trigger` finds it. Returns what takes that back. Where it
 * cannot be written, nothing is: the listener works without it.
 */
export function announceListener(folder: string, url: string, pid: number): () => void {
  const path = join(folder, 'listener.json')
  const reachable = url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
  try {
    prepareFolder(folder)
    const entry = { format: 1, pid, url: reachable, startedMs: Date.now() }
    writeFileSync(`${path}.${pid}`, `${JSON.stringify(entry)}\n`, { mode: 0o600 })
    renameSync(`${path}.${pid}`, path)
  } catch {
    return () => {}
  }
  return () => rmSync(path, { force: true })
}
