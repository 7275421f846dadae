import type { ModelMessage } from './language-model.ts'

/** What a custom endpointing model is told (API: call.endpointing.request). */
export interface EndpointingRequest {
  /** What the customer said in this turn so far; it stands at the end of the conversation as well. */
  text: string
  /** The conversation, as the API's artifacts have it. */
  messages: readonly object[]
  messagesOpenAIFormatted: readonly ModelMessage[]
}

/** A server of the user that says when the customer's turn is over. */
export interface EndpointingServer {
  /**
   * How long after the end of the customer's speech the turn is over, 0 to 15 s. Throws VapiError where no such answer
   * comes.
   */
  timeoutSeconds(request: EndpointingRequest, signal: AbortSignal): Promise<number>
}
