import { closeSync, fstatSync, opendirSync, openSync, readSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileFaultOf, systemCodeOf } from '../errors.ts'

/** Names that are read of one folder. */
const LISTING_LIMIT = 5000

export interface Entry {
  name: string
  isFolder: boolean
}

/** What a place is, links followed; null where nothing is there or it cannot be told. */
export function statOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null
  } catch {
    return null
  }
}

/** The text, `null` where there is no such file, or why it is not read. Pipes and devices are not opened. */
export function readText(place: string, limit: number): string | null | { fault: string } {
  try {
    const stat = statSync(place, { throwIfNoEntry: false })
    if (stat === undefined) return null
    if (!stat.isFile()) return null
    if (stat.size > limit) return { fault: `it is larger than ${limit / (1024 * 1024)} MB` }
    return decode(readUpTo(place, limit))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOTDIR') return null
    if (systemCodeOf(error) === 'ELOOP') return { fault: 'it is a link that leads to itself' }
    return { fault: fileFaultOf(error) }
  }
}

/** Reads no more than it may, even of a file that grows meanwhile. */
function readUpTo(place: string, limit: number): Buffer {
  const file = openSync(place, 'r')
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(file).size, limit))
    let length = 0
    while (length < buffer.length) {
      const read = readSync(file, buffer, length, buffer.length - length, null)
      if (read === 0) break
      length += read
    }
    return buffer.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

/** UTF-8, or UTF-16 as PowerShell's redirection writes it. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  return bytes
    .toString(isUtf16 ? 'utf16le' : 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
}

/** The names in a folder. */
export interface Listing {
  entries: readonly Entry[]
  names: ReadonlySet<string>
  /** False where there are more names than were read, or they cannot be read. */
  isComplete: boolean
}

export const NOTHING: Listing = { entries: [], names: new Set(), isComplete: true }

/** Lists one folder; `failed` is told what of it could not be read. */
export function listFolder(place: string, failed: (fault: string) => void): Listing {
  const entries: Entry[] = []
  let isComplete = true
  try {
    const folder = opendirSync(place, { bufferSize: 512 })
    try {
      for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
        if (entries.length === LISTING_LIMIT) {
          failed(`has more than ${LISTING_LIMIT} names; only the first were looked at`)
          isComplete = false
          break
        }
        const isFolder = entry.isSymbolicLink()
          ? statOf(join(place, entry.name))?.isDirectory() === true
          : entry.isDirectory()
        entries.push({ name: entry.name, isFolder })
      }
    } finally {
      folder.closeSync()
    }
  } catch (error) {
    const code = systemCodeOf(error) ?? ''
    isComplete = ['ENOENT', 'ENOTDIR'].includes(code)
    if (!isComplete) failed(`is not read: ${fileFaultOf(error)}`)
  }
  entries.sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0))
  return { entries, names: new Set(entries.map(({ name }) => name)), isComplete }
}
