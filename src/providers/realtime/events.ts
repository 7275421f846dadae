/** What a realtime session says and is told, without the form that a version of the protocol gives it. */
import type { ModelTool, TokenUsage } from '../../engine/ports/language-model.ts'

/** How a session answers. */
export interface SessionSettings {
  model: string
  instructions: string
  tools: readonly ModelTool[]
  /** Null: it writes, and nothing is heard. */
  voice: { voiceId: string; speed?: number } | null
  /** What writes down the customer's words; null where nobody listens. */
  transcription: { model: string; language?: string } | null
  /** Absent: the session's own. */
  maxTokens?: number
}

/** A part of the conversation that we put into it. */
export type ItemContent =
  | { type: 'message'; role: 'system' | 'user' | 'assistant'; text: string }
  | { type: 'call'; callId: string; name: string; arguments: string }
  | { type: 'result'; callId: string; output: string }

/** What an answer is asked for with. */
export interface AnswerRequest {
  /** Ours; the session repeats it when the answer begins. */
  key: string
  /** Words to be said exactly, beside the conversation; null: the next answer of the conversation. */
  words: string | null
}

/** One thing that the session says. */
export type Told =
  | { type: 'opened' }
  | { type: 'configured' }
  | { type: 'committed'; itemId: string }
  /** More of the customer's words in an item, and all of them. */
  | { type: 'hearing'; itemId: string; delta: string }
  | { type: 'heard'; itemId: string; text: string; confidence?: number }
  | { type: 'unheard'; itemId: string; message: string }
  | { type: 'answer'; answerId: string; key: string | null }
  | { type: 'message'; answerId: string; itemId: string }
  | { type: 'text'; answerId: string; itemId: string; delta: string }
  | { type: 'sound'; answerId: string; itemId: string; bytes: Uint8Array }
  | { type: 'call'; answerId: string; itemId: string; callId: string; name: string; arguments: string }
  | {
      type: 'answered'
      answerId: string
      status: 'completed' | 'cancelled' | 'incomplete' | 'failed'
      /** Why it failed or is incomplete, as the session calls it. */
      reason: string
      message: string
      usage: TokenUsage | null
    }
  | { type: 'error'; code: string; kind: string; message: string; eventId: string | null }
