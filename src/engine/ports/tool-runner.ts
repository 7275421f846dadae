import type { ToolCall } from './language-model.ts'

/** Where a function tool is run. */
export interface ToolServer {
  url: string
  timeoutSeconds: number
  headers: Readonly<Record<string, string>>
}

export interface ToolRequest {
  call: ToolCall
  /** The tool's definition as configured, sent along in the `tool-calls` message. */
  definition: Readonly<Record<string, unknown>>
  server: ToolServer | null
}

/** What a tool answered: text for the model. */
export type ToolOutcome = { type: 'result'; result: string } | { type: 'error'; error: string }

/** Runs a tool of the assistant. */
export interface ToolRunner {
  /** Resolves with the tool's answer; a server that fails or is late resolves with `error`. Rejects only on abort. */
  run(request: ToolRequest, signal: AbortSignal): Promise<ToolOutcome>
}
