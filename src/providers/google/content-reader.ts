import { randomUUID } from 'node:crypto'
import type { TokenUsage, ToolCall } from '../../engine/ports/language-model.ts'
import { isObject } from '../../is-object.ts'
import { excerpt } from '../../net/reply.ts'
import { type AnswerErrors, countOf, type PieceReader, readObject } from '../models/answer-reader.ts'
import { type ReportedError, readReportedError } from '../models/model-error.ts'
import type { KeptCall } from './request.ts'

const MAXIMUM_CALLS = 128

/** Reads `{error: {code, message, status, details}}`; a wrong key comes as status 400. */
export function readGoogleError(body: unknown, status: number | null): ReportedError {
  // Without event streams errors come as a list.
  const whole: unknown = Array.isArray(body) ? body[0] : body
  const error = isObject(whole) && isObject(whole.error) ? whole.error : {}
  const details: unknown[] = Array.isArray(error.details) ? error.details : []
  const isKeyWrong = details.some(detail => isObject(detail) && /^API_KEY_/.test(String(detail.reason)))
  const reported = readReportedError(whole, status)
  return {
    message: reported.message,
    code: typeof error.status === 'string' ? error.status : '',
    status: isKeyWrong ? 401 : (reported.status ?? (typeof error.code === 'number' ? error.code : null)),
  }
}

/** Reasons of an end that are no fault. */
const GOOD_ENDS = new Set(['', 'STOP', 'MAX_TOKENS', 'FINISH_REASON_UNSPECIFIED'])
/** The model made a call that is none. */
const BAD_CALLS = /^(MALFORMED_FUNCTION_CALL|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS)$/

/**
 * Puts an answer together from the responses of `streamGenerateContent` as events, or takes it from one of them alone.
 * `keepCall` is given what Gemini wants back with a call.
 */
export function createContentReader(
  errors: AnswerErrors,
  keepCall: (callId: string, kept: KeptCall) => void,
): PieceReader {
  const calls: ToolCall[] = []
  let text = ''
  let saidAnything = false
  let hasBegun = false
  let finishReason = ''
  let blockReason = ''
  let usage: TokenUsage | null = null

  const addPart = (part: Record<string, unknown>): void => {
    if (typeof part.text === 'string' && part.thought !== true) {
      if (part.text !== '') saidAnything = true
      text += part.text
    }
    if (!isObject(part.functionCall)) return
    const { id, name, args } = part.functionCall
    if (typeof name !== 'string' || name === '') throw errors.garbage('called a tool without a name')
    if (calls.length >= MAXIMUM_CALLS)
      throw errors.garbage(`called over ${MAXIMUM_CALLS} tools in one answer`)
    const callId = typeof id === 'string' && id !== '' ? id : `call_${randomUUID()}`
    calls.push({ id: callId, name, arguments: isObject(args) ? args : {} })
    const { thoughtSignature } = part
    keepCall(callId, {
      ...(callId === id && { id: callId }),
      ...(typeof thoughtSignature === 'string' && { thoughtSignature }),
    })
  }

  const addResponse = (response: Record<string, unknown>): void => {
    if (response.error) throw errors.refused(readGoogleError(response, null))
    const { candidates, promptFeedback, usageMetadata } = response
    if (isObject(usageMetadata)) usage = usageOf(usageMetadata)
    if (isObject(promptFeedback) && typeof promptFeedback.blockReason === 'string')
      blockReason = promptFeedback.blockReason
    if (Array.isArray(candidates) || isObject(promptFeedback) || isObject(usageMetadata)) hasBegun = true
    const candidate: unknown = Array.isArray(candidates) ? candidates[0] : undefined
    if (!isObject(candidate)) return
    const parts = isObject(candidate.content) ? candidate.content.parts : undefined
    if (Array.isArray(parts)) for (const part of parts) if (isObject(part)) addPart(part)
    if (typeof candidate.finishReason === 'string') finishReason = candidate.finishReason
  }

  return {
    readEvent({ data }) {
      addResponse(readObject(errors, data, 'sent an event that is not a JSON object'))
      return true
    },
    readDocument(body) {
      addResponse(readObject(errors, body, 'answered with broken JSON'))
      if (!hasBegun) throw errors.garbage(`answered with JSON that is not an answer: ${excerpt(body)}`)
    },
    takeText() {
      const taken = text
      text = ''
      return taken
    },
    // There is no event that says so.
    isDone: false,
    finish() {
      if (!hasBegun) throw errors.garbage('ended its answer before it said anything')
      if (blockReason !== '') throw errors.blocked(`refused the conversation (${blockReason})`)
      if (finishReason === '') throw errors.garbage('ended its answer in the middle', 'try again')
      if (BAD_CALLS.test(finishReason))
        throw errors.garbage(
          `made a tool call that is none (${finishReason})`,
          'try again, or simplify the tool',
        )
      if (!GOOD_ENDS.has(finishReason) && !saidAnything)
        throw errors.blocked(`stopped its answer (${finishReason})`)
      if (finishReason === 'MAX_TOKENS' && !saidAnything && calls.length === 0)
        throw errors.garbage('used up maxTokens before it said anything', 'raise maxTokens')
      return calls
    },
    get usage() {
      return usage
    },
  }
}

function usageOf(counts: Record<string, unknown>): TokenUsage {
  const thoughts = countOf(counts, 'thoughtsTokenCount')
  return {
    promptTokens: countOf(counts, 'promptTokenCount') + countOf(counts, 'toolUsePromptTokenCount'),
    completionTokens: countOf(counts, 'candidatesTokenCount') + thoughts,
    cachedPromptTokens: countOf(counts, 'cachedContentTokenCount'),
    reasoningTokens: thoughts,
  }
}
