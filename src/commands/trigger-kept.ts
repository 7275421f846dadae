import { isObject } from '../is-object.ts'
import { bodyOf, entryOf, headersOf, type ParsedLine } from '../listen/journal/lines.ts'
import { unpack } from '../listen/journal/packed.ts'
import type { KeptMessage } from '../trigger/kept-messages.ts'

const MAXIMUM_BYTES = 100_000_000

/** The message of a line of a journal or export; null where it is none, or was sent again by hand. */
export function keptMessageOf(line: ParsedLine): KeptMessage | null {
  const entry = entryOf(line)
  const body = entry?.type === 'event' && entry.replayOf === null ? bodyOf(line) : null
  if (entry === null || body === null) return null
  const plain = unpack(body, headersOf(line), MAXIMUM_BYTES)
  try {
    const content: unknown = JSON.parse(plain?.toString('utf8') ?? '')
    if (!isObject(content)) return null
    const message = isObject(content.message) ? content.message : content
    return typeof message.type === 'string' ? { receivedMs: entry.atMs, message } : null
  } catch {
    return null
  }
}
