/** Records of calls with their artifact: those of `vapi call local`, and calls as the API gives them. */
import { randomUUID } from 'node:crypto'
import { isObject } from '../is-object.ts'
import {
  conversationUpdate,
  endOfCallReport,
  speechUpdate,
  statusUpdate,
  transcript,
} from '../messages/fields.ts'
import { toolCallsFields } from '../messages/tool-calls.ts'
import { newToolCallId } from './message.ts'
import { RecordedCall } from './recorded-call.ts'
import {
  type CallScript,
  fixedScript,
  type JsonObject,
  movedInTime,
  type ReplayOptions,
  type ScriptedMessage,
  toolCallIdOf,
  withTexts,
} from './script.ts'

/** True for the record of a call, with its artifact. */
export function isCallRecord(document: unknown): document is JsonObject {
  return isObject(document) && isObject(document.artifact) && Array.isArray(document.artifact.messages)
}

/**
 * The messages that such a call sends, made from its history: who spoke when, which tools were called, how it ended.
 * Half of the words of each utterance stand for its partial transcripts.
 */
export function scriptOfRecord(record: JsonObject, options: ReplayOptions): CallScript {
  const { callId = randomUUID(), ended, nowMs } = options
  const recorded = new RecordedCall(record)
  const epochMs = nowMs - (ended ? recorded.lengthMs : 0)
  const toolIds = new Map(recorded.toolCallIds().map(id => [id, newToolCallId()]))
  const moved = movedInTime(withTexts(record, toolIds), epochMs - recorded.beganMs)
  return fixedScript(callId, messagesOf(new RecordedCall(moved), callId))
}

function messagesOf(call: RecordedCall, callId: string): ScriptedMessage[] {
  const { lines, lengthMs } = call
  const messages: ScriptedMessage[] = []
  const add = (atMs: number, upTo: number, type: string, fields: JsonObject, status: JsonObject = {}) => {
    const message = { ...call.envelope(callId, atMs, upTo, status), type, ...fields }
    messages.push({ atMs, message, toolCallId: toolCallIdOf(message) })
  }
  // Both sides may speak at once, and tools run meanwhile: what counts is what had begun.
  const before = (atMs: number) => lines.filter(line => line.atMs < atMs).length
  const until = (atMs: number) => lines.filter(line => line.atMs <= atMs).length
  const update = (atMs: number) =>
    add(atMs, until(atMs), 'conversation-update', conversationUpdate(call.history(until(atMs))))

  add(0, 0, 'status-update', statusUpdate('in-progress'))
  let turn = -1
  let speaker = ''
  for (const line of lines) {
    const { atMs, endMs } = line
    if (line.kind === 'said') {
      const { role, text } = line
      if (role !== speaker) turn++
      speaker = role
      const words = text.split(/\s+/)
      const half = words.slice(0, Math.ceil(words.length / 2)).join(' ')
      const middleMs = (atMs + endMs) / 2
      const partial = { role, transcriptType: 'partial', transcript: half } as const
      add(atMs, before(atMs), 'speech-update', speechUpdate('started', role, turn))
      if (words.length > 2) add(middleMs, before(atMs), 'transcript', transcript(partial))
      add(endMs, until(endMs), 'speech-update', speechUpdate('stopped', role, turn))
      add(endMs, until(endMs), 'transcript', transcript({ role, transcriptType: 'final', transcript: text }))
      update(endMs)
    } else if (line.kind === 'calls') {
      for (const each of line.calls.filter(({ name }) => call.asksServer(name)))
        add(atMs, before(atMs), 'tool-calls', toolCallsFields(each, call.definitionOf(each.name)))
      update(atMs)
    } else if (line.kind === 'result') update(atMs)
  }
  messages.sort((one, other) => one.atMs - other.atMs)
  const over = { status: 'ended', endedReason: call.endedReason, endedAt: call.time(lengthMs) }
  add(lengthMs, lines.length, 'status-update', statusUpdate('ended', call.endedReason), over)
  const report = endOfCallReport({ ...call.outcome(), artifact: call.wholeArtifact() })
  add(lengthMs, lines.length, 'end-of-call-report', report, over)
  return messages
}
