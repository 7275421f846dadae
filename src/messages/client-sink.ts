import { createWriteStream } from 'node:fs'
import type { MessageSink } from '../engine/ports/message-sink.ts'
import { messageOf } from '../errors.ts'

/** Writes what a client would get into a file, one message a line. `warn` is told once where that fails. */
export function createClientFileSink(path: string, warn: (message: string) => void): MessageSink {
  const file = createWriteStream(path)
  const failed = new Promise<void>(resolve => {
    file.once('error', error => {
      warn(`the client's messages cannot be written to ${path}: ${messageOf(error)}`)
      resolve()
    })
  })
  return {
    reaches: recipient => recipient === 'client',
    send: ({ body }) => {
      if (file.writable) file.write(`${JSON.stringify(body)}\n`)
    },
    close: () => Promise.race([failed, new Promise<void>(resolve => file.end(() => resolve()))]),
  }
}

/** Several sinks as one: each gets what it reaches. */
export function joinSinks(sinks: readonly MessageSink[]): MessageSink {
  return {
    reaches: (recipient, member) => sinks.some(sink => sink.reaches(recipient, member)),
    send: message => {
      for (const sink of sinks) if (sink.reaches(message.recipient, message.member)) sink.send(message)
    },
    close: async signal => {
      await Promise.all(sinks.map(sink => sink.close(signal)))
    },
  }
}
