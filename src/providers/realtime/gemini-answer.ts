/** One answer of a Live API session, from what the session says to the words, calls and sound of a request. */
import { randomUUID } from 'node:crypto'
import type { TokenUsage } from '../../engine/ports/language-model.ts'
import { addUsage, type GeminiTold } from './gemini-form.ts'
import type { Request } from './requests.ts'

/** What belongs to an answer may come so long after its last sound, in milliseconds: words are not in order with sound. */
const LATE_MS = 300

export interface GeminiCall {
  callId: string
  name: string
}

export interface GeminiAnswer {
  readonly request: Request
  /** Its message of the conversation. */
  readonly itemId: string
  readonly isOver: boolean
  take(told: GeminiTold): void
  /** The turn's own end was not told before the answer was taken for complete. */
  readonly isEndOwed: boolean
}

/** An answer that the session gives; `isAsked`: the engine wants it. */
export interface Turn {
  ready: Promise<GeminiAnswer>
  answer: GeminiAnswer | null
  isAsked: boolean
  calls: GeminiCall[]
}

export interface GeminiAnswerListener {
  /** More of its words. */
  text(delta: string): void
  calls(calls: readonly GeminiCall[]): void
  over(): void
}

/** `sounds`: it is spoken, and its words are what is written down of it. `carried` is what was counted too late before. */
export function createGeminiAnswer(
  request: Request,
  itemId: string,
  sounds: boolean,
  carried: TokenUsage | null,
  listener: GeminiAnswerListener,
): GeminiAnswer {
  let usage: TokenUsage | null = null
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let isEndOwed = false
  let isTurnOver = false
  /** Sound came after its last words: what was written down of it may be on its way. */
  let awaitsWords = false

  function finish(): void {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    if (request.ended === null)
      request.end({
        type: 'answered',
        answerId: itemId,
        status: 'completed',
        reason: '',
        message: '',
        usage: addUsage(carried, usage),
      })
    listener.over()
  }

  function finishLater(): void {
    timer ??= setTimeout(() => {
      isEndOwed = !isTurnOver
      finish()
    }, LATE_MS)
  }

  return {
    request,
    itemId,
    get isOver() {
      return isOver
    },
    get isEndOwed() {
      return isEndOwed
    },
    take(told) {
      if (isOver) return
      switch (told.type) {
        case 'said':
        case 'written':
          if ((told.type === 'said') !== sounds) return
          awaitsWords = false
          listener.text(told.delta)
          request.take({ type: 'text', answerId: itemId, itemId, delta: told.delta })
          return
        case 'sound':
          awaitsWords = sounds
          request.take({ type: 'sound', answerId: itemId, itemId, bytes: told.bytes })
          return
        case 'calls': {
          const calls = told.calls.map(call => ({ ...call, callId: call.id ?? randomUUID() }))
          listener.calls(calls)
          for (const { callId, name, arguments: values } of calls)
            request.take({
              type: 'call',
              answerId: itemId,
              itemId,
              callId,
              name,
              arguments: JSON.stringify(values),
            })
          // It goes on when it has the results.
          finishLater()
          return
        }
        case 'generated':
          finishLater()
          return
        case 'interrupted':
          finish()
          return
        case 'over':
          isTurnOver = true
          if (awaitsWords) finishLater()
          else finish()
          return
        case 'usage':
          usage = told.usage
      }
    },
  }
}
