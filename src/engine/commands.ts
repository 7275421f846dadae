import type { Observation } from './observations.ts'
import type { EndOfTurnRequest } from './ports/end-of-turn-model.ts'
import type { EndpointingRequest } from './ports/endpointing-server.ts'
import type { ModelMessage, ModelTool, ToolCall } from './ports/language-model.ts'
import type { ToolPurpose } from './ports/tool-runner.ts'

/** One regex test of a custom endpointing rule, by its place in the plan. */
export interface RegexTest {
  rule: number
  subject: 'assistant' | 'customer'
  text: string
}

/** Work for one of the call's assistants. */
export type Work =
  | { type: 'match'; workId: string; tests: RegexTest[] }
  | { type: 'predict'; workId: string; request: EndOfTurnRequest }
  /** Asks the user's own endpointing server. */
  | { type: 'endpointing.request'; workId: string; request: EndpointingRequest }
  | { type: 'format'; workId: string; text: string }
  /** Renders templates with the call's variables as they are now; `values` go before them. */
  | { type: 'render'; workId: string; texts: string[]; values: Record<string, unknown>; atMs: number }
  /** `model`: its place in the assistant's plan. */
  | { type: 'model.request'; workId: string; model: number; messages: ModelMessage[]; tools: ModelTool[] }
  /**
   * `sound`: the text is the address of a sound file, which is played. `language`: the one that was detected last, for
   * voices that follow it.
   */
  | {
      type: 'voice.request'
      workId: string
      utteranceId: string
      text: string
      voice: number
      language?: string
      sound?: true
    }
  /**
   * `call` has the arguments that the tool gets. `messages`: the conversation, for tools that take it.
   */
  | {
      type: 'tool.run'
      workId: string
      call: ToolCall
      tool: number
      messages?: ModelMessage[]
      purpose?: ToolPurpose
    }
  /** Does the tool's rejection plan fit? `nowMs` is the wall clock. */
  | { type: 'judge'; workId: string; tool: number; messages: ModelMessage[]; nowMs: number }

/**
 * What an owner asks for. Work carries a `workId` and ends in exactly one answer that repeats it, unless `cancel`
 * closed it. Without a `member` it is for the assistant that is speaking now.
 */
export type Command = (Work & { member?: number }) | Order

/** What the engine asks of the runtime: every work names its assistant by its place in the plan. */
export type StampedCommand = (Work & { member: number }) | Order

/** What is done at once and gives no answer of its own. */
type Order =
  | { type: 'observe'; observation: Observation }
  | { type: 'timer.set'; timerId: string; atMs: number }
  | { type: 'timer.clear'; timerId: string }
  | { type: 'cancel'; workId: string }
  /** The customer is listened to by another transcriber, from the first sound on that has no final transcript. */
  | { type: 'transcriber.switch'; transcriber: number }
  /** Nothing of this side is heard any more, or it is heard again. Time goes on as if it were. */
  | { type: 'line.mute'; side: 'customer' | 'assistant'; muted: boolean }
  | { type: 'playback.play'; utteranceId: string }
  | { type: 'playback.finish'; utteranceId: string }
  | { type: 'playback.clear'; utteranceId: string }
  | { type: 'call.end' }
