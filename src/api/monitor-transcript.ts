import { fieldOf, isJsonObject, textOf } from './live-call.ts'
import type { Json, JsonObject } from './types.ts'

/** Something that was said or done in a call, new since it was last looked. */
export interface ConversationLine {
  /** `user` is the customer. */
  role: 'assistant' | 'user' | 'tool'
  text: string
  /** When, in epoch milliseconds; null where the API did not say. */
  atMs: number | null
  /** From where it is known. */
  from: 'record' | 'stream'
}

/** Tells what is new, from two sources that overlap: the messages of the call’s record, and the monitor’s stream. */
export interface TranscriptTracker {
  /**
   * Takes the messages of the record, all so far. While the stream runs it gives what is told, so `streaming` gives nothing;
   * afterwards it goes on behind what the stream told last.
   */
  record(messages: readonly Json[], streaming: boolean): ConversationLine[]
  /** Takes a message of the stream; null where it says nothing new. */
  stream(message: JsonObject, nowMs: number): ConversationLine | null
}

export function createTranscriptTracker(): TranscriptTracker {
  /** Messages of the record that were given, and how the last of them read. */
  let given = 0
  let lastText = ''
  /** What the stream gave since the record was last given from. */
  let heard: ConversationLine | null = null
  /** What the record said last of a role: the stream may say it once more when it begins. */
  const recorded = new Map<ConversationLine['role'], string>()

  function record(messages: readonly Json[], streaming: boolean): ConversationLine[] {
    if (streaming) return []
    if (heard !== null) {
      given = Math.max(given, messagesToldBy(messages, heard))
      lastText = lineOf(messages[given - 1])?.text ?? ''
      heard = null
    }
    const lines: ConversationLine[] = []
    const current = lineOf(messages[given - 1])
    if (current !== null && current.text !== lastText && current.text.startsWith(lastText)) {
      const rest = current.text.slice(lastText.length).trim()
      if (rest !== '') lines.push({ ...current, text: rest })
      lastText = current.text
    }
    for (const message of messages.slice(given)) {
      given++
      const line = lineOf(message)
      lastText = line?.text ?? ''
      if (line !== null) lines.push(line)
    }
    for (const { role, text } of lines) recorded.set(role, `${recorded.get(role) ?? ''} ${text}`.slice(-2000))
    return lines
  }

  function stream(message: JsonObject, nowMs: number): ConversationLine | null {
    const line = streamedLine(message, nowMs)
    if (line === null) return null
    heard = line
    const before = recorded.get(line.role)
    if (before !== undefined && wordsOf(before).endsWith(wordsOf(line.text))) return null
    recorded.delete(line.role)
    return line
  }

  return { record, stream }
}

/** How many of the record’s messages are covered by what the stream told last. */
function messagesToldBy(messages: readonly Json[], heard: ConversationLine): number {
  const words = wordsOf(heard.text)
  const lines = messages.map(lineOf)
  const same = lines.findLastIndex(line => line?.role === heard.role && wordsOf(line.text).includes(words))
  if (same >= 0) return same + 1
  const { atMs } = heard
  if (atMs === null) return messages.length
  const later = lines.findIndex(line => line?.atMs != null && line.atMs > atMs)
  return later < 0 ? messages.length : later
}

function lineOf(message: Json | undefined): ConversationLine | null {
  if (!isJsonObject(message)) return null
  const atMs = typeof message.time === 'number' ? message.time : null
  const text = textOf(message.message) ?? ''
  switch (message.role) {
    case 'bot':
    case 'assistant':
      return text === '' ? null : { role: 'assistant', text, atMs, from: 'record' }
    case 'user':
      return text === '' ? null : { role: 'user', text, atMs, from: 'record' }
    case 'tool_calls':
      return { role: 'tool', text: callsOf(message.toolCalls), atMs, from: 'record' }
    case 'tool_call_result':
      return {
        role: 'tool',
        text: `${textOf(message.name) ?? 'a tool'}: ${inOneLine(message.result)}`,
        atMs,
        from: 'record',
      }
    default:
      return null
  }
}

/** A final transcript or a tool’s call among the client messages (`vapi-api.md` 3.2). */
function streamedLine(message: JsonObject, nowMs: number): ConversationLine | null {
  const atMs = typeof message.timestamp === 'number' ? message.timestamp : nowMs
  const type = textOf(message.type) ?? ''
  if (type === 'tool-calls') {
    const calls = message.toolCallList ?? message.toolCalls
    return Array.isArray(calls) ? { role: 'tool', text: callsOf(calls), atMs, from: 'stream' } : null
  }
  if (!type.startsWith('transcript') || message.transcriptType === 'partial') return null
  if (type === 'transcript' && message.transcriptType !== 'final') return null
  const text = textOf(message.transcript)
  if (text === undefined) return null
  return { role: message.role === 'user' ? 'user' : 'assistant', text, atMs, from: 'stream' }
}

function callsOf(calls: Json | undefined): string {
  if (!Array.isArray(calls)) return 'a tool was called'
  return calls
    .map((call: Json) => {
      const name = textOf(fieldOf(call, 'function', 'name')) ?? textOf(fieldOf(call, 'name')) ?? 'a tool'
      return `${name} ${inOneLine(fieldOf(call, 'function', 'arguments') ?? fieldOf(call, 'arguments') ?? {})}`
    })
    .join(', ')
}

function inOneLine(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** Words alone, so that punctuation and case do not make a difference. */
function wordsOf(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()}`
}
