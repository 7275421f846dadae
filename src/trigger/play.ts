import { setTimeout as sleepFor } from 'node:timers/promises'
import { isToolReply, readToolReply, type ToolReply } from '../messages/tool-calls.ts'
import type { CallScript, JsonObject, ScriptedMessage, ToolAnswer } from './script.ts'

/** What came back for one message. */
export interface PlayedReply {
  status: number
  body: string
  tookMs: number
}

export interface PlayOptions {
  /** Without the pauses of a real call. */
  fast: boolean
  signal: AbortSignal
}

/**
 * Sends the messages of a call one after the other, each when it is due and the one before is answered, as the platform
 * does for one server. `send` gives null where nothing was answered. What tools answer goes into the messages that
 * follow. An abort ends it between two messages.
 */
export async function playCall(
  script: CallScript,
  { fast, signal }: PlayOptions,
  send: (message: JsonObject, scripted: ScriptedMessage) => Promise<PlayedReply | null>,
): Promise<void> {
  const answers = new Map<string, ToolAnswer>()
  let messages = await script.messages(answers)
  const beganMs = performance.now()
  for (let place = 0; place < messages.length && !signal.aborted; place++) {
    const scripted = messages[place]
    if (scripted === undefined) return
    if (!fast) await until(beganMs + scripted.atMs, signal)
    if (signal.aborted) return
    const reply = await send(scripted.message, scripted)
    const { toolCallId } = scripted
    if (toolCallId === null) continue
    answers.set(toolCallId, { reply: readAnswer(reply, toolCallId), tookMs: reply?.tookMs ?? 0 })
    messages = await script.messages(answers)
  }
}

/** A reply with another status counts where it can be meant as one (vapi-api.md 3.4). */
function readAnswer(reply: PlayedReply | null, toolCallId: string): ToolReply {
  if (reply === null) return { type: 'error', error: 'No result returned: the server did not answer' }
  const { status, body } = reply
  if (status >= 200 && status < 300) return readToolReply(body, toolCallId)
  return isToolReply(body)
    ? readToolReply(body, toolCallId)
    : { type: 'error', error: `No result returned: the server answered ${status}` }
}

async function until(atMs: number, signal: AbortSignal): Promise<void> {
  const leftMs = atMs - performance.now()
  if (leftMs >= 1) await sleepFor(leftMs, undefined, { signal }).catch(() => {})
}
