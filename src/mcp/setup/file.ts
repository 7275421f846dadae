/** The user's files: read as they are, written whole or not at all. */
import {
  chmodSync,
  closeSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { realTarget } from '../../config/save-file.ts'
import { fileFaultOf, systemCodeOf, VapiError } from '../../errors.ts'
import type { ConfigFile, Scope } from './types.ts'

/** The state of Claude Code may be large; nothing else is. */
const LARGEST_BYTES = 64 * 1024 * 1024

/** What a file and its folder are made with: the user's own hold keys, those of a project are everybody's. */
const MODES: Readonly<Record<Scope, { file: number; folder: number }>> = {
  user: { file: 0o600, folder: 0o700 },
  project: { file: 0o644, folder: 0o755 },
}

/** Reads a file, links followed. Throws `mcp-file-not-read`. */
export function readConfigFile(path: string): ConfigFile {
  const target = targetOf(path)
  const stat = statOf(target, path)
  if (stat === null) return { path, target, text: null, mark: '', mode: null }
  if (stat.isDirectory()) throw notRead(path, 'it is a folder')
  if (!stat.isFile()) throw notRead(path, 'it is no regular file')
  if (stat.size > LARGEST_BYTES) throw notRead(path, 'it is larger than 64 MB')
  const { text, mark } = decoded(path, bytesOf(target, path))
  return { path, target, text, mark, mode: stat.mode & 0o777 }
}

/** Throws `mcp-file-not-written` where a file may not be changed. Asked beforehand: a rename would pass over it. */
export function requireWritable({ path, mode }: ConfigFile): void {
  if (mode !== null && (mode & 0o222) === 0)
    throw notWritten(path, 'it is read-only', 'make it writable, then run this again')
}

/**
 * Replaces the text of a file that was read, links and mode kept. Throws `mcp-file-not-written`, with the file as it was, also where
 * somebody else has changed it since.
 */
export function writeConfigFile(file: ConfigFile, text: string, scope: Scope): void {
  const { path, target, mark, mode } = file
  requireWritable(file)
  const now = readConfigFile(path)
  if (now.text !== file.text || now.target !== target)
    throw notWritten(path, 'it has changed meanwhile', 'run this again')
  const temporary = `${target}.vapi-${process.pid}`
  try {
    mkdirSync(dirname(target), { recursive: true, mode: MODES[scope].folder })
    const opened = openSync(temporary, 'wx', mode ?? MODES[scope].file)
    try {
      keepOwner(opened, mode === null ? null : statSync(target))
      writeFileSync(opened, mark + text)
      fsyncSync(opened)
    } finally {
      closeSync(opened)
    }
    if (mode !== null) chmodSync(temporary, mode)
    renameSync(temporary, target)
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') rmSync(temporary, { force: true })
    throw notWritten(path, fileFaultOf(error))
  }
}

/**
 * Keeps a copy beside the file (`.backup`, `.backup.2` …) with its mode, and gives its path: that of an older copy where one is the same,
 * null where there is no file. It stands beside the link, not beside what a link leads to: that may be a repository.
 */
export function backUp({ path, target, mode }: ConfigFile): string | null {
  if (mode === null) return null
  const content = bytesOf(target, path)
  for (const backup of backupPaths(path)) {
    const old = statOf(backup, backup)
    if (old !== null) {
      if (old.isFile() && readFileSync(backup).equals(content)) return backup
      continue
    }
    try {
      writeFileSync(backup, content, { flag: 'wx', mode })
      chmodSync(backup, mode)
    } catch (error) {
      throw notWritten(path, `no copy can be made beside it (${fileFaultOf(error)})`)
    }
    return backup
  }
  return null
}

/** The texts of the copies beside a file. */
export function backupTexts(path: string): string[] {
  const texts: string[] = []
  for (const backup of backupPaths(path)) {
    const stat = statOf(backup, backup)
    if (stat === null) break
    if (stat.isFile() && stat.size <= LARGEST_BYTES)
      texts.push(readFileSync(backup, 'utf8').replace(/^\uFEFF/, ''))
  }
  return texts
}

function* backupPaths(path: string): Generator<string> {
  for (let number = 1; ; number++) yield `${path}.backup${number === 1 ? '' : `.${number}`}`
}

function targetOf(path: string): string {
  try {
    return realTarget(path)
  } catch (error) {
    if (error instanceof VapiError) throw notRead(path, 'it is a link that leads to itself')
    throw notRead(path, fileFaultOf(error))
  }
}

function decoded(path: string, bytes: Uint8Array): { text: string; mark: string } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.startsWith('\uFEFF') ? { text: text.slice(1), mark: '\uFEFF' } : { text, mark: '' }
  } catch {
    throw notRead(path, 'it is no UTF-8 text')
  }
}

function bytesOf(target: string, path: string): Buffer {
  try {
    return readFileSync(target)
  } catch (error) {
    throw notRead(path, fileFaultOf(error))
  }
}

function statOf(target: string, path: string): Stats | null {
  try {
    return statSync(target)
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw notRead(path, fileFaultOf(error))
  }
}

/** When root changes a user's file it must stay the user's. */
function keepOwner(opened: number, old: Stats | null): void {
  if (old === null || process.platform === 'win32') return
  if (old.uid === process.geteuid?.() && old.gid === process.getegid?.()) return
  try {
    fchownSync(opened, old.uid, old.gid)
  } catch {
    // Only root may give files away.
  }
}

function notRead(path: string, why: string): VapiError {
  return new VapiError({ code: 'mcp-file-not-read', message: `${path} cannot be read: ${why}` })
}

function notWritten(path: string, why: string, hint = 'the file is as it was'): VapiError {
  return new VapiError({ code: 'mcp-file-not-written', message: `${path} was not changed: ${why}`, hint })
}
