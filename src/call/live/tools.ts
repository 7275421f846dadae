import { setTimeout as sleep } from 'node:timers/promises'
import type { Json } from '../../assistant/overrides.ts'
import { createRenderer } from '../../assistant/variables.ts'
import type { ToolOutcome, ToolRequest, ToolRunner } from '../../engine/ports/tool-runner.ts'
import { isObject } from '../../is-object.ts'
import type { MakeRender } from '../../messages/api-request.ts'
import { runApiRequest } from '../../messages/tool-api-request.ts'
import { createMcpSession, type McpSession, runMcpTool } from '../../messages/tool-mcp.ts'
import { createToolRunner } from '../../messages/tool-runner.ts'
import { askDestination, askKnowledgeBase } from '../../messages/tool-server.ts'
import type { HttpClient } from '../../net/http.ts'
import { withExtraction } from '../tools/extraction.ts'
import { CODE_NOT_ALLOWED, runCode } from './code-tool.ts'
import { isLoopback } from './parts/choices.ts'

export interface LiveToolOptions {
  http: HttpClient
  /** The fields of messages to servers that describe the call at this moment. */
  envelope: () => Readonly<Record<string, unknown>>
  epochMs: number
  /** Only servers on this machine are called. */
  offline: boolean
  /** The user lets tools run code (`--allow-code`). */
  allowCode: boolean
  /** How MCP servers are told who calls. */
  program: { name: string; version: string }
}

export interface LiveTools extends ToolRunner {
  /** What the server of an `mcp` tool offers. Throws VapiError. */
  listMcpTools(tool: Json, signal: AbortSignal): Promise<Json[]>
  close(): void
}

/** Kinds that their server runs. */
const onServer = new Set(['function', 'bash', 'computer', 'textEditor'])

/** Runs the tools of a live call: those that can be really run are, all others are dry runs. */
export function createLiveTools(options: LiveToolOptions): LiveTools {
  const { http, envelope, epochMs, offline } = options
  const now = () => Date.now()
  const server = createToolRunner({ http, envelope, now })
  const makeRender: MakeRender = (texts, variables) => createRenderer(texts, { ...variables }, epochMs)
  const refusal = (url: string) =>
    offline && !isLoopback(url)
      ? `offline: ${new URL(url).origin} is not on this machine and was not called`
      : null
  const sessions = new Map<string, McpSession>()

  function mcpSession(definition: Readonly<Json>): McpSession | string {
    const { server: given, metadata } = definition
    const url = isObject(given) && typeof given.url === 'string' ? given.url : ''
    if (!URL.canParse(url)) return 'its server.url is not an address'
    const refused = refusal(url)
    if (refused !== null) return refused
    const protocol = isObject(metadata) && metadata.protocol === 'sse' ? 'sse' : 'shttp'
    const headers = isObject(given) && isObject(given.headers) ? given.headers : {}
    const timeoutSeconds =
      isObject(given) && typeof given.timeoutSeconds === 'number' ? given.timeoutSeconds : 20
    const key = JSON.stringify([url, protocol, headers])
    const made =
      sessions.get(key) ??
      createMcpSession(
        { url, timeoutSeconds, headers: headers as Record<string, string> },
        { http, protocol, ...options.program },
      )
    sessions.set(key, made)
    return made
  }

  async function run(request: ToolRequest, signal: AbortSignal): Promise<ToolOutcome> {
    const { definition, server: target } = request
    const type = String(definition.type)
    // Its words were said; by telephone it would go on now.
    if (request.purpose === 'transfer') return { type: 'result', result: 'Transferred.' }
    const asksServer = onServer.has(type) || type === 'query' || request.purpose === 'destination'
    if (target !== null && asksServer) {
      if (offline && !isLoopback(target.url)) {
        const error = `offline: the server of ${request.call.name} is not on this machine and was not called`
        return { type: 'error', error }
      }
    }
    if (type === 'apiRequest') {
      const wait = (ms: number, aborted: AbortSignal) =>
        sleep(ms, undefined, { signal: aborted }).catch(() => undefined)
      return runApiRequest(request, { http, makeRender, refusal, now, sleep: wait }, signal)
    }
    if (type === 'code') {
      if (!options.allowCode) return { type: 'error', error: CODE_NOT_ALLOWED }
      const render = await createRenderer([JSON.stringify(definition)], { ...request.variables }, epochMs)
      return runCode(request, render, signal)
    }
    if (type === 'mcp') {
      const session = mcpSession(definition)
      if (typeof session === 'string') return { type: 'error', error: session }
      return runMcpTool(request, session, signal)
    }
    if (type === 'query') return runQuery(request, signal)
    if (type === 'transferCall' || type === 'handoff') {
      return request.purpose === 'destination'
        ? askDestination(request, { http, envelope, now }, signal)
        : { type: 'result', result: 'Success.' }
    }
    if (!onServer.has(type)) return { type: 'result', result: 'Success.' }
    if (target === null && type === 'function')
      return {
        type: 'client',
        warnings: ['it has no server: the client is told of the call, and its answer comes as a message'],
      }
    return server.run(request, signal)
  }

  async function runQuery(request: ToolRequest, signal: AbortSignal): Promise<ToolOutcome> {
    if (request.server !== null) return askKnowledgeBase(request, { http, envelope, now }, signal)
    return {
      type: 'result',
      result: 'No documents.',
      warnings: ['its knowledge base has no server of its own and is not reached from here: a dry run'],
    }
  }

  return {
    ...withExtraction({ run }, epochMs),
    async listMcpTools(tool, signal) {
      const session = mcpSession(tool)
      if (typeof session === 'string') throw new Error(session)
      return (await session.listTools(signal)).map(each => ({ ...each }))
    },
    close: () => {
      for (const session of sessions.values()) session.close()
    },
  }
}
