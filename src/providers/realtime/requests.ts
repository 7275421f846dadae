/** An answer that a session was asked for: what has come of it, and how it ended. */
import type { ModelPiece, TokenUsage } from '../../engine/ports/language-model.ts'
import type { VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { garbageError, type ModelErrorContext, parseJson, refusalError } from '../models/model-error.ts'
import { type Answer, createAnswer, type Pace } from './answer.ts'
import type { Told } from './events.ts'
import { createSignal } from './signal.ts'
import type { SoundReader } from './sound.ts'

export type Answered = Extract<Told, { type: 'answered' }>
/** What a session says of an answer while it comes. */
export type AnswerPart = Extract<Told, { type: 'message' | 'text' | 'sound' | 'call' }>

export interface Request {
  /** Ours; the session repeats it once. */
  readonly key: string
  /** The session's name of it; null until it is told. */
  answerId: string | null
  /** Words that are said beside the conversation; null: an answer of the conversation. */
  readonly words: string | null
  readonly answer: Answer
  /** How it ended; null while it goes on. */
  readonly ended: Answered | { type: 'broken'; error: VapiError } | null
  readonly usage: TokenUsage | null
  /** Nobody waits for it any more. */
  readonly isCancelled: boolean
  /** Something was said or a tool was called. */
  readonly isBegun: boolean
  take(part: AnswerPart): void
  /** The next of what it says; null where there is none yet. */
  next(): ModelPiece | null
  /** Resolves at the next news of it, or when `signal` aborts. */
  news(signal?: AbortSignal): Promise<void>
  cancel(): void
  end(ended: NonNullable<Request['ended']>): void
}

/** Error codes of answers, and the status that each stands for. */
const STATUSES: Readonly<Record<string, number>> = {
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  server_error: 500,
  invalid_request_error: 400,
}

export function createRequest(
  key: string,
  words: string | null,
  { pace, sound, context }: { pace: Pace; sound: SoundReader | null; context: ModelErrorContext },
): Request {
  const answer = createAnswer(pace)
  const change = createSignal()
  const pieces: ModelPiece[] = []
  let ended: Request['ended'] = null
  let usage: TokenUsage | null = null
  let isCancelled = false
  let isBegun = false
  /** The message that the last words are of. */
  let speaking: string | null = null

  function broken(what: string): NonNullable<Request['ended']> {
    return { type: 'broken', error: garbageError(context, what) }
  }

  function end(how: NonNullable<Request['ended']>): void {
    if (ended !== null) return
    const error = failureOf(how)
    ended = error === null ? how : { type: 'broken', error }
    usage = how.type === 'answered' ? how.usage : null
    const rest = sound?.end()
    if (rest !== undefined && rest.length > 0 && speaking !== null && !isCancelled)
      answer.addSound(speaking, rest)
    answer.end(isCancelled ? undefined : (error ?? undefined))
    change.tell()
  }

  function failureOf(how: NonNullable<Request['ended']>): VapiError | null {
    if (how.type === 'broken') return how.error
    if (how.status !== 'failed') return null
    const { reason: code, message } = how
    return refusalError(context, { code, message: message || code, status: STATUSES[code] ?? null })
  }

  function takeCall({ callId, name, arguments: values }: Extract<AnswerPart, { type: 'call' }>): void {
    const parsed = parseJson(values === '' ? '{}' : values)
    if (isObject(parsed))
      pieces.push({ type: 'tool-call', call: { id: callId, name, arguments: { ...parsed } } })
    else end(broken(`called the tool ${name} with arguments that are no JSON object`))
  }

  return {
    key,
    answerId: null,
    words,
    answer,
    get ended() {
      return ended
    },
    get usage() {
      return usage
    },
    get isCancelled() {
      return isCancelled
    },
    get isBegun() {
      return isBegun
    },
    take(part) {
      if (part.type === 'message') answer.addItem(part.itemId)
      if (ended !== null || isCancelled || part.type === 'message') return
      isBegun = true
      if (part.type === 'call') takeCall(part)
      else if (part.type === 'sound') {
        speaking = part.itemId
        const samples = sound?.push(part.bytes)
        if (samples !== undefined && samples.length > 0) answer.addSound(part.itemId, samples)
      } else {
        const isNext = speaking !== null && speaking !== part.itemId
        speaking = part.itemId
        answer.addText(part.itemId, part.delta)
        pieces.push({ type: 'text', text: isNext ? ` ${part.delta}` : part.delta })
      }
      change.tell()
    },
    next: () => pieces.shift() ?? null,
    news: signal => change.next(signal),
    cancel() {
      isCancelled = true
      answer.drop()
      change.tell()
    },
    end,
  }
}
