/**
 * A lock across processes on a file: `FILE.lock` beside it, a symbolic link that is made in one step together with its
 * owner's name (Emacs and Firefox lock so). A file takes its place where there are no symbolic links.
 *
 * Not proper-lockfile, whose folder says nothing of its owner: a lock that was left behind is found by its age alone,
 * and two waiters that find it at once can each remove the other's new lock and both go on. Here the lock of a process
 * that is gone is taken over at once, by one waiter at a time; the lock of one of whom nothing can be known (another
 * machine, another container, a number that was given again) when it has shown no life for a while. An owner looks
 * whether the lock is still its own before it replaces the file.
 */
import {
  lstatSync,
  lutimesSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCodeOf, VapiError } from '../errors.ts'
import { savingError } from './save-file.ts'

export interface FileLock {
  /** A name for a file beside the locked one. It is removed with the lock, whoever does it. */
  temporaryPath: string
  /** False where it was taken away: this process stood still for longer than `patienceMs`. */
  isMine(): boolean
  release(): void
}

export interface LockOptions {
  signal?: AbortSignal | undefined
  /** How long to wait for one other process, in milliseconds; while the lock goes from hand to hand, longer. */
  waitMs?: number
  /** After this time without a sign of life a lock is taken from its owner. */
  patienceMs?: number
}

/** How often an owner shows that it lives. */
const SIGN_OF_LIFE_MS = 1000
/** Middle of the longest pauses between two looks at a lock. */
const LONGEST_PAUSE_MS = 150

/**
 * Waits for the lock of `path` (a real path: no link at its end). Throws VapiError `config-locked` when the time is
 * over, `config-not-saved` where no lock can be made, and the signal's reason.
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<FileLock> {
  const { signal, waitMs = 30_000, patienceMs = 6000 } = options
  const lockPath = `${path}.lock`
  const here = place()
  const owner = describeSelf(here)
  const startedAt = performance.now()
  let seen = { owner: '', heldMs: startedAt, sign: 0, sinceMs: startedAt }
  while (!create(lockPath, owner, path)) {
    signal?.throwIfAborted()
    const now = performance.now()
    const other = readOwner(lockPath)
    if (other !== null) {
      const sign = changedAtMs(lockPath)
      if (other !== seen.owner) seen = { owner: other, heldMs: now, sign, sinceMs: now }
      if (sign !== seen.sign) seen = { ...seen, sign, sinceMs: now }
      if ((isGone(other, here) || now - seen.sinceMs > patienceMs) && takeAway(path, other, here, patienceMs))
        continue
    }
    if (now - seen.heldMs > waitMs) {
      throw new VapiError({
        code: 'config-locked',
        message: `${path} is in use by another process${waitMs >= 1000 ? `, for more than ${Math.round(waitMs / 1000)} s` : ''}`,
        retryable: true,
        hint: `try again; if no vapi runs, remove ${lockPath}`,
      })
    }
    // Those who wait long ask less often: many of them would keep the owner from its work.
    const pauseMs = Math.min(LONGEST_PAUSE_MS, 3 + (now - startedAt) / 10)
    await delay(pauseMs * (0.5 + Math.random()), undefined, { signal })
  }
  const isMine = () => readOwner(lockPath) === owner
  const life = setInterval(() => isMine() && showLife(lockPath), SIGN_OF_LIFE_MS).unref()
  return {
    temporaryPath: temporaryOf(path, owner),
    isMine,
    release() {
      clearInterval(life)
      if (isMine()) remove(lockPath)
    },
  }
}

/** Process, the machine and process namespace that its number belongs to, and a part that never comes twice. */
function describeSelf(here: string): string {
  const unique = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 10)}`
  return `${unique}|${process.pid}|${processStart()}|${here}`
}

/** Tells this process from an earlier one with its number: in a container the number is always the same. */
function processStart(): string {
  return Math.round(performance.timeOrigin).toString(36)
}

/** The machine, and on Linux the process namespace, that the number of a process belongs to. */
export function place(): string {
  try {
    return `${hostname()}${process.platform === 'linux' ? readlinkSync('/proc/self/ns/pid') : ''}`
  } catch {
    return hostname()
  }
}

/** True where the owner was a process of this machine that has ended. */
function isGone(owner: string, here: string): boolean {
  const [, pid, start, where] = owner.split('|')
  if (where !== here || !/^\d+$/.test(pid ?? '')) return false
  if (Number(pid) === process.pid) return start !== processStart()
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return systemCodeOf(error) === 'ESRCH'
  }
}

/** Removes the lock of `owner`, and what it left behind. One process at a time does so, and looks again before. */
function takeAway(path: string, owner: string, here: string, patienceMs: number): boolean {
  const guard = `${path}.lock.break`
  if (!create(guard, describeSelf(here), path)) {
    const other = readOwner(guard)
    if (other !== null && (isGone(other, here) || Date.now() - changedAtMs(guard) > patienceMs)) remove(guard)
    return false
  }
  try {
    if (readOwner(`${path}.lock`) !== owner) return false
    remove(temporaryOf(path, owner))
    remove(`${path}.lock`)
    return true
  } finally {
    remove(guard)
  }
}

function temporaryOf(path: string, owner: string): string {
  return `${path}.${owner.split('|')[0]?.replace(/[^a-z0-9]/g, '')}.new`
}

function create(lockPath: string, owner: string, path: string): boolean {
  try {
    if (process.platform !== 'win32') {
      symlinkSync(owner, lockPath)
      return true
    }
  } catch (error) {
    const code = systemCodeOf(error) ?? ''
    if (code === 'EEXIST') return false
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(code)) throw savingError(path, error)
  }
  try {
    writeFileSync(lockPath, owner, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw savingError(path, error)
  }
}

/** Null where there is no lock. */
function readOwner(lockPath: string): string | null {
  try {
    return readlinkSync(lockPath)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
  }
  try {
    return readFileSync(lockPath, 'utf8')
  } catch {
    return null
  }
}

/** 0 where it is gone. */
function changedAtMs(path: string): number {
  try {
    return lstatSync(path).mtimeMs
  } catch {
    return 0
  }
}

function showLife(lockPath: string): void {
  const now = new Date()
  try {
    lutimesSync(lockPath, now, now)
  } catch {
    // Where times cannot be set the lock counts from when it was made.
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is gone already, or the next one finds its owner gone.
  }
}
