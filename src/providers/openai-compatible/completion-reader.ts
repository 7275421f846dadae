import type { TokenUsage, ToolCall } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import { excerpt } from '../../net/reply.ts'
import {
  type AnswerErrors,
  closeCall,
  countOf,
  limitCalls,
  type OpenCall,
  type PieceReader,
  readObject,
} from '../models/answer-reader.ts'
import { parseJson, readReportedError } from '../models/model-error.ts'
import { createThinkingFilter } from './thinking.ts'

interface IndexedCall extends OpenCall {
  index: number | null
}

/**
 * Puts one answer together from chat completion chunks, or takes it from a whole chat completion. `keepThoughts` is
 * given what the model thought (`reasoning_content`) where it called tools.
 */
export function createCompletionReader(
  errors: AnswerErrors,
  keepThoughts?: (calls: readonly ToolCall[], thoughts: string) => void,
): PieceReader {
  const thinking = createThinkingFilter()
  const calls: IndexedCall[] = []
  let thoughts = ''
  let text = ''
  let saidAnything = false
  let finishReason = ''
  let isDone = false
  let sawChunk = false
  let usage: TokenUsage | null = null

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
    limitCalls(errors, calls)
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
      if (keepThoughts !== undefined && typeof delta.reasoning_content === 'string')
        thoughts += delta.reasoning_content
      if (Array.isArray(delta.tool_calls)) delta.tool_calls.forEach(addCall)
    }
    if (isObject(choice) && typeof choice.finish_reason === 'string') finishReason = choice.finish_reason
  }

  return {
    readEvent({ type, data }) {
      if (data.trim() === '[DONE]') {
        isDone = true
        return true
      }
      if (type === 'error') throw errors.refused(readReportedError(parseJson(data) ?? data, null))
      addChunk(readObject(errors, data, 'sent an event that is not a JSON object'))
      return true
    },
    readDocument(body) {
      addChunk(readObject(errors, body, 'answered with broken JSON'))
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
      const closed = calls.map(call => closeCall(errors, call, finishReason === 'length'))
      if (closed.length > 0 && thoughts !== '') keepThoughts?.(closed, thoughts)
      return closed
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

function usageOf(counts: Record<string, unknown>): TokenUsage {
  return {
    promptTokens: countOf(counts, 'prompt_tokens'),
    completionTokens: countOf(counts, 'completion_tokens'),
    // DeepSeek tells cached tokens beside the others.
    cachedPromptTokens:
      countOf(counts.prompt_tokens_details, 'cached_tokens') || countOf(counts, 'prompt_cache_hit_tokens'),
    reasoningTokens: countOf(counts.completion_tokens_details, 'reasoning_tokens'),
  }
}
