import { randomUUID } from 'node:crypto'
import { usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { newToolCallId } from './message.ts'
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

/** A message as a listener got it. */
export interface KeptMessage {
  receivedMs: number
  message: Readonly<JsonObject>
}

/**
 * Plays what a listener kept, as one call, or several at once: with new ids, at today's time, with what tools answer
 * now. Throws a usage error where there is nothing, or where one call id is given for several calls.
 */
export function scriptOfMessages(kept: readonly KeptMessage[], options: ReplayOptions): CallScript {
  const sorted = kept.toSorted((one, other) => one.receivedMs - other.receivedMs)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (first === undefined || last === undefined) throw usageError('there are no messages to play')
  const calls = [...new Set(sorted.flatMap(({ message }) => callIdOf(message) ?? []))]
  if (options.callId !== undefined && calls.length > 1)
    throw usageError(
      `--call-id: these are messages of ${calls.length} calls`,
      'leave it out, or play one call',
    )
  const texts = new Map(calls.map(id => [id, options.callId ?? randomUUID()]))
  const byMs = options.nowMs - sentMs(options.ended ? last : first)
  for (const { message } of sorted) {
    const toolCallId = toolCallIdOf(message)
    if (toolCallId !== null && !texts.has(toolCallId)) texts.set(toolCallId, newToolCallId())
  }
  const messages = sorted.map(({ receivedMs, message }): ScriptedMessage => {
    const moved = movedInTime(withTexts({ ...message }, texts), byMs)
    return { atMs: receivedMs - first.receivedMs, message: moved, toolCallId: toolCallIdOf(moved) }
  })
  return fixedScript(texts.get(calls[0] ?? '') ?? null, messages)
}

/** By the sender's clock, which all other times in the messages are of. */
function sentMs({ receivedMs, message }: KeptMessage): number {
  return typeof message.timestamp === 'number' ? message.timestamp : receivedMs
}

function callIdOf(message: Readonly<JsonObject>): string | null {
  return isObject(message.call) && typeof message.call.id === 'string' ? message.call.id : null
}
