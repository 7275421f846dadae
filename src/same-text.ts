import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares two secrets in a time that tells neither where nor by how many characters they differ. */
export function isSameText(one: string | Buffer, other: string | Buffer): boolean {
  const digest = (text: string | Buffer) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
