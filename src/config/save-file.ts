/** Reading and replacing the configuration file. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { systemCodeOf, usageError, VapiError } from '../errors.ts'

/** Readable and writable by its owner alone: it holds keys. */
export const PRIVATE_MODE = 0o600

/** No configuration is larger; parsing more would take seconds. */
const MAXIMUM_BYTES = 1024 * 1024

/** The file that is really read and written: links at the end of the path are followed, also to a file still to be made. */
export function realTarget(path: string): string {
  const absolute = resolve(path)
  try {
    return realpathSync(absolute)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ELOOP') throw usageError(`${path} is a link that leads to itself`)
    if (code !== 'ENOENT' || !statOf(absolute, lstatSync)?.isSymbolicLink()) return absolute
    return realTarget(resolve(dirname(absolute), readlinkSync(absolute)))
  }
}

/**
 * The file's text without a byte order mark; null where there is no file. Throws a usage error where it cannot be read,
 * is larger than 1 MB or is not UTF-8.
 */
export function readText(path: string): { text: string; mark: string } | null {
  const stats = statOf(path, statSync)
  if (stats === null) return null
  if (stats.isDirectory()) throw usageError(`${path} is a folder, not a configuration file`)
  if (stats.size > MAXIMUM_BYTES) {
    throw usageError(`${path} is larger than 1 MB; no configuration is`, 'name the right file with --config')
  }
  const bytes = readBytes(path)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\uFEFF') ? { text: text.slice(1), mark: '\uFEFF' } : { text, mark: '' }
  } catch {
    throw usageError(`${path} is not UTF-8 text`, 'save it as UTF-8')
  }
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw usageError(
      `${path} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`,
      'check its permissions',
    )
  }
}

/**
 * Replaces a file in one step: the text is written beside it, brought to the disk and renamed, so that at any moment
 * either the old or the new text is there. Its mode becomes 0600; its owner stays. `mayReplace` is asked at the last
 * moment; false gives false and changes nothing. Throws VapiError `config-not-saved`, with the old file untouched.
 */
export function replaceFile(
  path: string,
  text: string,
  temporaryPath: string,
  mayReplace: () => boolean,
): boolean {
  const old = statOf(path, statSync)
  if (old !== null && !old.isFile())
    throw usageError(`${path} is not a regular file`, 'name another with --config')
  try {
    const file = openSync(temporaryPath, 'wx', PRIVATE_MODE)
    try {
      fchmodSync(file, PRIVATE_MODE)
      if (old !== null) keepOwner(file, old)
      // Writes on after a short write; write-file-atomic does not, and would put half a text in place on a full disk.
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    if (!mayReplace()) {
      removeQuietly(temporaryPath)
      return false
    }
    renameSync(temporaryPath, path)
  } catch (error) {
    removeQuietly(temporaryPath)
    throw savingError(path, error)
  }
  syncFolder(dirname(path))
  return true
}

/** Makes the mode 0600 where it is more. */
export function tightenMode(path: string): void {
  const stats = statOf(path, statSync)
  if (process.platform === 'win32' || !stats?.isFile() || (stats.mode & 0o777) === PRIVATE_MODE) return
  try {
    chmodSync(path, PRIVATE_MODE)
  } catch (error) {
    throw savingError(path, error)
  }
}

/** What went wrong when the file could not be replaced, in words. */
export function savingError(path: string, error: unknown): VapiError {
  const code = systemCodeOf(error) ?? 'unknown error'
  const [reason, hint] = reasons[code] ?? [`error ${code}`, undefined]
  return new VapiError({
    code: 'config-not-saved',
    message: `${path} was not saved: ${reason}`,
    hint: hint ?? 'the file is as it was; name another with --config or VAPI_CONFIG',
    cause: error,
  })
}

const reasons: Readonly<Record<string, readonly [reason: string, hint?: string]>> = {
  ENOSPC: ['the disk is full', 'free some space; the file is as it was'],
  EDQUOT: ['the disk quota is used up', 'free some space; the file is as it was'],
  EFBIG: ['the file would be larger than allowed', 'the file is as it was'],
  EACCES: ['its folder may not be written'],
  EPERM: ['its folder may not be written'],
  EROFS: ['its folder is read-only'],
  ENOENT: ['its folder does not exist', 'make the folder first'],
  ENOTDIR: ['a part of its path is not a folder'],
  EBUSY: ['the file itself is a mount and cannot be replaced', 'mount its folder in place of the file'],
}

/** When root changes a user's file it must stay the user's. Where the system forbids it, there is nothing to keep. */
function keepOwner(file: number, { uid, gid }: Stats): void {
  if (process.platform === 'win32' || (uid === process.geteuid?.() && gid === process.getegid?.())) return
  try {
    fchownSync(file, uid, gid)
  } catch {
    // Only root may give files away.
  }
}

/** Brings the new name to the disk where the system knows how. */
function syncFolder(folder: string): void {
  try {
    const opened = openSync(folder, 'r')
    try {
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
  } catch {
    // Windows cannot; the file is in place all the same.
  }
}

function statOf(path: string, read: (path: string) => Stats): Stats | null {
  try {
    return read(path)
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    if (code === 'ELOOP') throw usageError(`${path} is a link that leads to itself`)
    throw usageError(`${path} cannot be read (${code ?? 'unknown error'})`, 'check its permissions')
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was renamed or never made.
  }
}
