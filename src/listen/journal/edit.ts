import { isObject } from '../../is-object.ts'
import type { RelayedEvent } from '../relay/types.ts'
import { unpack } from './packed.ts'

type JsonObject = Record<string, unknown>

/** What an edited body may become when it is unpacked. */
const MAXIMUM_BYTES = 100_000_000

/**
 * The event with another body. `change` gets the message (what stands in `message` where the body has one, else the
 * whole body) and gives the new one. A packed body is sent unpacked. Null where the body is no JSON object.
 */
export function editEvent(
  event: RelayedEvent,
  change: (message: JsonObject) => JsonObject,
): RelayedEvent | null {
  const plain = event.body === null ? null : unpack(event.body, event.rawHeaders, MAXIMUM_BYTES)
  if (plain === null) return null
  let content: unknown
  try {
    content = JSON.parse(plain.toString('utf8'))
  } catch {
    return null
  }
  if (!isObject(content)) return null
  const { message } = content
  const changed = isObject(message) ? { ...content, message: change(message) } : change(content)
  return withBody(event, Buffer.from(JSON.stringify(changed)))
}

/** The event with these bytes, which are not packed. */
export function withBody(event: RelayedEvent, body: Buffer): RelayedEvent {
  const rawHeaders: string[] = []
  for (let place = 0; place < event.rawHeaders.length; place += 2) {
    const name = event.rawHeaders[place] ?? ''
    if (!/^(content-encoding|content-length|transfer-encoding)$/i.test(name))
      rawHeaders.push(name, event.rawHeaders[place + 1] ?? '')
  }
  return { ...event, body, rawHeaders }
}
