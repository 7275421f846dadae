import type { ToolCall } from '../../engine/ports/language-model.ts'
import { excerpt } from '../../net/reply.ts'
import { createEventParser, type ServerSentEvent } from '../../net/sse.ts'
import { type CompletionErrors, createCompletionReader, type ModelUsage } from './completion-reader.ts'

/** Reads the body of one answer, whatever form it comes in. */
export interface AnswerReader {
  /** Takes what one read gave; true where it held part of the answer. Throws VapiError on anything unexpected. */
  push(bytes: Uint8Array): boolean
  /** The text that came since the last call. */
  takeText(): string
  /** Nothing that follows belongs to the answer. */
  readonly isDone: boolean
  /** The answer is over: gives its tool calls. Some text may be left to take. Throws VapiError where it is not whole. */
  end(mayEndSilently: boolean): ToolCall[]
  readonly usage: ModelUsage | null
}

const MAXIMUM_WHOLE_LENGTH = 4_194_304
const EXCERPT_LENGTH = 400

/**
 * Takes event streams, and the single JSON document of servers that ignore `stream: true`. Which of them it is, its
 * first character decides: servers name their content wrongly, or not at all.
 */
export function createAnswerReader(errors: CompletionErrors): AnswerReader {
  const completion = createCompletionReader(errors)
  const parser = createEventParser()
  const decoder = new TextDecoder()
  let isDocument: boolean | null = null
  let beginning = ''
  let sawEvent = false

  const readEvents = (events: ServerSentEvent[]): boolean => {
    for (const event of events) {
      sawEvent = true
      if (!completion.isDone) completion.readEvent(event)
    }
    return events.length > 0
  }

  return {
    push(bytes) {
      if (isDocument !== false || beginning.length < EXCERPT_LENGTH)
        beginning += decoder.decode(bytes, { stream: true })
      if (isDocument === null && /\S/.test(beginning)) isDocument = beginning.trimStart().startsWith('{')
      if (isDocument === false) return readEvents(parser.push(bytes))
      if (beginning.length > MAXIMUM_WHOLE_LENGTH)
        throw errors.garbage(`answered with more than ${MAXIMUM_WHOLE_LENGTH} characters`)
      return isDocument === true
    },
    takeText: completion.takeText,
    get isDone() {
      return completion.isDone
    },
    end(mayEndSilently) {
      if (isDocument) completion.readDocument(beginning)
      else readEvents(parser.end())
      if (!isDocument && !sawEvent)
        throw errors.garbage(
          beginning.trim() === ''
            ? 'answered with an empty body'
            : `answered with something that is not a chat completion: ${excerpt(beginning)}`,
        )
      return completion.finish(mayEndSilently)
    },
    get usage() {
      return completion.usage
    },
  }
}
