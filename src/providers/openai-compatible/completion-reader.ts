import { randomUUID } from 'node:crypto'
import type { TokenUsage, ToolCall } from '../../engine/ports/language-model.ts'
import type { VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { excerpt } from '../../net/reply.ts'
import type { ServerSentEvent } from '../../net/sse.ts'
import { parseJson, type ReportedError, readReportedError } from './model-error.ts'
import { createThinkingFilter } from './thinking.ts'

/** Tokens of one answer, as the provider counted them. */
export type ModelUsage = TokenUsage

/** Makes the errors, with the names of the provider and the model. */
export interface CompletionErrors {
  refused(reported: ReportedError): VapiError
  garbage(what: string, hint?: string): VapiError
}

/** Puts one answer together from chat completion chunks, or takes it from a whole chat completion. */
export interface CompletionReader {
  /** Throws VapiError on an error object and on anything that is not a chunk. */
  readEvent(event: ServerSentEvent): void
  readDocument(body: string): void
  /** The text that came since the last call. */
  takeText(): string
  /** `[DONE]` was read. */
  readonly isDone: boolean
  /**
   * The answer is over: gives the tool calls in the order in which the model made them; text that was held back can
   * be taken. Throws VapiError where the answer is not complete.
   */
  finish(mayEndSilently: boolean): ToolCall[]
  readonly usage: ModelUsage | null
}

/** An answer without end must not fill the memory. */
const MAXIMUM_ARGUMENTS = 1_048_576
const MAXIMUM_CALLS = 128

interface OpenCall {
  index: number | null
  id: string
  name: string
  arguments: string
}

export function createCompletionReader(errors: CompletionErrors): CompletionReader {
  const thinking = createThinkingFilter()
  const calls: OpenCall[] = []
  let text = ''
  let saidAnything = false
  let finishReason = ''
  let isDone = false
  let sawChunk = false
  let usage: ModelUsage | null = null

  const addText = (piece: string): void => {
    if (piece !== '') saidAnything = true
    text += thinking.push(piece)
  }

  /**
   * Deltas belong together by index; servers that leave it out, or give each call the index 0, send calls whole, so
   * that another id begins another call.
   */
  const addCall = (delta: unknown): void => {
    if (!isObject(delta)) return
    const index = typeof delta.index === 'number' ? delta.index : null
    const id = typeof delta.id === 'string' ? delta.id : ''
    const named = isObject(delta.function) ? delta.function : {}
    const latest = calls.findLast(call => index === null || call.index === index)
    const isOther = latest === undefined || (id !== '' && latest.id !== '' && id !== latest.id)
    const isWhole = index === null && id === '' && typeof named.name === 'string' && named.name !== ''
    const call = isOther || isWhole ? { index, id, name: '', arguments: '' } : latest
    if (call !== latest) calls.push(call)
    call.id ||= id
    if (typeof named.name === 'string') call.name ||= named.name
    if (typeof named.arguments === 'string') call.arguments += named.arguments
    else if (isObject(named.arguments)) call.arguments = JSON.stringify(named.arguments)
    if (call.arguments.length > MAXIMUM_ARGUMENTS)
      throw errors.garbage(`called a tool with over ${MAXIMUM_ARGUMENTS} characters of arguments`)
    if (calls.length > MAXIMUM_CALLS) throw errors.garbage(`called over ${MAXIMUM_CALLS} tools in one answer`)
  }

  /** A chunk, a whole completion, or the bare old-style `function_call` that the custom LLM pages show. */
  const addChunk = (chunk: Record<string, unknown>): void => {
    if (chunk.error) throw errors.refused(readReportedError(chunk, null))
    const choice: unknown = Array.isArray(chunk.choices) ? chunk.choices[0] : undefined
    if (Array.isArray(chunk.choices) || isObject(chunk.usage) || isObject(chunk.function_call))
      sawChunk = true
    if (isObject(chunk.usage)) usage = usageOf(chunk.usage)
    const delta = isObject(choice) ? (choice.delta ?? choice.message) : undefined
    for (const holder of [chunk, delta])
      if (isObject(holder) && isObject(holder.function_call))
        addCall({ index: -1, function: holder.function_call })
    if (isObject(delta)) {
      addText(textOf(delta.content))
      if (Array.isArray(delta.tool_calls)) delta.tool_calls.forEach(addCall)
    }
    if (isObject(choice) && typeof choice.finish_reason === 'string') finishReason = choice.finish_reason
  }

  const parseCall = (call: OpenCall): ToolCall => {
    const what = `called the tool "${call.name || '(no name)'}" with arguments that are not a JSON object`
    const hint =
      finishReason === 'length'
        ? 'the answer was cut off at maxTokens: raise it'
        : 'try another model, or simplify the tool'
    const parsed = parseJson(call.arguments.trim() || '{}')
    if (!isObject(parsed) || call.name === '')
      throw errors.garbage(`${what}: ${excerpt(call.arguments)}`, hint)
    return { id: call.id || `call_${randomUUID()}`, name: call.name, arguments: parsed }
  }

  return {
    readEvent({ type, data }) {
      if (data.trim() === '[DONE]') {
        isDone = true
        return
      }
      const chunk = parseJson(data)
      if (type === 'error') throw errors.refused(readReportedError(chunk ?? data, null))
      if (!isObject(chunk)) throw errors.garbage(`sent an event that is not a JSON object: ${excerpt(data)}`)
      addChunk(chunk)
    },
    readDocument(body) {
      const whole = parseJson(body)
      if (!isObject(whole)) throw errors.garbage(`answered with broken JSON: ${excerpt(body)}`)
      addChunk(whole)
      if (!sawChunk)
        throw errors.garbage(`answered with JSON that is not a chat completion: ${excerpt(body)}`)
      isDone = true
    },
    takeText() {
      const taken = text
      text = ''
      return taken
    },
    get isDone() {
      return isDone
    },
    finish(mayEndSilently) {
      if (!sawChunk) throw errors.garbage('ended its answer before it said anything')
      if (!isDone && finishReason === '' && !mayEndSilently)
        throw errors.garbage('ended its answer in the middle', 'try again')
      if (finishReason === 'length' && !saidAnything && calls.length === 0)
        throw errors.garbage(
          'used up maxTokens before it said anything',
          'raise maxTokens, or lower the reasoning effort',
        )
      text += thinking.end()
      return calls.map(parseCall)
    },
    get usage() {
      return usage
    },
  }
}

/** Text, or the text parts of a list of parts (Mistral's reasoning models). */
function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: unknown) =>
      isObject(part) && part.type === 'text' && typeof part.text === 'string' ? part.text : '',
    )
    .join('')
}

function usageOf(counts: Record<string, unknown>): ModelUsage {
  const count = (holder: unknown, name: string): number =>
    isObject(holder) && typeof holder[name] === 'number' ? holder[name] : 0
  return {
    promptTokens: count(counts, 'prompt_tokens'),
    completionTokens: count(counts, 'completion_tokens'),
    cachedPromptTokens: count(counts.prompt_tokens_details, 'cached_tokens'),
    reasoningTokens: count(counts.completion_tokens_details, 'reasoning_tokens'),
  }
}
