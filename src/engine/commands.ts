import type { Observation } from './observations.ts'
import type { EndOfTurnRequest } from './ports/end-of-turn-model.ts'
import type { ModelMessage, ModelTool, ToolCall } from './ports/language-model.ts'

/** One regex test of a custom endpointing rule, by its place in the plan. */
export interface RegexTest {
  rule: number
  subject: 'assistant' | 'customer'
  text: string
}

/**
 * What the engine asks of the runtime. Work commands carry a `workId`; each ends in exactly one answer that repeats
 * it, unless `cancel` closed it.
 */
export type Command =
  | { type: 'observe'; observation: Observation }
  | { type: 'timer.set'; timerId: string; atMs: number }
  | { type: 'timer.clear'; timerId: string }
  | { type: 'match'; workId: string; tests: RegexTest[] }
  | { type: 'predict'; workId: string; request: EndOfTurnRequest }
  | { type: 'format'; workId: string; text: string }
  | { type: 'model.request'; workId: string; messages: ModelMessage[]; tools: ModelTool[] }
  | { type: 'voice.request'; workId: string; utteranceId: string; text: string; voice: number }
  | { type: 'tool.run'; workId: string; call: ToolCall; tool: number }
  | { type: 'cancel'; workId: string }
  | { type: 'playback.play'; utteranceId: string }
  | { type: 'playback.finish'; utteranceId: string }
  | { type: 'playback.clear'; utteranceId: string }
  | { type: 'call.end' }
