/**
 * A real HTTP server on 127.0.0.1 that answers as scripted: an OpenAI-compatible model, a tool's server, any peer.
 *
 *     const server = await startFakeOpenAi()
 *     server.script(textReply(['Hel', 'lo']), errorReply(429, 'slow down'))   // used in order, one a request
 *     server.answerWith(request => jsonReply({ results: [] }))               // for every request beyond the script
 *     ... server.baseUrl ...
 *     expect(server.requests[0].json).toMatchObject({ model: 'gpt-test' })
 *     await server.requests[0].abandoned                                     // the client went away before the end
 *     await server.close()
 *
 * A reply is a list of steps (write, wait, break), so that any breakage can be put together; the functions below
 * make the usual ones. Without a script every chat request is answered with the text "ok".
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'

/** What a reply does next: write, wait some milliseconds, wait for a promise, cut the connection, fall silent. */
export type FakeStep =
  | string
  | Uint8Array
  | { waitMs: number }
  | { until: Promise<unknown> }
  | 'cut'
  | 'silence'

export interface FakeReply {
  /** 200 unless given. */
  status?: number
  headers?: Record<string, string>
  /** Waits before the status and headers go out. */
  delayMs?: number
  steps: FakeStep[]
}

export interface FakeRequest {
  method: string
  /** With its query. */
  path: string
  headers: IncomingHttpHeaders
  body: string
  /** The body as JSON; undefined where it is none. */
  json: unknown
  /** Resolves when the client closes the connection before its reply was complete. */
  abandoned: Promise<void>
}

export interface FakeOpenAi {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** `url` with `/v1`. */
  readonly baseUrl: string
  /** All requests so far, in order of arrival. */
  readonly requests: FakeRequest[]
  /** Connections that were opened so far. */
  readonly connectionCount: number
  /** Adds replies that are used in order. */
  script(...replies: FakeReply[]): void
  /** Decides the replies of requests beyond the script. */
  answerWith(decide: (request: FakeRequest) => FakeReply): void
  /** The request number `index` (from 0), as soon as it is there. */
  request(index: number): Promise<FakeRequest>
  /** Closes the connections that wait for a next request, as servers do after their keep-alive time. */
  closeIdleConnections(): void
  close(): Promise<void>
}

export async function startFakeOpenAi(port = 0): Promise<FakeOpenAi> {
  const requests: FakeRequest[] = []
  const scripted: FakeReply[] = []
  const sockets = new Set<Socket>()
  const waiting: { index: number; found: (request: FakeRequest) => void }[] = []
  const closed = new AbortController()
  let decide: (request: FakeRequest) => FakeReply = () => textReply(['ok'])
  let connectionCount = 0

  const server = createServer(async (incoming, outgoing) => {
    const request = await readRequest(incoming, outgoing)
    requests.push(request)
    for (const waiter of waiting.filter(({ index }) => index < requests.length))
      waiter.found(requests[waiter.index])
    await play(scripted.shift() ?? decide(request), outgoing, closed.signal).catch(() => outgoing.destroy())
  })
  server.on('connection', socket => {
    connectionCount++
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    baseUrl: `${url}/v1`,
    requests,
    get connectionCount() {
      return connectionCount
    },
    script: (...replies) => void scripted.push(...replies),
    answerWith(decision) {
      decide = decision
    },
    request: index =>
      new Promise(found => {
        if (requests[index]) found(requests[index])
        else waiting.push({ index, found })
      }),
    closeIdleConnections: () => server.closeIdleConnections(),
    async close() {
      closed.abort()
      const ended = new Promise(resolve => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await ended
    },
  }
}

export interface StreamOptions {
  /** Waits before the status, before the first event and between events. */
  delayMs?: number
  firstMs?: number
  betweenMs?: number
  /** Writes the bytes of all events in pieces of this size, wherever they fall. */
  bytesPerWrite?: number
  /** `stop` for text, `tool_calls` for tool calls; null leaves it out. */
  finishReason?: string | null
  usage?: Record<string, unknown>
  /** False leaves out `data: [DONE]`. */
  done?: boolean
  /** Comes after the last event: `'cut'`, `'silence'` … */
  afterwards?: FakeStep[]
}

/** A streamed answer of these pieces of text. */
export function textReply(pieces: string[], options: StreamOptions = {}): FakeReply {
  return streamReply(
    pieces.map(content => ({ content })),
    { finishReason: 'stop', ...options },
  )
}

export interface FakeToolCall {
  id?: string
  name: string
  arguments: unknown
}

/**
 * A streamed answer that calls tools, as OpenAI sends them: name first, then the arguments in pieces of
 * `argumentCharacters`, the calls one after the other.
 */
export function toolCallReply(
  calls: FakeToolCall[],
  options: StreamOptions & { argumentCharacters?: number; text?: string } = {},
): FakeReply {
  const { argumentCharacters = 7, text, ...streamOptions } = options
  const deltas: object[] = text === undefined ? [] : [{ content: text }]
  calls.forEach((call, index) => {
    const opening = { name: call.name, arguments: '' }
    deltas.push({
      tool_calls: [{ index, id: call.id ?? `call_${index + 1}`, type: 'function', function: opening }],
    })
    const json = typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments)
    for (let at = 0; at < json.length; at += argumentCharacters)
      deltas.push({
        tool_calls: [{ index, function: { arguments: json.slice(at, at + argumentCharacters) } }],
      })
  })
  return streamReply(deltas, { finishReason: 'tool_calls', ...streamOptions })
}

/** A streamed answer of these deltas. */
export function streamReply(deltas: object[], options: StreamOptions = {}): FakeReply {
  const events = deltas.map(delta => chunkEvent({ choices: [{ index: 0, delta, finish_reason: null }] }))
  if (options.finishReason)
    events.push(chunkEvent({ choices: [{ index: 0, delta: {}, finish_reason: options.finishReason }] }))
  if (options.usage) events.push(chunkEvent({ choices: [], usage: options.usage }))
  if (options.done !== false) events.push('data: [DONE]\n\n')
  const steps: FakeStep[] = options.firstMs ? [{ waitMs: options.firstMs }] : []
  if (options.bytesPerWrite) {
    const bytes = Buffer.from(events.join(''))
    for (let at = 0; at < bytes.length; at += options.bytesPerWrite)
      steps.push(bytes.subarray(at, at + options.bytesPerWrite))
  } else {
    for (const event of events)
      steps.push(event, ...(options.betweenMs ? [{ waitMs: options.betweenMs }] : []))
  }
  return eventReply([...steps, ...(options.afterwards ?? [])], options.delayMs)
}

/** An event stream of raw steps. */
export function eventReply(steps: FakeStep[], delayMs?: number): FakeReply {
  return { headers: { 'content-type': 'text/event-stream' }, delayMs, steps }
}

/** One event with this object as a chat completion chunk. */
export function chunkEvent(fields: object): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', ...fields })}\n\n`
}

export function jsonReply(value: unknown, status = 200): FakeReply {
  return rawReply(JSON.stringify(value), 'application/json', status)
}

/** An error in OpenAI's form. */
export function errorReply(status: number, message: string, code: string | null = null): FakeReply {
  return jsonReply({ error: { message, type: 'test_error', param: null, code } }, status)
}

export function rawReply(body: string, contentType: string, status = 200): FakeReply {
  return { status, headers: { 'content-type': contentType }, steps: body === '' ? [] : [body] }
}

async function readRequest(incoming: IncomingMessage, outgoing: ServerResponse): Promise<FakeRequest> {
  const abandoned = new Promise<void>(resolve =>
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) resolve()
    }),
  )
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece)
  const body = Buffer.concat(pieces).toString()
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: incoming.headers,
    body,
    json: parsed(body),
    abandoned,
  }
}

async function play(reply: FakeReply, outgoing: ServerResponse, closed: AbortSignal): Promise<void> {
  if (reply.delayMs) await wait(reply.delayMs, undefined, { signal: closed })
  outgoing.writeHead(reply.status ?? 200, reply.headers)
  outgoing.flushHeaders()
  for (const step of reply.steps) {
    if (outgoing.destroyed) return
    if (step === 'silence') return
    if (step === 'cut') {
      // The bytes before it reach the client first: the test is about what was sent, not about a race.
      await nextTurn()
      outgoing.socket?.destroy()
      return
    }
    if (typeof step === 'string' || step instanceof Uint8Array) {
      await new Promise(resolve => outgoing.write(step, resolve))
      await nextTurn()
    } else if ('waitMs' in step) await wait(step.waitMs, undefined, { signal: closed })
    else await step.until
  }
  outgoing.end()
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
