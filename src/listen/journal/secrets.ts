import { createHmac, randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { PRIVATE_MODE } from '../../config/save-file.ts'
import { systemCodeOf, VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { isSecretName } from '../../net/trace.ts'
import type { ParsedLine } from './lines.ts'
import type { JournalEntry } from './types.ts'

/** Of the files with secrets. Absent counts as 1; newer ones are refused. */
const SECRETS_FORMAT = 1
/** What stands in place of a secret that is not kept any more. */
const MASK = '***'
const REFERENCE = /^\*{3}[0-9a-f]{16}$/
const REFERENCE_DIGITS = 16
const PARAMETER = /([?&#])([^=?&#]+)=([^&#]+)/g
/** Files that were read are remembered, the last ones. */
const REMEMBERED_FILES = 16
const REMEMBERED_NAMES = 200

/** Where the secrets of a segment stand: beside it, under the same time and run. Null where it is no segment. */
export function secretsPath(segment: string): string | null {
  const name = basename(segment)
  return /^journal-\d+-[0-9a-f]+\.jsonl$/.test(name)
    ? join(dirname(segment), name.replace('journal-', 'secrets-'))
    : null
}

/**
 * Is the value of this header a secret? A signature is none: it says nothing without the key. `x-vapi-signature` was
 * the plain secret once, and is a signature where it says so (vapi-api.md 3.5).
 */
function isSecretHeader(name: string, value: string): boolean {
  if (value === '' || !isSecretName(name)) return false
  if (!/signature$/i.test(name)) return true
  return /^x-vapi-signature$/i.test(name) && !value.startsWith('sha256=')
}

/** Names and values in turn without the secrets among them; signatures stay. */
export function withoutSecrets(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, place) => {
    const first = place - (place % 2)
    return !isSecretHeader(rawHeaders[first] ?? '', rawHeaders[first + 1] ?? '')
  })
}

/** Some headers repeat an address: where it came from, where it goes. */
function isAddress(value: string): boolean {
  const first = value.charCodeAt(0)
  return first === SLASH || ((first === SMALL_H || first === LARGE_H) && /^https?:\/\//i.test(value))
}

const SLASH = 0x2f
const SMALL_H = 0x68
const LARGE_H = 0x48

function isSecretParameter(name: string): boolean {
  try {
    return isSecretName(decodeURIComponent(name))
  } catch {
    return isSecretName(name)
  }
}

function changeParameters(address: string, change: (name: string, value: string) => string): string {
  if (!address.includes('=')) return address
  return address.replace(PARAMETER, (whole, before: string, name: string, value: string) =>
    isSecretParameter(name) ? `${before}${name}=${change(name, value)}` : whole,
  )
}

/** Takes secrets out of what a journal is about to write. */
export interface SecretHider {
  /** Names and values in turn. */
  headers(rawHeaders: readonly string[]): readonly string[]
  /** A path with its query, or an address. */
  address(address: string): string
}

/**
 * The secrets of one segment, in a file of their own that is appended to: one that was not seen before is with the
 * operating system before the line that names it. The references are the beginnings of keyed hashes; the key is never
 * written, so that whoever has the journal alone cannot try what a secret may be.
 */
export class SecretWriter implements SecretHider {
  /** So much was written for this segment. */
  bytes = 0
  private readonly references = new Map<string, string>()
  /** Names of headers that are those of no secrets: most come with each event. */
  private readonly harmless = new Set<string>()
  private key = Buffer.alloc(0)
  private path: string | null = null
  private file: number | null = null

  /** Those of the next lines go with this segment. */
  begin(segment: string): void {
    this.close()
    this.references.clear()
    this.key = randomBytes(16)
    this.path = secretsPath(segment)
    this.bytes = 0
  }

  headers(rawHeaders: readonly string[]): readonly string[] {
    let hidden: string[] | null = null
    for (let place = 1; place < rawHeaders.length; place += 2) {
      const name = rawHeaders[place - 1] ?? ''
      const value = rawHeaders[place] ?? ''
      const shown = this.isSecret(name, value)
        ? this.reference(value)
        : isAddress(value)
          ? this.address(value)
          : value
      if (shown === value) continue
      hidden ??= [...rawHeaders]
      hidden[place] = shown
    }
    return hidden ?? rawHeaders
  }

  address(address: string): string {
    return changeParameters(address, (_, value) => this.reference(value))
  }

  private isSecret(name: string, value: string): boolean {
    if (this.harmless.has(name)) return false
    if (isSecretName(name)) return isSecretHeader(name, value)
    if (this.harmless.size < REMEMBERED_NAMES) this.harmless.add(name)
    return false
  }

  close(): void {
    if (this.file !== null) closeSync(this.file)
    this.file = null
  }

  private reference(value: string): string {
    const known = this.references.get(value)
    if (known !== undefined) return known
    const digits = createHmac('sha256', this.key).update(value).digest('hex').slice(0, REFERENCE_DIGITS)
    const reference = `${MASK}${digits}`
    this.write({ reference, value })
    this.references.set(value, reference)
    return reference
  }

  private write(line: object): void {
    if (this.path === null) throw new Error('no segment was begun')
    if (this.file === null) {
      this.file = openSync(this.path, 'a', PRIVATE_MODE)
      this.write({ format: SECRETS_FORMAT, type: 'secrets' })
    }
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    // Writes on after a short write.
    writeFileSync(this.file, bytes)
    this.bytes += bytes.length
  }
}

/** The file of a segment, read as far as it was needed: a listener may still write it. */
class SecretFile {
  private readonly path: string
  private readonly values = new Map<string, string>()
  private offset = 0

  constructor(path: string) {
    this.path = path
  }

  find(reference: string): string | null {
    if (!this.values.has(reference)) this.readOn()
    return this.values.get(reference) ?? null
  }

  private readOn(): void {
    const bytes = this.read()
    const end = bytes.lastIndexOf('\n') + 1
    for (const text of bytes.toString('utf8', 0, end).split('\n')) this.take(text)
    this.offset += end
  }

  private take(text: string): void {
    let line: unknown
    try {
      line = JSON.parse(text)
    } catch {
      return
    }
    if (!isObject(line)) return
    const { format = SECRETS_FORMAT, reference, value } = line
    if (typeof format !== 'number' || format > SECRETS_FORMAT)
      throw new VapiError({
        code: 'journal-newer',
        message: `${this.path} was written by a newer vapi (format ${String(format)})`,
        hint: 'update vapi, or move the file away',
      })
    if (typeof reference === 'string' && typeof value === 'string') this.values.set(reference, value)
  }

  private read(): Buffer {
    try {
      const file = openSync(this.path, 'r')
      try {
        const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - this.offset))
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, this.offset))
      } finally {
        closeSync(file)
      }
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return Buffer.alloc(0)
      throw new VapiError({
        code: 'journal-not-read',
        message: `${this.path} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`,
        cause: error,
      })
    }
  }
}

/** Finds secrets by their references. Who reads many lines keeps one, so that no file is read anew for each. */
export class SecretFiles {
  private readonly files = new Map<string, SecretFile>()

  /** Null where it is not kept any more. Throws VapiError `journal-newer` and `journal-not-read`. */
  find(segment: string, reference: string): string | null {
    const path = secretsPath(segment)
    if (path === null) return null
    const { files } = this
    const file = files.get(path) ?? new SecretFile(path)
    files.delete(path)
    files.set(path, file)
    const [oldest = ''] = files.keys()
    if (files.size > REMEMBERED_FILES) files.delete(oldest)
    return file.find(reference)
  }
}

/** Puts secrets back; counts those that are gone. */
class Revealer {
  /** Names of headers, and of parameters as `?name`. */
  readonly lost = new Set<string>()
  hasChanged = false
  private readonly segment: string
  private readonly secrets: SecretFiles

  constructor(segment: string, secrets: SecretFiles) {
    this.segment = segment
    this.secrets = secrets
  }

  header(name: string, value: string): string {
    if (!value.includes(MASK)) return value
    if (isSecretHeader(name, value)) return this.value(value, name) ?? MASK
    return isAddress(value) ? this.address(value) : value
  }

  /** Values that are gone are empty. */
  address(address: string): string {
    if (!address.includes(MASK)) return address
    return changeParameters(address, (name, value) => this.value(value, `?${name}`) ?? '')
  }

  private value(text: string, name: string): string | null {
    if (!REFERENCE.test(text)) return text
    this.hasChanged = true
    const found = this.secrets.find(this.segment, text)
    if (found === null) this.lost.add(name)
    return found
  }
}

/**
 * A line of a segment with its secrets in place. Of those that are not kept any more headers are `***`, and values of
 * queries empty; `lost` has their names. Throws VapiError `journal-newer` and `journal-not-read`.
 */
export function revealLine(
  line: ParsedLine,
  segment: string,
  secrets: SecretFiles,
): { parsed: ParsedLine; lost: string[] } {
  const revealer = new Revealer(segment, secrets)
  const address = (text: unknown) => (typeof text === 'string' ? revealer.address(text) : text)
  const { headers, path, to, target } = line.fields
  const fields = {
    ...line.fields,
    ...(path !== undefined && { path: address(path) }),
    ...(to !== undefined && { to: Array.isArray(to) ? to.map(address) : to }),
    ...(target !== undefined && { target: address(target) }),
    ...(Array.isArray(headers) && {
      headers: headers.map((text, place) =>
        place % 2 === 0 ? text : revealer.header(String(headers[place - 1]), String(text)),
      ),
    }),
  }
  if (!revealer.hasChanged) return { parsed: line, lost: [] }
  const head = Buffer.from(JSON.stringify(fields))
  return { parsed: { ...line, fields, head }, lost: [...revealer.lost] }
}

/** An entry of a segment with the secrets of its addresses in place. */
export function revealEntry(entry: JournalEntry, segment: string, secrets: SecretFiles): JournalEntry {
  const revealer = new Revealer(segment, secrets)
  const address = (text: string) => revealer.address(text)
  switch (entry.type) {
    case 'event': {
      const [requested, to] = [address(entry.requested), entry.to.map(address)]
      return revealer.hasChanged ? { ...entry, requested, to } : entry
    }
    case 'problem': {
      const target = entry.target === null ? null : address(entry.target)
      return revealer.hasChanged ? { ...entry, target } : entry
    }
    default: {
      const target = address(entry.target)
      return revealer.hasChanged ? { ...entry, target } : entry
    }
  }
}

/** Headers without those whose values are gone. */
export function withoutLost(rawHeaders: readonly string[], lost: readonly string[]): string[] {
  return rawHeaders.filter((_, place) => {
    const name = rawHeaders[place - (place % 2)] ?? ''
    return !(lost.includes(name) && rawHeaders[place - (place % 2) + 1] === MASK)
  })
}
