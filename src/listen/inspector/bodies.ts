import { isUtf8 } from 'node:buffer'
import { headerOf, unpack } from '../journal/packed.ts'
import { maskText, maskValue } from '../mask.ts'
import type { BodyView } from './types.ts'

/** Larger texts are not part of an event’s detail; the page asks for them. */
const INLINE_BYTES = 131_072
/** A body that unpacks to more stays packed. */
const UNPACKED_BYTES = 8_388_608
/** So much of a body that is no text is shown. */
const SHOWN_BINARY_BYTES = 512

/**
 * A body as it can be shown: unpacked, as text where it is text. `body` may be the beginning of `bytes` bytes.
 * `whole`: large texts too.
 */
export function bodyView(
  body: Buffer | null,
  rawHeaders: readonly string[],
  bytes: number | null,
  { mask, whole = false }: { mask: boolean; whole?: boolean },
): BodyView {
  const contentType = headerOf(rawHeaders, 'content-type')
  const common = { bytes, keptBytes: body?.length ?? 0, contentType }
  if (body === null) return { ...common, kind: 'unkept', text: null, unpacked: null }
  if (body.length === 0) return { ...common, kind: 'empty', text: '', unpacked: null }
  const encoding = headerOf(rawHeaders, 'content-encoding')
  const plain = unpack(body, rawHeaders, UNPACKED_BYTES)
  const readable = plain ?? body
  const packed = plain === null || plain === body ? null : encoding
  if (plain === null || !isText(readable, bytes !== null && body.length < bytes))
    return { ...common, kind: 'binary', text: hexTable(readable), unpacked: packed }
  const kind = isJson(readable) ? 'json' : 'text'
  const text = whole || readable.length <= INLINE_BYTES ? shownText(readable, mask) : null
  return { ...common, kind, text, unpacked: packed }
}

/** What can be searched: the body unpacked; nothing where that is not possible. */
export function unpackedText(body: Buffer, rawHeaders: readonly string[]): string {
  return unpack(body, rawHeaders, UNPACKED_BYTES)?.toString('utf8') ?? ''
}

/** The beginning of a text may end within a character. */
function isText(bytes: Buffer, isCut: boolean): boolean {
  const isPlain = (part: Buffer) => isUtf8(part) && !part.subarray(0, 4096).includes(0)
  if (isPlain(bytes)) return true
  return isCut && [1, 2, 3].some(missing => isPlain(bytes.subarray(0, -missing)))
}

function isJson(bytes: Buffer): boolean {
  if (!/^\s*[[{"\d\-tfn]/.test(bytes.toString('utf8', 0, 64))) return false
  try {
    JSON.parse(bytes.toString('utf8'))
    return true
  } catch {
    return false
  }
}

function shownText(bytes: Buffer, mask: boolean): string {
  const text = bytes.toString('utf8')
  if (!mask) return text
  try {
    return JSON.stringify(maskValue(JSON.parse(text)), null, 2)
  } catch {
    return maskText(text)
  }
}

/** Sixteen bytes a line: place, hexadecimal, letters. */
function hexTable(bytes: Buffer): string {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, SHOWN_BINARY_BYTES); at += 16) {
    const line = bytes.subarray(at, at + 16)
    const codes = [...line].map(byte => byte.toString(16).padStart(2, '0')).join(' ')
    const letters = line.toString('latin1').replace(/[^\x20-\x7e]/g, '·')
    lines.push(`${at.toString(16).padStart(8, '0')}  ${codes.padEnd(47)}  ${letters}`)
  }
  return lines.join('\n')
}
