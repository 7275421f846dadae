import type { ServerResponse } from 'node:http'
import type { InspectorSource } from './types.ts'

/** Changes of so long go out together: a page does not need each of 200 events a second by itself. */
const GATHER_MS = 100
/** A sign of life, so that a connection that is gone is noticed. */
const ALIVE_MS = 15_000

/**
 * Sends what changes as server-sent events until the page goes: the data of each is a `Changes`, whose cursor the page
 * repeats when it comes back. A page that does not read gets nothing new meanwhile, and everything afterwards.
 */
export function streamChanges(reply: ServerResponse, source: InspectorSource, after: string | null): void {
  let cursor = after
  let gathering: NodeJS.Timeout | null = null
  let isFull = false
  const flush = () => {
    gathering = null
    if (isFull) return
    const changes = source.changes(cursor)
    if (changes.cursor === cursor) return
    cursor = changes.cursor
    isFull = !reply.write(`data: ${JSON.stringify(changes)}\n\n`)
  }
  const unsubscribe = source.subscribe(() => {
    gathering ??= setTimeout(flush, GATHER_MS)
  })
  const alive = setInterval(() => {
    if (!isFull) reply.write(':\n\n')
  }, ALIVE_MS)
  alive.unref()
  reply.on('drain', () => {
    isFull = false
    flush()
  })
  reply.on('close', () => {
    unsubscribe()
    clearInterval(alive)
    if (gathering !== null) clearTimeout(gathering)
  })
  reply.flushHeaders()
  flush()
}
