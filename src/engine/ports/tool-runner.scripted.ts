import type { Clock } from './clock.ts'
import type { ToolOutcome, ToolRequest, ToolRunner } from './tool-runner.ts'

/** What a scripted tool answers. */
export interface ScriptedAnswer {
  result?: unknown
  error?: string
  /** In place of the configured message, as a server sends it. */
  message?: Record<string, unknown>
  /** Where the call is to go, as a server names it. */
  destination?: Record<string, unknown>
  /** From the call to the answer, in milliseconds; in place of the latency of all tools. */
  afterMs?: number
  /** The client was told and answers by itself, if ever. */
  client?: boolean
}

/** The time that tools have whose configuration does not say it, in milliseconds (API: server.timeoutSeconds). */
const LIMIT_MS = 20_000

/**
 * Answers tool calls by name; a tool without a scripted answer gives `success`. One that would answer after its time limit
 * fails at the limit, as its server would.
 */
export function createScriptedTools(
  answers: Readonly<Record<string, ScriptedAnswer>>,
  latencyMs: number,
  clock: Clock,
): ToolRunner {
  return {
    async run(request, signal): Promise<ToolOutcome> {
      const { call, purpose } = request
      const answer = answers[call.name] ?? {}
      const { message, destination, afterMs = latencyMs } = answer
      const limitMs = limitOf(request)
      await clock.sleep(Math.min(afterMs, limitMs), signal)
      const more = message === undefined ? {} : { message }
      if (afterMs > limitMs)
        return { type: 'error', error: `${call.name} did not answer within ${limitMs / 1000} s` }
      if (answer.error !== undefined) return { type: 'error', error: answer.error, ...more }
      if (answer.client === true) return { type: 'client' }
      if (destination !== undefined && purpose !== 'transfer')
        return { type: 'destination', destination, ...more }
      const { result = 'success' } = answer
      const text = typeof result === 'string' ? result : JSON.stringify(result)
      return { type: 'result', result: text, ...more }
    },
  }
}

function limitOf({ definition, server }: ToolRequest): number {
  const { timeoutSeconds } = definition
  if (typeof timeoutSeconds === 'number') return timeoutSeconds * 1000
  return server === null ? LIMIT_MS : server.timeoutSeconds * 1000
}
