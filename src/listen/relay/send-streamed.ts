import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { messageOf } from '../../errors.ts'
import { codeOf, type ForwardEvents, type ForwardRequest, type Sending } from './forward.ts'
import type { TargetPools } from './pools.ts'

/** Sends a request whose body is still coming; `pieces` are what is there of it. */
export function sendStreamed(
  pools: TargetPools,
  { url, path, method, headers }: ForwardRequest,
  pieces: readonly Buffer[],
  events: ForwardEvents,
): Sending {
  const open = url.protocol === 'https:' ? requestHttps : requestHttp
  const hasLength = headers.some((text, place) => place % 2 === 0 && text.toLowerCase() === 'content-length')
  const request: ClientRequest = open({
    agent: pools.streamed(url),
    method,
    path,
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: url.port === '' ? undefined : url.port,
    headers: hasLength ? headers : [...headers, 'Transfer-Encoding', 'chunked'],
  })
  const fail = (error: Error) => events.failed({ code: codeOf(error), message: messageOf(error) })
  request.on('response', answer => take(answer, events, fail))
  // Nobody asked for it, and without a hearer the sender would wait for ever.
  request.on('upgrade', () => {
    fail(new Error('the target wants to go on with another protocol'))
    request.destroy()
  })
  request.on('error', fail)
  request.on('drain', () => events.drained())
  for (const piece of pieces) request.write(piece)
  return {
    write: piece => request.write(piece),
    end: () => {
      request.end()
    },
    abort: () => {
      request.destroy()
    },
  }
}

function take(answer: IncomingMessage, events: ForwardEvents, fail: (error: Error) => void): void {
  events.response(answer.statusCode ?? 502, answer.statusMessage ?? '', answer.rawHeaders, () =>
    answer.resume(),
  )
  answer.on('data', (piece: Buffer) => {
    if (!events.body(piece)) answer.pause()
  })
  answer.on('end', () => events.complete(answer.rawTrailers))
  answer.on('error', fail)
  // A request that breaks after its answer began tells of it here alone.
  answer.on('aborted', () => fail(new Error('the target closed the connection')))
}
