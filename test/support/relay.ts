import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { type Relay, startRelay } from '../../src/listen/relay/relay.ts'
import type {
  RelayedEvent,
  RelayedReply,
  RelayListener,
  RelayOptions,
  RelayProblem,
} from '../../src/listen/relay/types.ts'
import { parseRoute } from '../../src/listen/routes.ts'

/** A server that events are relayed to, closed with the test. */
export async function startTarget(
  answer: (request: IncomingMessage, reply: ServerResponse, body: Buffer) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((incoming, reply) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('end', () => answer(incoming, reply, Buffer.concat(pieces)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  onTestFinished(close)
  return { port: (server.address() as AddressInfo).port, close }
}

export interface TestRelay extends Relay {
  events: RelayedEvent[]
  replies: RelayedReply[]
  problems: RelayProblem[]
}

/** A relay on a free port, closed with the test. `routes` as on the command line. */
export async function openRelay(
  routes: string[],
  options: Partial<RelayOptions> = {},
  listener: Partial<RelayListener> = {},
): Promise<TestRelay> {
  const events: RelayedEvent[] = []
  const replies: RelayedReply[] = []
  const problems: RelayProblem[] = []
  const relay = await startRelay(
    { host: '127.0.0.1', port: 0 },
    {
      routes: routes.map(parseRoute),
      pathMode: 'append',
      passes: () => true,
      verify: null,
      maximumBodyBytes: 20_000_000,
      wholeBodies: false,
      sessionId: '0123abcd',
      tls: { skipVerify: false, ca: null },
      ...options,
    },
    {
      event: event => {
        events.push(event)
        listener.event?.(event)
      },
      reply: (reply, event) => {
        replies.push(reply)
        listener.reply?.(reply, event)
      },
      problem: (problem, event) => {
        problems.push(problem)
        listener.problem?.(problem, event)
      },
    },
  )
  onTestFinished(() => relay.close())
  return { ...relay, events, replies, problems }
}

export interface Answer {
  status: number
  statusText: string
  rawHeaders: string[]
  headers: Record<string, string | string[] | undefined>
  rawTrailers: string[]
  body: Buffer
}

/** One exchange. `body` in pieces is sent without a length. Rejects where the connection breaks. */
export function send(
  port: number,
  options: {
    method?: string
    path?: string
    headers?: Record<string, string | string[]> | string[]
    body?: Buffer | string | readonly (Buffer | string)[]
  } = {},
): Promise<Answer> {
  const { method = 'POST', path = '/', headers = { 'content-type': 'application/json' }, body } = options
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, answer => {
      const pieces: Buffer[] = []
      answer.on('data', (piece: Buffer) => pieces.push(piece))
      answer.on('error', reject)
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          statusText: answer.statusMessage ?? '',
          rawHeaders: answer.rawHeaders,
          headers: answer.headers,
          rawTrailers: answer.rawTrailers,
          body: Buffer.concat(pieces),
        }),
      )
    })
    sent.on('error', reject)
    if (Array.isArray(body)) {
      for (const piece of body) sent.write(piece)
      sent.end()
    } else sent.end(body as Buffer | string | undefined)
  })
}
