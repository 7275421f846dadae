/** What goes wrong in the middle of an answer of a realtime session, whoever the vendor is. */
import type { Peer } from './transcription-server.ts'

export interface Mishap {
  /** After so many words. */
  after: number
  /** The next word comes before it, without its sound. */
  wordAlone?: boolean
  /** Messages in the vendor's words, or bytes as they stand. */
  sends?: (object | string | { bytes: Uint8Array; binary: boolean })[]
  /** The connection ends with this frame. */
  closes?: { code: number; reason: string }
}

/** True where the connection is over by it. */
export function befall(peer: Peer, { sends = [], closes }: Mishap): boolean {
  for (const message of sends) {
    if (typeof message === 'object' && 'bytes' in message) peer.sendBytes(message.bytes, message.binary)
    else peer.send(message)
  }
  if (closes !== undefined) peer.close(closes.code, closes.reason)
  return closes !== undefined
}
