import type { EndpointingServer } from '../engine/ports/endpointing-server.ts'
import type { ToolServer } from '../engine/ports/tool-runner.ts'
import { VapiError } from '../errors.ts'
import { askServer, type ToolServerOptions } from './tool-server.ts'

/** The longest wait that can be answered. A reply that is later than that could only have been overdue. */
export const ENDPOINTING_LIMIT_SECONDS = 15

/**
 * Asks a custom endpointing model by `call.endpointing.request` (API: CustomEndpointingModelSmartEndpointingPlan), each
 * time within the server's `timeoutSeconds`, at most 15 s.
 */
export function createEndpointingServer(server: ToolServer, options: ToolServerOptions): EndpointingServer {
  const limited = {
    ...server,
    timeoutSeconds: Math.min(server.timeoutSeconds, ENDPOINTING_LIMIT_SECONDS),
  }
  return {
    async timeoutSeconds({ messages, messagesOpenAIFormatted }, signal) {
      const message = { type: 'call.endpointing.request', messages, messagesOpenAIFormatted }
      const reply = await askServer(limited, message, options, signal)
      if (typeof reply === 'string') throw failed(reply)
      const { origin, pathname } = new URL(server.url)
      if (typeof reply.error === 'string')
        throw failed(`${origin + pathname} answered an error: ${reply.error}`)
      return timeoutOf(reply, origin + pathname)
    },
  }
}

/** The wait that a reply names. Throws VapiError where it is none from 0 to 15 s; `place` is who answered. */
export function timeoutOf(reply: Readonly<Record<string, unknown>>, place: string): number {
  const { timeoutSeconds } = reply
  if (
    typeof timeoutSeconds === 'number' &&
    timeoutSeconds >= 0 &&
    timeoutSeconds <= ENDPOINTING_LIMIT_SECONDS
  )
    return timeoutSeconds
  const given =
    timeoutSeconds === undefined ? 'no timeoutSeconds' : `timeoutSeconds ${String(timeoutSeconds)}`
  throw failed(`${place} answered ${given}; it must be a number from 0 to ${ENDPOINTING_LIMIT_SECONDS}`)
}

function failed(message: string): VapiError {
  return new VapiError({ code: 'endpointing-failed', message })
}
