/** What the last run wrote in a project, so that it can be taken back to the byte: `.vapi/init/journal.json`. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fileFaultOf, systemCodeOf, usageError, VapiError } from '../errors.ts'
import { replaceFile } from '../replace-file.ts'

const FORMAT = 1

const entry = z.object({
  /** Relative to the project's folder, with `/`. */
  path: z.string(),
  /** What was there before, in base64; null: nothing. */
  before: z.string().nullable(),
  /** SHA-256 of what was written; null while it is not known: the package manager writes it. */
  after: z.string().nullable(),
  mode: z.number().nullable(),
})
export type JournalEntry = z.infer<typeof entry>

const journal = z.looseObject({
  format: z.literal(FORMAT),
  at: z.string(),
  entries: z.array(entry),
  /** Folders that were made, the outer ones first. */
  folders: z.array(z.string()),
  /** The commands that added dependencies, for people. */
  installs: z.array(z.array(z.string())),
})
export type Journal = z.infer<typeof journal>

export function emptyJournal(at: string): Journal {
  return { format: FORMAT, at, entries: [], folders: [], installs: [] }
}

export function hashOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** What the last run wrote; null where none did. Throws where the journal cannot be understood. */
export function readJournal(root: string): Journal | null {
  const path = journalPath(root)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return null
    throw usageError(`${path}: ${fileFaultOf(error)}`)
  }
  const parsed = journal.safeParse(parsedJson(text))
  if (parsed.success) return parsed.data
  throw new VapiError({
    code: 'journal-unreadable',
    message: `${path} is not a journal of this version of vapi init`,
    hint: 'take the changes back with your version control; then remove that file',
  })
}

/** On disk before what it tells of is done. */
export function saveJournal(root: string, content: Journal): void {
  const folder = join(root, '.vapi', 'init')
  mkdirSync(folder, { recursive: true })
  // It is of this machine alone.
  replaceFile(join(folder, '.gitignore'), '*\n')
  replaceFile(journalPath(root), `${JSON.stringify(content, null, 2)}\n`)
}

export function removeJournal(root: string): void {
  rmSync(join(root, '.vapi', 'init'), { recursive: true, force: true })
}

function journalPath(root: string): string {
  return join(root, '.vapi', 'init', 'journal.json')
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
