/**
 * `.vapi/listen/restore.json`: servers of the platform that were pointed to a tunnel, and what they were before. An entry is
 * written before the server is changed and goes when it is as it was. No secret is in it: only addresses.
 */
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, takeLock } from '../../config/file-lock.ts'
import { replaceFile } from '../../config/save-file.ts'
import { messageOf, systemCodeOf, VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { prepareFolder } from './folder.ts'
import type { ProcessIdentity } from './process-identity.ts'

const FORMAT = 1
const FILE_NAME = 'restore.json'

/** Whose server it is. */
export interface ServerOwner {
  kind: 'assistant' | 'phone'
  id: string
  /** For people. */
  name: string
  /** The API where it is. */
  baseUrl: string
  /** The account whose key is used; null for a key without one. */
  account: string | null
}

export interface RestoreEntry extends ServerOwner {
  /** What was there: no server at all is not the same as one without an address. */
  before: { hadServer: boolean; url: string | null }
  /** Addresses that we set; the last one is the present one. */
  ours: readonly string[]
  /** ISO 8601. */
  at: string
  /** The listener. */
  by: ProcessIdentity
}

export class RestoreRecord {
  private readonly folder: string
  readonly path: string

  constructor(folder: string) {
    this.folder = folder
    this.path = join(folder, FILE_NAME)
  }

  /** The entries; none where there is no file. Throws `restore-malformed` and `restore-newer`. */
  read(): RestoreEntry[] {
    let text: string
    try {
      text = readFileSync(this.path, 'utf8')
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(error) ?? '')) return []
      throw this.malformed(`cannot be read (${systemCodeOf(error) ?? messageOf(error)})`)
    }
    return this.parse(text)
  }

  /** Changes the entries, one process after the other. The file goes with the last entry. Throws also `restore-not-written`. */
  async change(edit: (entries: RestoreEntry[]) => RestoreEntry[]): Promise<void> {
    prepareFolder(this.folder)
    let lock: FileLock
    try {
      lock = await takeLock(this.path)
    } catch (error) {
      throw this.notWritten(error)
    }
    try {
      const entries = edit(this.read())
      if (entries.length === 0) {
        rmSync(this.path, { force: true })
        return
      }
      const text = `${JSON.stringify({ format: FORMAT, entries }, null, 2)}\n`
      if (!replaceFile(this.path, text, lock.temporaryPath, () => lock.isMine()))
        throw new Error('another process took its lock')
    } catch (error) {
      if (error instanceof VapiError && error.code.startsWith('restore-')) throw error
      throw this.notWritten(error)
    } finally {
      lock.release()
    }
  }

  private parse(text: string): RestoreEntry[] {
    let record: unknown
    try {
      record = JSON.parse(text)
    } catch {
      throw this.malformed('is not JSON')
    }
    if (isObject(record) && typeof record.format === 'number' && record.format > FORMAT)
      throw new VapiError({
        code: 'restore-newer',
        message: `${this.path} was written by a newer vapi`,
        hint: 'update this one',
      })
    if (!isObject(record) || !Array.isArray(record.entries) || !record.entries.every(isEntry))
      throw this.malformed('does not have the shape that it should have')
    return record.entries
  }

  private malformed(how: string): VapiError {
    return new VapiError({
      code: 'restore-malformed',
      message: `${this.path} ${how}: it says which servers are to be set back`,
      hint: 'set them by hand (vapi webhook list), then remove the file',
    })
  }

  private notWritten(error: unknown): VapiError {
    return new VapiError({
      code: 'restore-not-written',
      message: `${this.path} cannot be written (${systemCodeOf(error) ?? messageOf(error)})`,
      hint: 'without it no server is changed: nobody could set it back after a crash',
      cause: error,
    })
  }
}

function isEntry(value: unknown): value is RestoreEntry {
  if (!isObject(value) || !isObject(value.before) || !isObject(value.by)) return false
  const texts = [value.id, value.name, value.baseUrl, value.at, value.by.place]
  return (
    (value.kind === 'assistant' || value.kind === 'phone') &&
    texts.every(text => typeof text === 'string') &&
    Array.isArray(value.ours) &&
    (value.before.url === null || typeof value.before.url === 'string') &&
    Number.isInteger(value.by.pid)
  )
}

export function isSameOwner(one: ServerOwner, other: ServerOwner): boolean {
  return one.kind === other.kind && one.id === other.id && one.baseUrl === other.baseUrl
}
