/**
 * Tools that outlive their listener, because it was killed. Each running tool has a note in the folder, and, in its
 * environment, a word that nobody else has. The next listener ends those whose owner is gone.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { replaceFile } from '../../config/save-file.ts'
import { isObject } from '../../is-object.ts'
import { identityOf, isRunning, type ProcessIdentity } from './process-identity.ts'
import { signalGroup } from './program.ts'
import type { TunnelId } from './types.ts'

/** The variable with the word. */
export const MARK = 'VAPI_TUNNEL_MARK'

interface Note {
  format: 1
  mark: string
  tool: TunnelId
  process: ProcessIdentity
  owner: ProcessIdentity
}

export interface Mark {
  readonly word: string
  /** Writes the note about the tool that was started with the word. */
  set(tool: TunnelId, pid: number): void
  clear(): void
}

/** A mark for one run of a tool. The folder must be there. */
export function createMark(folder: string): Mark {
  const word = randomUUID()
  const path = join(folder, `tunnel-${word}.json`)
  return {
    word,
    set(tool, pid) {
      const note: Note = {
        format: 1,
        mark: word,
        tool,
        process: identityOf(pid),
        owner: identityOf(process.pid),
      }
      try {
        replaceFile(path, `${JSON.stringify(note)}\n`, `${path}.new`, () => true)
      } catch {
        // Without it the tool would only outlive a killed listener.
      }
    },
    clear: () => rmSync(path, { force: true }),
  }
}

export interface Leftover {
  tool: TunnelId
  pid: number
  /** False: it may run still, and was let alone because it is not surely ours. */
  ended: boolean
}

/** How long a tool may take to leave when it is asked to. */
const GRACE_MS = 2000

/** Ends the tools of listeners that are gone, and gives what was found; nothing where all is in order. Never throws. */
export async function endLeftovers(folder: string): Promise<Leftover[]> {
  const found: Leftover[] = []
  for (const name of namesOf(folder)) {
    const path = join(folder, name)
    const note = readNote(path)
    if (note === null || isRunning(note.owner) !== false) continue
    const outcome = await endTool(note)
    if (outcome !== 'gone') found.push({ tool: note.tool, pid: note.process.pid, ended: outcome === 'ended' })
    rmSync(path, { force: true })
  }
  return found
}

function namesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter(name => /^tunnel-[0-9a-f-]{36}\.json$/.test(name))
  } catch {
    return []
  }
}

function readNote(path: string): Note | null {
  try {
    const note: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (!isObject(note) || note.format !== 1 || typeof note.mark !== 'string') return null
    return isIdentity(note.process) && isIdentity(note.owner) ? (note as unknown as Note) : null
  } catch {
    return null
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return isObject(value) && Number.isInteger(value.pid) && typeof value.place === 'string'
}

async function endTool(note: Note): Promise<'ended' | 'gone' | 'not-sure'> {
  if (process.platform === 'linux') return endMarked(note.mark)
  if (isRunning(note.process) !== true) return 'gone'
  // Its number and the second of its start are the same, so it is the one that was noted.
  if (note.process.started === null) return 'not-sure'
  signalGroup(note.process.pid, 'SIGTERM')
  if (!(await isOver(() => isRunning(note.process) !== true))) signalGroup(note.process.pid, 'SIGKILL')
  return 'ended'
}

/** Linux shows the environment of the user's own processes: those with the word are ours, and nobody else. */
async function endMarked(mark: string): Promise<'ended' | 'gone'> {
  if (markedProcesses(mark).length === 0) return 'gone'
  signalAll(mark, 'SIGTERM')
  if (!(await isOver(() => markedProcesses(mark).length === 0))) signalAll(mark, 'SIGKILL')
  return 'ended'
}

function signalAll(mark: string, signal: NodeJS.Signals): void {
  for (const pid of markedProcesses(mark)) {
    try {
      process.kill(pid, signal)
    } catch {
      // It is gone.
    }
  }
}

function markedProcesses(mark: string): number[] {
  const wanted = `\0${MARK}=${mark}\0`
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        return `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(wanted)
      } catch {
        return false
      }
    })
}

async function isOver(check: () => boolean): Promise<boolean> {
  const until = performance.now() + GRACE_MS
  while (!check()) {
    if (performance.now() > until) return false
    await delay(30)
  }
  return true
}
