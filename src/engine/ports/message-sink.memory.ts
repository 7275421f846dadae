import type { MessageRecipient, MessageSink, OutgoingMessage } from './message-sink.ts'

/** Keeps the messages of a call, for simulations and tests. */
export interface MemorySink extends MessageSink {
  readonly messages: readonly OutgoingMessage[]
}

/** `reaches`: for whom messages are kept. `delivered` is told of each message to a server, with status 200. */
export function createMemorySink(
  reaches: (recipient: MessageRecipient, member: number) => boolean,
  delivered: (type: string, status: number) => void = () => {},
): MemorySink {
  const messages: OutgoingMessage[] = []
  return {
    messages,
    reaches,
    send: message => {
      messages.push(message)
      if (message.recipient === 'server') delivered(message.type, 200)
    },
    close: async () => {},
  }
}
