/** How messages travel to MCP servers and back. */

import type { ToolServer } from '../engine/ports/tool-runner.ts'
import { messageOf, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { HttpClient, HttpReply } from '../net/http.ts'
import { createEventParser } from '../net/sse.ts'
import { timeLimit } from '../time-limit.ts'
import type { JsonObject } from './reply-findings.ts'

export const PROTOCOL_VERSION = '2025-03-26'
const MAXIMUM_REPLY_BYTES = 4_194_304

export interface McpTransport {
  /** Sends a message and gives the answer of its `id`; null to one without. Throws VapiError. */
  send(message: JsonObject, signal: AbortSignal): Promise<JsonObject | null>
  close(): void
}

/** Streamable HTTP: each message is a POST, whose reply is the answer or a stream that has it. */
export function createPostTransport(server: ToolServer, http: HttpClient): McpTransport {
  let session: string | null = null
  return {
    async send(message, signal) {
      const known: Record<string, string> =
        session === null ? {} : { 'mcp-session-id': session, 'mcp-protocol-version': PROTOCOL_VERSION }
      const reply = await post(http, server, server.url, message, known, signal)
      const given = reply.headers['mcp-session-id']
      if (typeof given === 'string') session = given
      if (message.id === undefined) {
        reply.discard()
        return null
      }
      if (!isStream(reply)) return answerIn([parse(await reply.text(MAXIMUM_REPLY_BYTES))], message.id)
      for await (const answer of messagesOf(reply)) {
        if (answer.id !== message.id) continue
        reply.discard()
        return answer
      }
      return null
    },
    close: () => {},
  }
}

/** The older way: one stream brings the address for messages, then all answers. */
export function createStreamTransport(server: ToolServer, http: HttpClient): McpTransport {
  const closing = new AbortController()
  const waiting = new Map<unknown, (answer: JsonObject | VapiError) => void>()
  let address: Promise<string> | null = null

  /** Opens the stream; resolves with the address, and goes on reading until it ends. */
  async function open(): Promise<string> {
    const reply = await http.request({
      method: 'GET',
      url: server.url,
      headers: { accept: 'text/event-stream', ...server.headers },
      signal: closing.signal,
      limits: { idleMs: 0 },
    })
    if (reply.status < 200 || reply.status > 299 || !isStream(reply)) {
      reply.discard()
      throw mcpFault(`it answered ${reply.status} and no event stream`)
    }
    return new Promise((resolve, reject) => {
      read(reply, resolve).catch(error => {
        const fault = mcpFault(messageOf(error))
        for (const tell of waiting.values()) tell(fault)
        waiting.clear()
        reject(fault)
      })
    })
  }

  async function read(reply: HttpReply, found: (address: string) => void): Promise<void> {
    const parser = createEventParser(MAXIMUM_REPLY_BYTES)
    for await (const bytes of reply.body) {
      for (const { type, data } of parser.push(bytes)) {
        if (type === 'endpoint') found(new URL(data, server.url).href)
        else {
          const message = parse(data)
          if (!isObject(message)) continue
          waiting.get(message.id)?.(message)
          waiting.delete(message.id)
        }
      }
    }
    throw new Error('its stream ended')
  }

  return {
    async send(message, signal) {
      address ??= open().catch(error => {
        address = null
        throw error
      })
      const url = await within(address, server, signal)
      const answer =
        message.id === undefined
          ? null
          : new Promise<JsonObject | VapiError>(resolve => waiting.set(message.id, resolve))
      const reply = await post(http, server, url, message, {}, signal)
      reply.discard()
      if (answer === null) return null
      const given = await within(answer, server, signal)
      if (given instanceof VapiError) throw given
      return given
    },
    close: () => closing.abort(),
  }
}

/** The same, but no longer than the server's time limit. */
async function within<Value>(
  promise: Promise<Value>,
  server: ToolServer,
  signal: AbortSignal,
): Promise<Value> {
  const limit = timeLimit(signal, server.timeoutSeconds * 1000)
  const over = new Promise<never>((_, reject) => {
    const fail = () => reject(mcpFault(`it did not answer within ${server.timeoutSeconds} s`))
    if (limit.signal.aborted) fail()
    else limit.signal.addEventListener('abort', fail, { once: true })
  })
  return Promise.race([promise, over]).finally(() => limit.release())
}

async function post(
  http: HttpClient,
  server: ToolServer,
  url: string,
  message: JsonObject,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<HttpReply> {
  const reply = await http.request({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
      ...server.headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', ...message }),
    signal,
    timeoutMs: server.timeoutSeconds * 1000,
    limits: { connectMs: 0, firstByteMs: 0, idleMs: 0 },
  })
  if (reply.status >= 200 && reply.status < 300) return reply
  const body = (await reply.text(MAXIMUM_REPLY_BYTES)).trim()
  throw mcpFault(`it answered ${reply.status}${body === '' ? '' : `: ${body.slice(0, 200)}`}`)
}

function isStream(reply: HttpReply): boolean {
  return String(reply.headers['content-type'] ?? '').startsWith('text/event-stream')
}

async function* messagesOf(reply: HttpReply): AsyncGenerator<JsonObject> {
  const parser = createEventParser(MAXIMUM_REPLY_BYTES)
  for await (const bytes of reply.body)
    for (const { data } of parser.push(bytes)) yield* [parse(data)].flat().filter(isObject)
  for (const { data } of parser.end()) yield* [parse(data)].flat().filter(isObject)
}

/** Of the messages of a reply the one that answers; others are notifications. */
function answerIn(messages: readonly unknown[], id: unknown): JsonObject | null {
  return (
    messages
      .flat()
      .filter(isObject)
      .find(message => message.id === id) ?? null
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw mcpFault('it answered no JSON')
  }
}

export function mcpFault(message: string): VapiError {
  return new VapiError({ code: 'mcp-server', message: `the MCP server: ${message}` })
}
