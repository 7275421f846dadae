import { randomUUID } from 'node:crypto'
import { findServerMessageType } from '../messages/events.ts'
import { sampleEnvelope } from '../messages/sample-call.ts'
import { sampleMessage } from '../messages/samples.ts'

type JsonObject = Record<string, unknown>

export interface WantedMessage {
  type: string
  /** Wall clock of the message, in milliseconds since 1970. */
  nowMs: number
  /** Null: another one each time. */
  callId: string | null
  /** Laid over the sample, field by field at its top. */
  fields: Readonly<JsonObject>
}

/**
 * A complete message of that type: its sample, of a call of its own. Null where its fields are not documented and none
 * are given.
 */
export function buildMessage({ type, nowMs, callId, fields }: WantedMessage): JsonObject | null {
  const subject = {
    nowMs,
    call: { id: callId ?? randomUUID() },
    callId: newToolCallId(),
  }
  const sample = sampleMessage(type, subject)
  if (sample !== null) return { ...sample, ...fields }
  if (Object.keys(fields).length === 0) return null
  const envelope = isOfCall(type) ? sampleEnvelope(subject) : { timestamp: nowMs }
  return { ...envelope, ...fields, type }
}

/** Whether messages of that type tell of a call. */
export function isOfCall(type: string): boolean {
  return findServerMessageType(type)?.selection !== 'campaign' && !/^(chat|session|campaign)\./.test(type)
}

export function newToolCallId(): string {
  return `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`
}
