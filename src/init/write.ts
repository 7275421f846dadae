import { mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileFaultOf, systemCodeOf, usageError, VapiError } from '../errors.ts'
import { replaceFile } from '../replace-file.ts'
import { hashOf, type Journal, type JournalEntry, saveJournal } from './journal.ts'
import type { FileChange } from './types.ts'

/** Writes into one project and remembers how it was. */
export interface Writer {
  /**
   * Writes a change. `backup`: what is in the way is kept beside it as `.backup` (`.backup.2` …), whose path is given back. Throws
   * where the file has changed since the plan was made, or cannot be written.
   */
  write(change: FileChange, backup: boolean): string | null
  /** Remembers files that another program is going to change, and calls it. */
  around<Result>(
    paths: readonly string[],
    command: readonly string[],
    run: () => Promise<Result>,
  ): Promise<Result>
}

/** `journal` grows with what is done; it is on disk before each step. */
export function createWriter(root: string, journal: Journal): Writer {
  const base = realpathSync(root)

  function remember(path: string, after: string | null): JournalEntry {
    const known = journal.entries.find(entry => entry.path === path)
    if (known !== undefined) {
      known.after = after
      return known
    }
    const present = contentAt(join(root, path))
    const entry = {
      path,
      before: present === null ? null : present.content.toString('base64'),
      after,
      mode: present?.mode ?? null,
    }
    journal.entries.push(entry)
    return entry
  }

  /** The folder of a file, made where it is not there. It must not lead out of the project. */
  function openFolder(path: string): void {
    const folder = dirname(join(root, path))
    let existing = folder
    while (!exists(existing)) existing = dirname(existing)
    const real = realpathSync(existing)
    if (real !== base && !real.startsWith(base + sep))
      throw usageError(
        `${path} would be written to ${real}, outside of the project`,
        'a folder on the way is a link',
      )
    if (existing === folder) return
    const inner = relative(existing, folder).split(sep)
    const made = inner.map((_, place) => resolve(existing, ...inner.slice(0, place + 1)))
    journal.folders.push(...made.map(one => relative(root, one).split(sep).join('/')))
    saveJournal(root, journal)
    mkdirSync(folder, { recursive: true })
  }

  return {
    write(change, backup) {
      const path = join(root, change.path)
      const present = contentAt(path)
      if ((present?.content.toString() ?? null) !== change.before)
        throw new VapiError({
          code: 'project-changed',
          message: `${change.path} has changed while vapi init was running`,
          hint: 'run vapi init again',
        })
      let kept: string | null = null
      try {
        openFolder(change.path)
        if (backup && present !== null) {
          kept = freeBackup(root, change.path)
          remember(kept, hashOf(present.content))
        }
        remember(change.path, hashOf(change.after))
        saveJournal(root, journal)
        if (kept !== null && present !== null) replaceFile(join(root, kept), present.content, present.mode)
        replaceFile(path, change.after, present?.mode)
      } catch (error) {
        if (error instanceof VapiError) throw error
        throw new VapiError({
          code: 'project-not-written',
          message: `${change.path}: ${fileFaultOf(error)}`,
          hint: 'vapi init --undo takes back what was written before',
        })
      }
      return kept
    },
    async around(paths, command, run) {
      const entries = paths.map(path => remember(path, null))
      journal.installs.push([...command])
      saveJournal(root, journal)
      try {
        return await run()
      } finally {
        for (const entry of entries) {
          const present = contentAt(join(root, entry.path))
          entry.after = present === null ? null : hashOf(present.content)
        }
        saveJournal(root, journal)
      }
    },
  }
}

/** The bytes and the mode of a file; null where there is none. */
export function contentAt(path: string): { content: Buffer; mode: number } | null {
  try {
    return { content: readFileSync(path), mode: statSync(path).mode & 0o777 }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return null
    throw usageError(`${path}: ${fileFaultOf(error)}`)
  }
}

function freeBackup(root: string, path: string): string {
  for (let number = 1; ; number++) {
    const name = `${path}.backup${number === 1 ? '' : `.${number}`}`
    if (!exists(join(root, name))) return name
  }
}

function exists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined
}
