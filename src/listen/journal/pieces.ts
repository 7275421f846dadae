import { isUtf8 } from 'node:buffer'

/** What is asked of a body that came in pieces, without putting them together. */

export function bytesOf(pieces: readonly Buffer[]): number {
  let bytes = 0
  for (const piece of pieces) bytes += piece.length
  return bytes
}

export function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
}

export function areSame(pieces: readonly Buffer[], other: Buffer): boolean {
  let at = 0
  for (const piece of pieces) {
    if (!other.subarray(at, at + piece.length).equals(piece)) return false
    at += piece.length
  }
  return at === other.length
}

/** Copies the bytes from `from` on, as many as `into` takes. */
export function copyFrom(pieces: readonly Buffer[], from: number, into: Buffer): void {
  let begin = 0
  let end = 0
  for (const piece of pieces) {
    const start = Math.max(0, from + end - begin)
    if (start < piece.length) end += piece.copy(into, end, start)
    if (end === into.length) return
    begin += piece.length
  }
}

/** Are they UTF-8 together? A character may lie across two of them and more. */
export function areUtf8(pieces: readonly Buffer[]): boolean {
  if (pieces.length === 1) return pieces.every(isUtf8)
  let cut: Buffer = Buffer.alloc(0)
  for (const piece of pieces) {
    const missing = cut.length === 0 ? 0 : lengthOf(cut[0] ?? 0) - cut.length
    const whole = cut.length === 0 ? piece : Buffer.concat([cut, piece.subarray(0, missing)])
    if (cut.length > 0 && piece.length < missing) {
      cut = whole
      continue
    }
    if (cut.length > 0 && !isUtf8(whole)) return false
    const end = piece.length - cutBytes(piece)
    if (!isUtf8(piece.subarray(Math.min(missing, end), end))) return false
    cut = piece.subarray(Math.max(missing, end))
  }
  return cut.length === 0
}

/** Of the character that begins with this byte. */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4
  if (first >= 0xe0) return 3
  return first >= 0xc0 ? 2 : 1
}

/** How much of a character stands at the end whose rest comes later. */
function cutBytes(piece: Buffer): number {
  for (let bytes = 1; bytes <= Math.min(3, piece.length); bytes++) {
    const byte = piece[piece.length - bytes] ?? 0
    if (byte >= 0xc0) return lengthOf(byte) > bytes ? bytes : 0
    if (byte < 0x80) return 0
  }
  return 0
}
