import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { place } from '../../config/file-lock.ts'
import { systemCodeOf } from '../../errors.ts'

/** A process as it can be told from a later one that has its number. */
export interface ProcessIdentity {
  pid: number
  /** When it was started, in a form of the system; null where that is not known. */
  started: string | null
  /** The machine and process namespace that its number belongs to. */
  place: string
}

export function identityOf(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid), place: place() }
}

/** Whether it runs still; null where that cannot be known: on another machine, in another container. */
export function isRunning(identity: ProcessIdentity): boolean | null {
  if (identity.place !== place()) return null
  if (!isAlive(identity.pid)) return false
  const started = startOf(identity.pid)
  // A process that ended between the two looks, or waits to be buried, has no start.
  if (process.platform === 'linux') return started !== null && started === identity.started
  return started === null || identity.started === null || started === identity.started
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCodeOf(error) === 'EPERM'
  }
}

/** Null for one that is gone or only waits for its parent, and where the system does not tell (Windows). */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The name before may have spaces and brackets in it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      return fields[0] === 'Z' || fields[0] === 'X' ? null : `${boot}:${fields[19]}`
    }
    if (process.platform === 'win32') return null
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' }
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      env,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return text.trim() || null
  } catch {
    return null
  }
}
