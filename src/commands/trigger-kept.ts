import { isObject } from '../is-object.ts'
import { bodyOf, entryOf, headersOf, type ParsedLine } from '../listen/journal/lines.ts'
import { unpack } from '../listen/journal/packed.ts'
import type { KeptMessage } from '../trigger/kept-messages.ts'

const MAXIMUM_BYTES = 100_000_000

/** The messages of the lines of a journal or export. What the sender sent twice (`duplicateOf`) counts once. */
export function keptMessagesOf(lines: readonly ParsedLine[]): KeptMessage[] {
  const ids = new Set<string>()
  return lines.flatMap(line => {
    const message = keptMessageOf(line)
    const entry = entryOf(line)
    if (message === null || entry?.type !== 'event') return []
    // Of an event that is not there itself, as at the beginning of an export, the first duplicate stands.
    const id = entry.duplicateOf ?? entry.id
    if (ids.has(id)) return []
    ids.add(id)
    return [message]
  })
}

/** The message of a line; null where it is none, or was sent again by hand. */
function keptMessageOf(line: ParsedLine): KeptMessage | null {
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
