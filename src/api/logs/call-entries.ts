import { type EndedCall, explainEndedReason } from '../ended-reason.ts'
import { fieldOf, isJsonObject, type LiveCall, textOf } from '../live-call.ts'
import { messagesOf } from '../monitor-watch.ts'
import type { Json } from '../types.ts'
import { epochMs } from './call-log.ts'
import type { LogEntry, LogLevel } from './entry.ts'

/** What a call's record tells of its course: made, answered, ended and why. */
export function callEntries(call: LiveCall): LogEntry[] {
  const kind = textOf(call.type) ?? 'call'
  const customer = textOf(fieldOf(call, 'customer', 'number')) ?? textOf(fieldOf(call, 'customer', 'sipUri'))
  const entries: LogEntry[] = []
  const add = (time: Json | undefined, level: LogLevel, text: string, data: Json) => {
    const atMs = epochMs(time)
    if (atMs !== null)
      entries.push({ ...originOf(call), atMs, level, type: 'call', text, source: 'calls', data })
  }
  const short = { id: call.id ?? null, status: call.status ?? null }
  add(call.createdAt, 'info', `created: ${kind}${customer === undefined ? '' : ` with ${customer}`}`, short)
  add(call.startedAt, 'info', 'started', short)
  const reason = textOf(call.endedReason)
  if (call.status === 'ended' || call.endedAt !== undefined)
    add(call.endedAt ?? call.updatedAt, levelOf(reason), endingText(reason, call), call)
  return entries
}

/** True where the call ended because something broke. */
export function endedByFault(call: LiveCall): boolean {
  const reason = textOf(call.endedReason)
  return reason !== undefined && explainEndedReason(reason).outcome === 'fault'
}

function levelOf(reason: string | undefined): LogLevel {
  if (reason === undefined) return 'info'
  return { normal: 'info', unanswered: 'warn', fault: 'error' }[
    explainEndedReason(reason).outcome
  ] as LogLevel
}

function endingText(reason: string | undefined, call: LiveCall): string {
  if (reason === undefined) return 'ended'
  const { summary, nextStep, outcome } = explainEndedReason(reason, endedCall(call))
  return `ended: ${reason}: ${summary}${outcome === 'fault' ? ` (next: ${nextStep})` : ''}`
}

/** What the explanation of an ending needs to name the call. */
export function endedCall({ id, assistantId }: LiveCall): EndedCall {
  return { id, assistantId: textOf(assistantId) }
}

/** The conversation of a call as its record has it, tools and all; not the system prompt. */
export function messageEntries(call: LiveCall): LogEntry[] {
  return messagesOf(call).flatMap(message => {
    const role = textOf(fieldOf(message, 'role'))
    if (!isJsonObject(message) || role === undefined || role === 'system') return []
    return [
      {
        ...originOf(call),
        atMs: epochMs(message.time),
        level: 'info' as const,
        type: 'message' as const,
        text: `${speakers[role] ?? role}: ${contentOf(message)}`,
        source: 'messages' as const,
        data: message,
      },
    ]
  })
}

const speakers: Readonly<Record<string, string>> = {
  bot: 'assistant',
  user: 'customer',
  tool_calls: 'tool call',
  tool_call_result: 'tool result',
}

function contentOf(message: Json): string {
  const text = textOf(fieldOf(message, 'message'))
  const result = fieldOf(message, 'result')
  if (result !== undefined)
    return `${textOf(fieldOf(message, 'name')) ?? ''} ${textOf(result) ?? JSON.stringify(result)}`
  const calls = fieldOf(message, 'toolCalls')
  if (Array.isArray(calls)) {
    return calls
      .map((call: Json) => {
        const name = textOf(fieldOf(call, 'function', 'name')) ?? 'tool'
        const given = fieldOf(call, 'function', 'arguments')
        return `${name} ${textOf(given) ?? JSON.stringify(given ?? {})}`
      })
      .join(', ')
  }
  return text ?? ''
}

function originOf(call: LiveCall): Pick<LogEntry, 'callId' | 'assistantId'> {
  return { callId: textOf(call.id) ?? null, assistantId: textOf(call.assistantId) ?? null }
}
