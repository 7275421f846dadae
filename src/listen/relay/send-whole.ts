import type { Dispatcher } from 'undici'
import { messageOf } from '../../errors.ts'
import { codeOf, type ForwardEvents, type ForwardRequest, type Sending } from './forward.ts'
import type { TargetPools } from './pools.ts'

/**
 * Sends a request whose body is there. A connection that was kept open and is found closed is opened anew once: the
 * target may have been restarted in between.
 */
export function sendWhole(
  pools: TargetPools,
  { url, path, method, headers }: ForwardRequest,
  body: Buffer | null,
  events: ForwardEvents,
): Sending {
  const pool = pools.whole(url)
  let abort: (() => void) | null = null
  let aborted = false
  let answered = false
  let again = true
  const handler: Dispatcher.DispatchHandler = {
    onConnect: stop => {
      abort = stop
      if (aborted) stop()
    },
    onHeaders: (status, rawHeaders, resume, statusText) => {
      if (status < 200) return true
      answered = true
      const texts = rawHeaders.map(header => header.toString('latin1'))
      events.response(status, asLatin1(statusText), texts, resume)
      return true
    },
    onData: piece => events.body(piece),
    onComplete: trailers => events.complete(trailers?.map(asLatin1) ?? []),
    onError: error => {
      if (!answered && again && wasClosedWhileKept(error)) {
        again = false
        pool.dispatch(request, handler)
      } else events.failed({ code: codeOf(error), message: messageOf(error) })
    },
  }
  const request = { path, method: method as Dispatcher.HttpMethod, headers, body }
  pool.dispatch(request, handler)
  return {
    write: () => true,
    end: () => {},
    abort: () => {
      aborted = true
      abort?.()
    },
  }
}

/** Bytes as node:http takes them. Words of a status are text, which undici has read as UTF-8; trailers are bytes. */
function asLatin1(text: string | Buffer): string {
  return Buffer.from(text as string).toString('latin1')
}

/** The socket had carried an exchange before, so that its end may be older than this request. */
function wasClosedWhileKept(error: Error): boolean {
  const code = codeOf(error)
  if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') return false
  const socket: unknown = 'socket' in error ? error.socket : null
  const read =
    typeof socket === 'object' && socket !== null && 'bytesRead' in socket ? socket.bytesRead : null
  return read === null || Number(read) > 0
}
