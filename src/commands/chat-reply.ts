import {
  addEvent,
  type ChatProgress,
  deltaOf,
  noProgress,
  openChat,
  readChat,
  sendChat,
  textsOf,
} from '../api/chat.ts'
import type { Api, JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import type { Output } from '../output/output.ts'

export interface ReplyResult {
  id: string | null
  sessionId: string | null
  /** True where `stop` ended it. */
  stopped: boolean
}

const WHOLE_REPLY_MS = 120_000

/** Sends one chat and prints the reply in the wanted form: as it comes, or whole. */
export async function printChat(
  body: JsonObject,
  context: Context,
  { stream, stop }: { stream: boolean; stop?: AbortSignal },
): Promise<ReplyResult> {
  const { output } = context
  const api = await context.api()
  // Unless the user set one, there is no limit on a reply that is seen to grow, and a long one on what is waited for.
  const limit = (ms: number) => (context.flags.timeoutSeconds === undefined ? ms : undefined)
  const { format } = output.options
  if (format === 'jsonl' && stream) return printEvents(api, body, output, limit(0))
  const whole = output.isJson || format === 'yaml' || format === 'id'
  if (whole || !stream) {
    const chat = await sendChat(api, body, { timeoutMs: limit(WHOLE_REPLY_MS), signal: stop })
    if (format === 'id') output.text(`${String(chat.id ?? '')}\n`)
    else if (format === 'jsonl') await output.event(chat)
    else if (whole) await output.document(chat)
    else output.text(`${visible(textsOf(chat).join('\n'), output)}\n`)
    return { id: textOr(chat.id), sessionId: textOr(chat.sessionId), stopped: false }
  }
  return printText(api, body, output, limit(0), stop)
}

async function printEvents(
  api: Api,
  body: JsonObject,
  output: Output,
  timeoutMs: number | undefined,
): Promise<ReplyResult> {
  let progress = noProgress
  for await (const event of readChat(await openChat(api, body, { timeoutMs }))) {
    progress = addEvent(progress, event)
    await output.event(event)
  }
  return resultOf(progress, false)
}

async function printText(
  api: Api,
  body: JsonObject,
  output: Output,
  timeoutMs: number | undefined,
  stop: AbortSignal | undefined,
): Promise<ReplyResult> {
  let progress = noProgress
  let lastIndex = 0
  let unfinishedLine = false
  try {
    for await (const event of readChat(await openChat(api, body, { timeoutMs, signal: stop }))) {
      progress = addEvent(progress, event)
      const delta = deltaOf(event)
      if (delta === null || delta.text === '') continue
      const separator = delta.index === lastIndex ? '' : '\n'
      lastIndex = delta.index
      output.text(visible(`${separator}${delta.text}`, output))
      unfinishedLine = !delta.text.endsWith('\n')
    }
    return resultOf(progress, false)
  } catch (error) {
    if (stop?.aborted) return resultOf(progress, true)
    throw error
  } finally {
    // What came stays readable, whatever comes after it.
    if (unfinishedLine) output.text('\n')
  }
}

function resultOf({ id, sessionId }: ChatProgress, stopped: boolean): ReplyResult {
  return { id, sessionId, stopped }
}

function textOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** A terminal gets no control characters from a model; a pipe gets the text as it came. */
function visible(text: string, output: Output): string {
  return output.streams.stdoutIsTerminal ? text.replace(/(?![\n\t])\p{Cc}/gu, '') : text
}
