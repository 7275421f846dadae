import { isObject } from '../../is-object.ts'
import { findServerMessageType } from '../../messages/events.ts'
import { maskValue } from '../mask.ts'
import { unpackedText } from './bodies.ts'
import type { CallItem, CallView } from './types.ts'
import { type CheckedEvent, rowOf, type ViewSettings } from './views.ts'

type JsonObject = Readonly<Record<string, unknown>>
type Said = Extract<CallItem, { kind: 'said' }>
type Role = Said['role']

/** Messages that say of a call what no other item says. */
const NOTES: Readonly<Record<string, (fields: JsonObject) => string>> = {
  'status-update': ({ status, endedReason }) =>
    [status, endedReason].filter(part => typeof part === 'string').join(', '),
  'user-interrupted': () => 'the customer interrupted the assistant',
  hang: () => 'the assistant did not answer for a while',
  'transfer-update': () => 'the call is transferred',
  'language-change-detected': ({ language }) => `another language: ${textOf(language)}`,
  'language-changed': ({ language }) => `another language: ${textOf(language)}`,
  'phone-call-control': ({ request }) => `the server is asked to ${textOf(request)}`,
  'assistant.started': () => 'an assistant takes over',
}

/** What a call was, out of its events in the order of their arrival. */
export function conversationOf(
  callId: string,
  events: readonly CheckedEvent[],
  settings: ViewSettings,
): CallView {
  const transcripts = transcriptItems(events)
  const told = new Set(transcripts.map(({ role }) => role))
  // Transcripts come as the words are spoken, but only where they are asked for; the history comes by itself.
  const written = historyItems(events).filter(({ role }) => !told.has(role))
  const items = [
    ...transcripts,
    ...written,
    ...events.flatMap(checked => [...toolItems(checked, settings), ...noteItems(checked, settings)]),
  ].toSorted((one, other) => one.atMs - other.atMs)
  return {
    callId,
    items: settings.mask ? items.map(item => maskValue(item) as CallItem) : items,
    speaking: speaking(events),
  }
}

/** The last words of a speaker that are not final yet give way to the next. */
function transcriptItems(events: readonly CheckedEvent[]): Said[] {
  const items: Said[] = []
  const open = new Map<Role, Said>()
  for (const { kept } of events) {
    const { event } = kept
    const { type, fields } = event.head
    if (!type?.startsWith('transcript') || kept.replayOf !== null) continue
    const role = roleOf(fields.role)
    const text = textOf(fields.transcript)
    if (role === null || text === '') continue
    const before = open.get(role)
    const said: Said = {
      kind: 'said',
      key: before?.key ?? event.id,
      atMs: before?.atMs ?? event.receivedMs,
      eventId: event.id,
      role,
      text,
      partial: fields.transcriptType === 'partial',
    }
    if (before === undefined) items.push(said)
    else items[items.indexOf(before)] = said
    if (said.partial) open.set(role, said)
    else open.delete(role)
  }
  return items
}

/** The newest history that a message carries. */
function historyItems(events: readonly CheckedEvent[]): Said[] {
  const carrying = events.findLast(
    ({ kept }) => kept.event.head.type === 'conversation-update' && kept.replayOf === null,
  )
  const message = carrying === undefined ? null : messageOf(carrying)
  if (carrying === undefined || message === null) return []
  const { id, receivedMs } = carrying.kept.event
  const list = [message.messages, message.messagesOpenAIFormatted].find(Array.isArray) ?? []
  return list.flatMap((entry: unknown, place): Said[] => {
    if (!isObject(entry)) return []
    const role = roleOf(entry.role)
    const text = textOf(entry.message ?? entry.content)
    if (role === null || role === 'system' || text === '') return []
    const atMs = typeof entry.time === 'number' && entry.time > 1e12 ? entry.time : receivedMs
    return [{ kind: 'said', key: `said-${place}`, atMs, eventId: id, role, text, partial: false }]
  })
}

function toolItems(checked: CheckedEvent, settings: ViewSettings): CallItem[] {
  const { event, outcomes, replayOf } = checked.kept
  if (event.head.type !== 'tool-calls' || replayOf !== null) return []
  const message = messageOf(checked)
  const calls = message?.toolCallList ?? message?.toolCalls
  if (!Array.isArray(calls)) return []
  const row = rowOf(checked, settings)
  const reply = outcomes.find(outcome => outcome.reply?.answers === true)?.reply
  const results =
    reply === undefined ? new Map<unknown, JsonObject>() : resultsOf(reply.body, reply.rawHeaders)
  return calls.filter(isObject).map((call, place): CallItem => {
    const inner = isObject(call.function) ? call.function : call
    const values = inner.arguments ?? inner.parameters ?? {}
    const result = results.get(call.id)
    const failure = row.state === 'waiting' ? null : failureOf(row, reply, result)
    return {
      kind: 'tool',
      key: `${event.id}-${place}`,
      atMs: event.receivedMs,
      eventId: event.id,
      name: textOf(inner.name) || '?',
      arguments: typeof values === 'string' ? values : JSON.stringify(maskedWith(settings, values)),
      state: row.state === 'waiting' ? 'waiting' : failure === null ? 'done' : 'failed',
      result: failure ?? (result === undefined ? null : written(result.result)),
      durationMs: row.durationMs,
    }
  })
}

function failureOf(
  { state, status }: { state: string; status: number | null },
  reply: object | undefined,
  result: JsonObject | undefined,
): string | null {
  if (reply === undefined) return state === 'cancelled' ? 'the sender went away' : 'no reply'
  if (result?.error !== undefined && result.error !== null) return written(result.error)
  if (status !== null && (status < 200 || status > 299)) return `the reply has the status ${status}`
  return result === undefined ? 'the reply has no result of this call' : null
}

function resultsOf(body: Buffer, rawHeaders: readonly string[]): Map<unknown, JsonObject> {
  const reply = parsed(unpackedText(body, rawHeaders))
  const inner = isObject(reply?.messageResponse) ? reply.messageResponse : reply
  const results = Array.isArray(inner?.results) ? inner.results.filter(isObject) : []
  return new Map(results.map(result => [result.toolCallId, result]))
}

function noteItems(checked: CheckedEvent, settings: ViewSettings): CallItem[] {
  const { event } = checked.kept
  const { type, fields } = event.head
  const common = { key: event.id, atMs: event.receivedMs, eventId: event.id }
  if (type === null || type === 'tool-calls' || checked.kept.replayOf !== null) return []
  if (type === 'end-of-call-report') return [{ ...common, kind: 'end', ...ending(checked) }]
  const { state, status, durationMs, errors } = rowOf(checked, settings)
  const failed = errors > 0 || (state !== 'answered' && state !== 'waiting')
  const note = Object.hasOwn(NOTES, type) ? NOTES[type] : undefined
  if (note !== undefined) return [{ ...common, kind: 'note', type, text: note(fields), failed }]
  if ((findServerMessageType(type)?.reply ?? null) === null || type === 'voice-request') return []
  const took = durationMs === null ? '' : ` in ${Math.round(durationMs)} ms`
  const text = state === 'answered' ? `${status}${took}` : state
  return [{ ...common, kind: 'note', type, text, failed }]
}

function ending(checked: CheckedEvent): { reason: string; summary: string | null; figures: string } {
  const { fields } = checked.kept.event.head
  const message = messageOf(checked)
  const analysis = isObject(message?.analysis) ? message.analysis : {}
  const began = Date.parse(textOf(message?.startedAt))
  const ended = Date.parse(textOf(message?.endedAt))
  const figures = [
    ...(Number.isNaN(ended - began) ? [] : [`${((ended - began) / 1000).toFixed(1)} s`]),
    ...(typeof message?.cost === 'number' ? [`$${message.cost.toFixed(4)}`] : []),
  ]
  return {
    reason: textOf(fields.endedReason),
    summary: textOf(analysis.summary) || null,
    figures: figures.join(' · '),
  }
}

function speaking(events: readonly CheckedEvent[]): ('assistant' | 'user')[] {
  const last = new Map<Role, unknown>()
  for (const { kept } of events) {
    const { type, fields } = kept.event.head
    if (type === 'end-of-call-report' || (type === 'status-update' && fields.status === 'ended')) last.clear()
    const role = roleOf(fields.role)
    if (type === 'speech-update' && role !== null) last.set(role, fields.status)
  }
  return (['assistant', 'user'] as const).filter(role => last.get(role) === 'started')
}

function messageOf({ kept }: CheckedEvent): JsonObject | null {
  const { body, rawHeaders } = kept.event
  const whole = body === null ? null : parsed(unpackedText(body, rawHeaders))
  return isObject(whole?.message) ? whole.message : whole
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function roleOf(role: unknown): Role | null {
  if (role === 'assistant' || role === 'bot') return 'assistant'
  return role === 'user' || role === 'system' ? role : null
}

function maskedWith({ mask }: ViewSettings, value: unknown): unknown {
  return mask ? maskValue(value) : value
}

function written(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
