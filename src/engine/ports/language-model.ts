/** A message as language models take it (OpenAI chat form). */
export type ModelMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string | null; tool_calls?: ModelToolCall[] }
  | { role: 'tool'; content: string; tool_call_id: string }
  | { role: 'function'; name: string; content: string }

export interface ModelToolCall {
  id: string
  type: 'function'
  function: { name: string; arguments: string }
}

export interface ModelTool {
  type: 'function'
  function: { name: string; description?: string; parameters?: unknown; strict?: boolean }
}

export interface ModelRequest {
  messages: ModelMessage[]
  tools: ModelTool[]
  temperature?: number
  maxTokens?: number
}

/** A tool call as the model made it; `arguments` is the parsed JSON object. */
export interface ToolCall {
  id: string
  name: string
  arguments: Record<string, unknown>
}

export type ModelPiece = { type: 'text'; text: string } | { type: 'tool-call'; call: ToolCall }

/** Tokens of one answer, as its provider counted them. */
export interface TokenUsage {
  promptTokens: number
  completionTokens: number
  cachedPromptTokens: number
  reasoningTokens: number
  /** How many of them are of sound, for models that hear and speak. */
  audio?: { promptTokens: number; completionTokens: number; cachedPromptTokens: number }
}

/** Answers a conversation. Named `provider/model`. */
export interface LanguageModel {
  readonly name: string
  /**
   * Yields text as it arrives, joined per network read, and whole tool calls. Throws VapiError with `endedReason`
   * on failure; ends quietly when `signal` aborts. `counted` is told the tokens, where the provider says them.
   */
  respond(
    request: ModelRequest,
    signal: AbortSignal,
    counted?: (usage: TokenUsage) => void,
  ): AsyncIterable<ModelPiece>
}
