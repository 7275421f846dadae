/** Who a message of the call is for: the configured server, or the client that the customer speaks through. */
export type MessageRecipient = 'server' | 'client'

/** One message of the call, complete as it is sent. Servers get it as `{message}`, clients as it is. */
export interface OutgoingMessage {
  recipient: MessageRecipient
  /** The assistant that it is of, by its place in the plan: its server gets it. */
  member: number
  type: string
  body: Readonly<Record<string, unknown>>
}

/** Takes the messages of a call. Nothing here may hold up the call. */
export interface MessageSink {
  /** False where such messages go nowhere; they need not be made. */
  reaches(recipient: MessageRecipient, member: number): boolean
  /** Takes a message and returns at once. Messages to one recipient arrive in the order of their sending. */
  send(message: OutgoingMessage): void
  /** Resolves when everything was delivered or given up; the signal gives up what is left. Never rejects. */
  close(signal: AbortSignal): Promise<void>
}
