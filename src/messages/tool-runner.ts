import type { ToolRequest, ToolRunner, ToolServer } from '../engine/ports/tool-runner.ts'
import { messageOf, VapiError } from '../errors.ts'
import type { HttpClient } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import { DEFAULT_TIMEOUT_SECONDS, type MessageReply, type MessageServer, postMessage } from './send.ts'
import {
  functionCallMessage,
  isToolReply,
  readToolReply,
  type ToolReply,
  toolCallsMessage,
} from './tool-calls.ts'

export interface ToolRunnerOptions {
  http: HttpClient
  /** The fields of the message that describe the call at this moment: `call`, `assistant`, `customer`, `artifact` … */
  envelope: () => Readonly<Record<string, unknown>>
  /** Wall clock of the message's `timestamp`, in milliseconds since 1970. */
  now: () => number
  /** The legacy secret of a server that is not the tool's own (`serverUrlSecret`, `assistant.server.secret`). */
  secret?: (server: ToolServer) => string | undefined
}

/** Runs function tools by posting `tool-calls` to their server. Answers carry the reply's `message` where it has one. */
export interface HttpToolRunner extends ToolRunner {
  run(request: ToolRequest, signal: AbortSignal): Promise<ToolReply>
}

export function createToolRunner(options: ToolRunnerOptions): HttpToolRunner {
  return {
    async run({ call, definition, server, asFunctionCall = false }, signal) {
      signal.throwIfAborted()
      if (server === null)
        return failed(`the tool "${call.name}" has no server: set server.url of the tool or of the assistant`)
      const target: MessageServer = {
        ...server,
        secret: ownSecret(definition, server) ?? options.secret?.(server),
      }
      const compose = asFunctionCall ? functionCallMessage : toolCallsMessage
      const message = compose(call, definition, options.envelope(), options.now())
      try {
        return readReply(await postMessage(options.http, target, message, signal), call.id, server)
      } catch (thrown) {
        signal.throwIfAborted()
        return failed(reasonOf(thrown, server))
      }
    },
  }
}

/** The documents say that only 200 counts; in fact the body of an error reply is read as well, if it is a reply. */
function readReply(reply: MessageReply, callId: string, server: ToolServer): ToolReply {
  // With 400 a handler tells a fault of its own; other errors are those of its framework.
  const isToldError = reply.status === 400 && /^\s*\{\s*"error"\s*:\s*"/.test(reply.body)
  if ((reply.status >= 200 && reply.status < 300) || isToolReply(reply.body) || isToldError)
    return readToolReply(reply.body, callId)
  const place = placeOf(server)
  if (reply.location)
    return failed(`${place} answered ${reply.statusText}: set the URL to where it moved, ${reply.location}`)
  const said = reply.body.trim() === '' ? '' : `: ${excerpt(reply.body)}`
  return failed(`${place} answered ${reply.statusText} instead of 200${said}`)
}

function reasonOf(thrown: unknown, server: ToolServer): string {
  const limitSeconds = server.timeoutSeconds || DEFAULT_TIMEOUT_SECONDS
  if (thrown instanceof VapiError && thrown.code === 'timeout')
    return `${placeOf(server)} did not answer within ${limitSeconds} s (server.timeoutSeconds)`
  return messageOf(thrown)
}

function failed(error: string): ToolReply {
  return { type: 'error', error }
}

/** The address without user, password and query: the text reaches the model and the log. */
function placeOf(server: ToolServer): string {
  const url = new URL(server.url)
  return url.origin + url.pathname
}

/** The secret belongs to the server that the tool itself names. */
function ownSecret(definition: ToolRequest['definition'], server: ToolServer): string | undefined {
  const own = definition.server
  if (typeof own !== 'object' || own === null || !('url' in own) || own.url !== server.url) return undefined
  return 'secret' in own && typeof own.secret === 'string' ? own.secret : undefined
}
