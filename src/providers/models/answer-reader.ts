import { randomUUID } from 'node:crypto'
import type { TokenUsage, ToolCall } from '../../engine/ports/language-model.ts'
import type { VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { excerpt } from '../../net/reply.ts'
import { createEventParser, type ServerSentEvent } from '../../net/sse.ts'
import { parseJson, type ReportedError } from './model-error.ts'

/** Makes the errors, with the names of the provider and the model. */
export interface AnswerErrors {
  refused(reported: ReportedError): VapiError
  blocked(what: string): VapiError
  garbage(what: string, hint?: string): VapiError
}

/** Puts one answer together from the pieces of a provider's stream, or takes it from a whole document. */
export interface PieceReader {
  /** True where the event is part of the answer. Throws VapiError on an error object and on anything unexpected. */
  readEvent(event: ServerSentEvent): boolean
  readDocument(body: string): void
  /** The text that came since the last call. */
  takeText(): string
  /** Nothing that follows belongs to the answer. */
  readonly isDone: boolean
  /**
   * The answer is over: gives the tool calls in the order in which the model made them; text that was held back can
   * be taken. Throws VapiError where the answer is not complete.
   */
  finish(mayEndSilently: boolean): ToolCall[]
  readonly usage: TokenUsage | null
}

/** Reads the body of one answer, whatever form it comes in. */
export interface AnswerReader {
  /** Takes what one read gave; true where it held part of the answer. Throws VapiError on anything unexpected. */
  push(bytes: Uint8Array): boolean
  takeText(): string
  readonly isDone: boolean
  /** The answer is over: gives its tool calls. Some text may be left to take. Throws VapiError where it is not whole. */
  end(mayEndSilently: boolean): ToolCall[]
  readonly usage: TokenUsage | null
}

/** An answer without end must not fill the memory. */
const MAXIMUM_WHOLE_LENGTH = 4_194_304
const MAXIMUM_ARGUMENTS = 1_048_576
const MAXIMUM_CALLS = 128
const EXCERPT_LENGTH = 400

/**
 * Takes event streams, and the single JSON document of servers that do not stream. Which of them it is, its first
 * character decides: servers name their content wrongly, or not at all. `noun` is what an answer is called in errors.
 */
export function createAnswerReader(errors: AnswerErrors, pieces: PieceReader, noun: string): AnswerReader {
  const parser = createEventParser()
  const decoder = new TextDecoder()
  let isDocument: boolean | null = null
  let beginning = ''
  let sawEvent = false

  const readEvents = (events: ServerSentEvent[]): boolean => {
    let isPart = false
    for (const event of events) {
      sawEvent = true
      if (!pieces.isDone && pieces.readEvent(event)) isPart = true
    }
    return isPart
  }

  return {
    push(bytes) {
      if (isDocument !== false || beginning.length < EXCERPT_LENGTH)
        beginning += decoder.decode(bytes, { stream: true })
      if (isDocument === null && /\S/.test(beginning)) isDocument = beginning.trimStart().startsWith('{')
      if (isDocument === false) return readEvents(parser.push(bytes))
      if (beginning.length > MAXIMUM_WHOLE_LENGTH)
        throw errors.garbage(`answered with more than ${MAXIMUM_WHOLE_LENGTH} characters`)
      // A document says something when it is whole.
      return false
    },
    takeText: pieces.takeText,
    get isDone() {
      return pieces.isDone
    },
    end(mayEndSilently) {
      if (isDocument) pieces.readDocument(beginning)
      else readEvents(parser.end())
      if (!isDocument && !sawEvent)
        throw errors.garbage(
          beginning.trim() === ''
            ? 'answered with an empty body'
            : `answered with something that is not ${noun}: ${excerpt(beginning)}`,
        )
      return pieces.finish(mayEndSilently)
    },
    get usage() {
      return pieces.usage
    },
  }
}

/** The JSON object of an event, or of a whole document. Throws VapiError where it is none. */
export function readObject(errors: AnswerErrors, text: string, what: string): Record<string, unknown> {
  const value = parseJson(text)
  if (!isObject(value)) throw errors.garbage(`${what}: ${excerpt(text)}`)
  return value
}

/** A tool call while it comes in. */
export interface OpenCall {
  id: string
  name: string
  /** JSON, as far as it is there. */
  arguments: string
}

/** Throws VapiError where the calls of one answer are too many or too long. */
export function limitCalls(errors: AnswerErrors, calls: readonly OpenCall[]): void {
  if (calls.some(call => call.arguments.length > MAXIMUM_ARGUMENTS))
    throw errors.garbage(`called a tool with over ${MAXIMUM_ARGUMENTS} characters of arguments`)
  if (calls.length > MAXIMUM_CALLS) throw errors.garbage(`called over ${MAXIMUM_CALLS} tools in one answer`)
}

/** A call that is over. Throws VapiError where its arguments are no JSON object. */
export function closeCall(errors: AnswerErrors, call: OpenCall, isCutOff: boolean): ToolCall {
  const parsed = parseJson(call.arguments.trim() || '{}')
  if (!isObject(parsed) || call.name === '')
    throw errors.garbage(
      `called the tool "${call.name || '(no name)'}" with arguments that are not a JSON object: ${excerpt(call.arguments)}`,
      isCutOff ? 'the answer was cut off at maxTokens: raise it' : 'try another model, or simplify the tool',
    )
  return { id: call.id || `call_${randomUUID()}`, name: call.name, arguments: parsed }
}

/** A number of a provider's count; 0 where it has none. */
export function countOf(holder: unknown, name: string): number {
  return isObject(holder) && typeof holder[name] === 'number' ? holder[name] : 0
}
