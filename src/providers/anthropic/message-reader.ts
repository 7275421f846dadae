import type { TokenUsage } from '../../engine/ports/language-model.ts'
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
import type { ReportedError } from '../models/model-error.ts'
import type { ThoughtBlock } from './request.ts'

/** Statuses of error types, for errors that come within a stream (page "Errors"). */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** Reads `{type: "error", error: {type, message}}`. */
export function readAnthropicError(body: unknown, status: number | null): ReportedError {
  const error = isObject(body) && isObject(body.error) ? body.error : {}
  const type = typeof error.type === 'string' ? error.type : ''
  const message = typeof error.message === 'string' ? error.message : ''
  return {
    message: message || (typeof body === 'string' ? body : JSON.stringify(body)),
    code: type,
    status: status ?? STATUSES[type] ?? null,
  }
}

type OpenBlock = OpenCall & { type: string; thought: Record<string, unknown> }

/**
 * Puts an answer together from the events of a message stream (page "Streaming messages"), or takes it from a whole
 * message. `keepThoughts` is given the blocks of thinking that led to tool calls.
 */
export function createMessageReader(
  errors: AnswerErrors,
  keepThoughts: (callId: string, thoughts: readonly ThoughtBlock[]) => void,
): PieceReader {
  const blocks = new Map<unknown, OpenBlock>()
  let text = ''
  let saidAnything = false
  let hasBegun = false
  let isDone = false
  let stopReason = ''
  let counts: Record<string, unknown> | null = null

  const addText = (piece: unknown): void => {
    if (typeof piece !== 'string' || piece === '') return
    saidAnything = true
    text += piece
  }
  const count = (usage: unknown): void => {
    // Counts are cumulative; those that are null say nothing new.
    if (isObject(usage))
      counts = {
        ...counts,
        ...Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null)),
      }
  }

  const open = (index: unknown, block: Record<string, unknown>): void => {
    const { type, id, name, input } = block
    if (type === 'text') addText(block.text)
    blocks.set(index, {
      type: String(type),
      id: typeof id === 'string' ? id : '',
      name: typeof name === 'string' ? name : '',
      arguments: isObject(input) && Object.keys(input).length > 0 ? JSON.stringify(input) : '',
      thought: type === 'thinking' || type === 'redacted_thinking' ? { ...block } : {},
    })
  }

  const add = (index: unknown, delta: Record<string, unknown>): void => {
    if (delta.type === 'text_delta') addText(delta.text)
    const block = blocks.get(index)
    if (block === undefined) return
    if (delta.type === 'input_json_delta' && typeof delta.partial_json === 'string') {
      block.arguments += delta.partial_json
      limitCalls(errors, [...blocks.values()])
    }
    if (delta.type === 'thinking_delta')
      block.thought.thinking = `${block.thought.thinking ?? ''}${delta.thinking}`
    if (delta.type === 'signature_delta')
      block.thought.signature = `${block.thought.signature ?? ''}${delta.signature}`
  }

  const stop = (holder: Record<string, unknown>): void => {
    if (typeof holder.stop_reason === 'string') stopReason = holder.stop_reason
    count(holder.usage)
  }

  return {
    readEvent({ data }) {
      const event = readObject(errors, data, 'sent an event that is not a JSON object')
      switch (event.type) {
        case 'error':
          throw errors.refused(readAnthropicError(event, null))
        case 'message_start':
          hasBegun = true
          if (isObject(event.message)) count(event.message.usage)
          return true
        case 'content_block_start':
          if (isObject(event.content_block)) open(event.index, event.content_block)
          return true
        case 'content_block_delta':
          if (isObject(event.delta)) add(event.index, event.delta)
          return true
        case 'message_delta':
          if (isObject(event.delta)) stop(event.delta)
          count(event.usage)
          return true
        case 'message_stop':
          isDone = true
          return true
        default:
          // `ping`, and kinds that are added later.
          return event.type === 'content_block_stop'
      }
    },
    readDocument(body) {
      const message = readObject(errors, body, 'answered with broken JSON')
      if (message.type === 'error') throw errors.refused(readAnthropicError(message, null))
      if (!Array.isArray(message.content))
        throw errors.garbage(`answered with JSON that is not a message: ${excerpt(body)}`)
      hasBegun = true
      message.content.forEach((block: unknown, index) => {
        if (isObject(block)) open(index, block)
      })
      stop(message)
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
    finish() {
      if (!hasBegun) throw errors.garbage('ended its answer before it said anything')
      if (!isDone && stopReason === '') throw errors.garbage('ended its answer in the middle', 'try again')
      const all = [...blocks.values()]
      const calls = all.filter(({ type }) => type === 'tool_use')
      if (stopReason === 'refusal' && !saidAnything)
        throw errors.blocked('refused to answer (stop reason: refusal)')
      if (isCutOff(stopReason) && !saidAnything && calls.length === 0)
        throw errors.garbage('used up maxTokens before it said anything', 'raise maxTokens')
      const closed = calls.map(call => closeCall(errors, call, isCutOff(stopReason)))
      const thoughts = all
        .filter(({ type }) => /^(redacted_)?thinking$/.test(type))
        .map(({ thought }) => thought)
      const [first] = closed
      if (first !== undefined && thoughts.length > 0) keepThoughts(first.id, thoughts)
      return closed
    },
    get usage() {
      return counts === null ? null : usageOf(counts)
    },
  }
}

function isCutOff(stopReason: string): boolean {
  return stopReason === 'max_tokens' || stopReason === 'model_context_window_exceeded'
}

/** Anthropic counts cached tokens beside the others; here they are part of the prompt. */
function usageOf(counts: Record<string, unknown>): TokenUsage {
  const cached = countOf(counts, 'cache_read_input_tokens')
  return {
    promptTokens: countOf(counts, 'input_tokens') + countOf(counts, 'cache_creation_input_tokens') + cached,
    completionTokens: countOf(counts, 'output_tokens'),
    cachedPromptTokens: cached,
    reasoningTokens: countOf(counts.output_tokens_details, 'thinking_tokens'),
  }
}
