import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { asVapiError, Exit, type ExitCode, usageError } from '../errors.ts'
import { interruptProcess, openLines } from '../output/line-editor.ts'
import { printChat } from './chat-reply.ts'

/** Fails where there is nobody who could talk: no terminal, or a form of output that a conversation does not have. */
export function requireTerminal({ interactive, output }: Context): void {
  const { format, jq } = output.options
  if (!interactive || !output.streams.stdoutIsTerminal)
    throw usageError('there is nothing to say', 'add --input "text", or run it in a terminal')
  if (format !== null || jq !== null)
    throw usageError('a conversation has no such form of output', 'add --input "text"')
}

/** After these, the next message could only fail as well. */
const fatal: readonly ExitCode[] = [Exit.notLoggedIn, Exit.interrupted]

/**
 * A conversation at the terminal: each line is a chat that goes on from the one before. Ctrl-C stops the reply that is
 * being given; at the prompt it ends the command. `body` is what every chat carries.
 */
export async function converse(body: JsonObject, context: Context, stream: boolean): Promise<void> {
  const { output, signal } = context
  const { previousChatId, ...common } = body
  let previous = typeof previousChatId === 'string' ? previousChatId : null
  let reply: AbortController | null = null
  const lines = openLines(output.streams, 'you> ', () => {
    if (reply === null) interruptProcess()
    else reply.abort()
  })
  const close = () => {
    reply?.abort()
    lines.close()
  }
  signal.addEventListener('abort', close, { once: true })
  output.note('/new begins a new chat, /exit ends; Ctrl-C stops a reply')
  try {
    lines.show()
    for await (const line of lines.lines) {
      const text = line.trim()
      if (text === '/exit' || signal.aborted) break
      if (text === '/new') {
        if (common.sessionId !== undefined) output.note('this chat belongs to a session; it goes on')
        else output.note('a new chat begins')
        previous = null
      } else if (text.startsWith('/') && !text.includes(' ')) {
        output.note(`there is no ${text}; /new begins a new chat, /exit ends`)
      } else if (text !== '') {
        reply = new AbortController()
        const chained: JsonObject = previous === null ? {} : { previousChatId: previous }
        previous = await answer({ ...common, ...chained, input: text }, previous, reply.signal)
        reply = null
      }
      if (signal.aborted) break
      lines.show()
    }
  } finally {
    signal.removeEventListener('abort', close)
    lines.close()
  }

  /** The chat that the next one goes on from. What fails is shown, and the conversation goes on. */
  async function answer(chat: JsonObject, before: string | null, stop: AbortSignal): Promise<string | null> {
    try {
      const { id, stopped } = await printChat(chat, context, { stream, stop })
      if (stopped) {
        if (!signal.aborted) output.note('stopped; the next message goes on from before it')
        return before
      }
      return common.sessionId === undefined ? id : null
    } catch (thrown) {
      const error = asVapiError(thrown)
      if (signal.aborted || fatal.includes(error.exit)) throw error
      output.error(error)
      return before
    }
  }
}
