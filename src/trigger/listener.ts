import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject } from '../is-object.ts'

/** Where a listener takes events unless it was told otherwise. */
export const DEFAULT_LISTENER = 'http://127.0.0.1:4242'

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
