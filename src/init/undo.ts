import { readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../replace-file.ts'
import { hashOf, type Journal, removeJournal, saveJournal } from './journal.ts'
import { contentAt } from './write.ts'

export interface Undone {
  /** Files that are as they were before. */
  restored: string[]
  /** Files that were written and are gone again. */
  removed: string[]
  /** Files that somebody has changed since; they were left as they are. */
  changed: string[]
  /** What the package manager had added, for people: the manifest is as it was, what it installed is still there. */
  installs: string[][]
}

/**
 * Takes back what the last run wrote: to the byte, and nothing else. A file that was changed since is left alone unless
 * `force`; then the journal stays, with these files in it.
 */
export function undoInit(root: string, journal: Journal, force: boolean): Undone {
  const undone: Undone = { restored: [], removed: [], changed: [], installs: journal.installs }
  for (const entry of journal.entries.toReversed()) {
    const { path, before, after, mode } = entry
    const absolute = join(root, path)
    const present = contentAt(absolute)
    const hash = present === null ? null : hashOf(present.content)
    const original = before === null ? null : Buffer.from(before, 'base64')
    if (hash === (original === null ? null : hashOf(original))) continue
    if (hash !== after && !force) {
      undone.changed.push(path)
      continue
    }
    if (original === null) {
      rmSync(absolute, { force: true })
      undone.removed.push(path)
    } else {
      replaceFile(absolute, original, mode ?? undefined)
      undone.restored.push(path)
    }
  }
  for (const folder of journal.folders.toReversed()) removeEmpty(join(root, folder))
  if (undone.changed.length > 0) {
    const entries = journal.entries.filter(({ path }) => undone.changed.includes(path))
    saveJournal(root, { ...journal, entries, installs: [] })
  } else {
    removeJournal(root)
    removeEmpty(join(root, '.vapi'))
  }
  return undone
}

function removeEmpty(folder: string): void {
  try {
    if (readdirSync(folder).length === 0) rmdirSync(folder)
  } catch {
    // It is not there any more, or something else is in it.
  }
}
