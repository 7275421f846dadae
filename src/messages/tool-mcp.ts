/** A client of MCP servers for `mcp` tools: lists what they offer and calls it (JSON-RPC 2.0). */

import type { ToolOutcome, ToolRequest, ToolServer } from '../engine/ports/tool-runner.ts'
import { messageOf } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { HttpClient } from '../net/http.ts'
import { createPostTransport, createStreamTransport, mcpFault, PROTOCOL_VERSION } from './mcp-transports.ts'
import type { JsonObject } from './reply-findings.ts'

/** Pages of a list of tools that are read. */
const MAXIMUM_PAGES = 20

export interface McpOptions {
  http: HttpClient
  /** `sse` is the older way, with a stream beside the requests (API: metadata.protocol). */
  protocol: 'shttp' | 'sse'
  /** How the client names itself. */
  name: string
  version: string
}

/** One session with a server, opened with its first request. Its requests throw VapiError. */
export interface McpSession {
  listTools(signal: AbortSignal): Promise<JsonObject[]>
  callTool(name: string, values: JsonObject, signal: AbortSignal): Promise<ToolOutcome>
  close(): void
}

export function createMcpSession(server: ToolServer, options: McpOptions): McpSession {
  const { name, version } = options
  const create = options.protocol === 'sse' ? createStreamTransport : createPostTransport
  const transport = create(server, options.http)
  let opening: Promise<void> | null = null
  let nextId = 1

  async function ask(method: string, params: JsonObject, signal: AbortSignal): Promise<JsonObject> {
    const answer = await transport.send({ id: nextId++, method, params }, signal)
    if (answer === null) throw mcpFault(`it gave no answer to ${method}`)
    if (isObject(answer.error)) throw mcpFault(String(answer.error.message ?? `${method} failed`))
    return isObject(answer.result) ? answer.result : {}
  }

  async function open(signal: AbortSignal): Promise<void> {
    const clientInfo = { name, version }
    await ask('initialize', { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo }, signal)
    await transport.send({ method: 'notifications/initialized' }, signal)
  }

  function opened(signal: AbortSignal): Promise<void> {
    opening ??= open(signal).catch(error => {
      opening = null
      throw error
    })
    return opening
  }

  return {
    async listTools(signal) {
      await opened(signal)
      const tools: JsonObject[] = []
      let cursor: unknown
      for (let page = 0; page < MAXIMUM_PAGES; page++) {
        const result = await ask('tools/list', cursor === undefined ? {} : { cursor }, signal)
        tools.push(...(Array.isArray(result.tools) ? result.tools.filter(isObject) : []))
        cursor = result.nextCursor
        if (typeof cursor !== 'string' || cursor === '') break
      }
      return tools.filter(tool => typeof tool.name === 'string')
    },
    async callTool(tool, values, signal) {
      await opened(signal)
      const result = await ask('tools/call', { name: tool, arguments: values }, signal)
      const text = textOf(result)
      return result.isError === true ? { type: 'error', error: text } : { type: 'result', result: text }
    },
    close: () => transport.close(),
  }
}

/** Calls a tool of an MCP server; what goes wrong is the tool's error. */
export async function runMcpTool(
  { call }: ToolRequest,
  session: McpSession,
  signal: AbortSignal,
): Promise<ToolOutcome> {
  try {
    return await session.callTool(call.name, call.arguments, signal)
  } catch (thrown) {
    signal.throwIfAborted()
    return { type: 'error', error: messageOf(thrown) }
  }
}

/** The texts of a result; what is no text is named. */
function textOf(result: JsonObject): string {
  const parts = Array.isArray(result.content) ? result.content.filter(isObject) : []
  const texts = parts.map(part => (typeof part.text === 'string' ? part.text : `(${String(part.type)})`))
  if (texts.length > 0) return texts.join('\n')
  return result.structuredContent === undefined ? '' : JSON.stringify(result.structuredContent)
}
