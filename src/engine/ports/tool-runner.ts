import type { ModelMessage, ToolCall } from './language-model.ts'

/** Where a function tool is run. */
export interface ToolServer {
  url: string
  timeoutSeconds: number
  headers: Readonly<Record<string, string>>
}

/**
 * `destination`: the server says where the call goes. `transfer`: the transfer by telephone itself, after its words. `join`:
 * nothing is run; the arguments are a destination that joins the call.
 */
export type ToolPurpose = 'destination' | 'transfer' | 'join'

export interface ToolRequest {
  call: ToolCall
  /** The tool's definition as configured, sent along in the `tool-calls` message. */
  definition: Readonly<Record<string, unknown>>
  server: ToolServer | null
  /** What the call's variables are now. */
  variables?: Readonly<Record<string, unknown>>
  /** The conversation, for tools that take it. */
  messages?: readonly ModelMessage[]
  /** The server listens for the older `function-call`. */
  asFunctionCall?: boolean
  /** Absent: what the tool is for. */
  purpose?: ToolPurpose
}

/** What comes with an answer. */
interface ToolAnswer {
  /** A message in place of the configured one, as the server sent it. */
  message?: Readonly<Record<string, unknown>>
  /** What the call's variables become. */
  variables?: Readonly<Record<string, unknown>>
  /** What the user should know. */
  warnings?: readonly string[]
}

/** What a tool answered: text for the model, or where the call is to go. */
export type ToolOutcome =
  | ({
      type: 'result'
      result: string
      /** The reply as it came, where `result` is not all of it. */
      reply?: { body: string; headers: Readonly<Record<string, string | undefined>> }
    } & ToolAnswer)
  | ({ type: 'error'; error: string } & ToolAnswer)
  /** A destination as a server named it. */
  | ({ type: 'destination'; destination: Readonly<Record<string, unknown>>; result?: string } & ToolAnswer)
  /** The client was told; its answer comes by itself, as a message. */
  | ({ type: 'client' } & ToolAnswer)

/** Runs a tool of the assistant. */
export interface ToolRunner {
  /** Resolves with the tool's answer; a server that fails or is late resolves with `error`. Rejects only on abort. */
  run(request: ToolRequest, signal: AbortSignal): Promise<ToolOutcome>
}
