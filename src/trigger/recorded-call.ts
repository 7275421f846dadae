import { isObject } from '../is-object.ts'
import { callObject, envelope, isoTime } from '../messages/envelope.ts'
import type { JsonObject } from './script.ts'

/** One entry of a call's history. Times in milliseconds since the call's begin. */
export type Line = { atMs: number; endMs: number } & (
  | { kind: 'said'; role: 'assistant' | 'user'; text: string }
  | { kind: 'calls'; calls: { id: string; name: string; arguments: JsonObject }[] }
  | { kind: 'result' }
  | { kind: 'other' }
)

/** Tools that the platform runs itself, by their names where the assistant's configuration is not there. */
const BUILT_IN = /^(endCall|transferCall|dtmf|voicemail|leaveVoicemail|handoff_to_.*|transfer_call_.*)$/i

/** Reads the record of a call. Nothing in it is taken for granted but `artifact.messages`. */
export class RecordedCall {
  readonly lines: readonly Line[]
  readonly beganMs: number
  readonly lengthMs: number
  readonly endedReason: string
  private readonly record: JsonObject
  private readonly artifact: JsonObject
  private readonly entries: readonly JsonObject[]

  constructor(record: JsonObject) {
    this.record = record
    this.artifact = isObject(record.artifact) ? record.artifact : {}
    const { messages } = this.artifact
    this.entries = Array.isArray(messages) ? messages.filter(isObject) : []
    this.beganMs = this.readBegin()
    this.lines = this.entries.map(entry => this.readLine(entry))
    const endedMs = Date.parse(String(record.endedAt))
    const latestMs = Math.max(0, ...this.lines.map(({ endMs }) => endMs))
    this.lengthMs = Number.isNaN(endedMs) ? latestMs : Math.max(latestMs, endedMs - this.beganMs)
    this.endedReason = typeof record.endedReason === 'string' ? record.endedReason : 'customer-ended-call'
  }

  time(atMs: number): string {
    return isoTime(this.beganMs + atMs)
  }

  toolCallIds(): string[] {
    return this.lines.flatMap(line => (line.kind === 'calls' ? line.calls.map(({ id }) => id) : []))
  }

  /** Whether a server runs the tool. */
  asksServer(name: string): boolean {
    const definition = this.findDefinition(name)
    return definition === null ? !BUILT_IN.test(name) : definition.type === 'function'
  }

  definitionOf(name: string): JsonObject {
    return this.findDefinition(name) ?? { type: 'function', function: { name } }
  }

  private findDefinition(name: string): JsonObject | null {
    const { assistant } = this.record
    const model = isObject(assistant) && isObject(assistant.model) ? assistant.model : {}
    const tools = Array.isArray(model.tools) ? model.tools.filter(isObject) : []
    return tools.find(({ function: held }) => isObject(held) && held.name === name) ?? null
  }

  /** The conversation up to an entry, in both forms that messages carry. */
  history(upTo: number): { messages: JsonObject[]; messagesOpenAIFormatted: JsonObject[] } {
    const messages = this.entries.slice(0, upTo)
    return { messages, messagesOpenAIFormatted: messages.flatMap(entry => openAiForm(entry)) }
  }

  /** The fields of every message; `status`: those of a call that is over. */
  envelope(callId: string, atMs: number, upTo: number, status: JsonObject): JsonObject {
    const { record, beganMs } = this
    const { type, orgId, assistant, assistantId, phoneNumberId, customer, phoneNumber } = record
    const known = { assistantId, phoneNumberId, customer }
    const call = callObject({
      id: callId,
      orgId: typeof orgId === 'string' ? orgId : 'local',
      // A call on this machine is what the API calls a web call.
      type: typeof type === 'string' && type !== 'localCall' ? type : 'webCall',
      status: 'in-progress',
      createdMs: beganMs,
      updatedMs: beganMs + atMs,
      startedMs: beganMs,
      more: {
        ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
        ...status,
      },
    })
    const history = this.history(upTo)
    const isWhole = upTo === this.entries.length
    return envelope({
      timestampMs: beganMs + atMs,
      call,
      assistant: isObject(assistant) ? assistant : undefined,
      customer: isObject(customer) ? customer : undefined,
      phoneNumber: isObject(phoneNumber) ? phoneNumber : undefined,
      artifact: isWhole ? this.wholeArtifact() : { ...history, transcript: this.transcript(upTo) },
    })
  }

  wholeArtifact(): JsonObject {
    const { messagesOpenAIFormatted } = this.history(this.entries.length)
    return { messagesOpenAIFormatted, ...this.artifact }
  }

  /** What the report says beside the artifact. */
  outcome() {
    const { cost, costs, analysis } = this.record
    return {
      endedReason: this.endedReason,
      startedAt: this.time(0),
      endedAt: this.time(this.lengthMs),
      cost: typeof cost === 'number' ? cost : 0,
      costs: Array.isArray(costs) ? costs : [],
      analysis: isObject(analysis) ? analysis : {},
    }
  }

  private transcript(upTo: number): string {
    return this.lines
      .slice(0, upTo)
      .flatMap(line => (line.kind === 'said' ? `${line.role === 'user' ? 'User' : 'AI'}: ${line.text}` : []))
      .join('\n')
  }

  private readBegin(): number {
    const startedMs = Date.parse(String(this.record.startedAt))
    if (!Number.isNaN(startedMs)) return startedMs
    const timed = this.entries.find(({ time }) => typeof time === 'number')
    if (timed === undefined) return 0
    return Number(timed.time) - numberOr(timed.secondsFromStart, 0) * 1000
  }

  private readLine(entry: JsonObject): Line {
    const { role, message, secondsFromStart, time, endTime, duration } = entry
    const atMs = Math.max(
      0,
      typeof time === 'number' ? time - this.beganMs : numberOr(secondsFromStart, 0) * 1000,
    )
    const endMs = typeof endTime === 'number' ? endTime - this.beganMs : atMs + numberOr(duration, 0)
    const times = { atMs, endMs: Math.max(atMs, endMs) }
    if (role === 'tool_calls') return { ...times, kind: 'calls', calls: callsOf(entry.toolCalls) }
    if (role === 'tool_call_result') return { ...times, kind: 'result' }
    const isSaid = role === 'bot' || role === 'assistant' || role === 'user'
    if (!isSaid || typeof message !== 'string' || message.trim() === '') return { ...times, kind: 'other' }
    return { ...times, kind: 'said', role: role === 'user' ? 'user' : 'assistant', text: message }
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise
}

/** Calls as this program keeps them, or in OpenAI's form. */
function callsOf(value: unknown): { id: string; name: string; arguments: JsonObject }[] {
  const calls = Array.isArray(value) ? value.filter(isObject) : []
  return calls.map(call => {
    const inner = isObject(call.function) ? call.function : call
    return { id: String(call.id ?? ''), name: String(inner.name ?? ''), arguments: objectOf(inner.arguments) }
  })
}

function objectOf(value: unknown): JsonObject {
  if (isObject(value)) return value
  try {
    const parsed: unknown = JSON.parse(String(value))
    return isObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

/** An entry as models get it. */
function openAiForm(entry: JsonObject): JsonObject[] {
  const { role, message } = entry
  switch (role) {
    case 'bot':
    case 'assistant':
      return [{ role: 'assistant', content: message }]
    case 'user':
    case 'system':
      return [{ role, content: message }]
    case 'tool_calls':
      return [
        {
          role: 'assistant',
          tool_calls: callsOf(entry.toolCalls).map(({ id, name, arguments: values }) => ({
            id,
            type: 'function',
            function: { name, arguments: JSON.stringify(values) },
          })),
        },
      ]
    case 'tool_call_result':
      return [{ role: 'tool', tool_call_id: entry.toolCallId, content: entry.result }]
    default:
      return []
  }
}
