import { findOne } from '../api/lookup.ts'
import type { JsonObject } from '../api/types.ts'
import { defineCommand } from '../cli/definition.ts'
import { converse, requireTerminal } from './chat-conversation.ts'
import { printChat } from './chat-reply.ts'
import { chatOptions, nonEmpty, readAll } from './chat-request.ts'

export default defineCommand(
  {
    name: 'chat continue',
    summary: 'say something more in a chat',
    description:
      'Sends a message that goes on from an earlier chat, with the assistant or squad of that chat (in its session, where it has one), and prints the reply as it comes. Without a message: what standard input has, or a conversation in the terminal.',
    args: [
      { name: 'chat', summary: 'the earlier chat’s id', required: true },
      {
        name: 'message',
        summary: 'what is said; - reads standard input',
        required: false,
        variadic: true,
      },
    ],
    options: { 'no-stream': chatOptions['no-stream'] },
    formats: ['table', 'json', 'yaml', 'jsonl', 'id'],
    examples: [
      {
        command: 'vapi chat continue 45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26 And on Sunday?',
        does: 'the next message',
      },
      {
        command: 'vapi chat continue 45c48cce-2e2d-4fbd-aa1a-fc51c7c6ad26',
        does: 'go on talking in the terminal',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [id = '', ...words], options }, context) => {
    const { stdin, stdinIsTerminal } = context.output.streams
    const piped = words.join(' ') === '-' || (words.length === 0 && !stdinIsTerminal)
    if (words.length === 0 && !piped) requireTerminal(context)
    const text = piped ? await readAll(stdin) : words.join(' ')
    const input = piped || words.length > 0 ? nonEmpty(text, 'there is nothing to say') : null
    const body = following(await findOne(await context.api(), 'chat', id), id)
    const stream = !options['no-stream']
    if (input === null) await converse(body, context, stream)
    else await printChat({ ...body, input }, context, { stream })
    return undefined
  },
)

/** What the next chat takes over: the context, and who answers. */
function following(chat: JsonObject, id: string): JsonObject {
  const { assistantId, assistant, squadId, squad, sessionId, assistantOverrides } = chat
  const who = [{ assistantId }, { squadId }, { assistant }, { squad }].find(choice =>
    Object.values(choice).every(value => value !== undefined && value !== null),
  )
  const overrides: JsonObject =
    assistantOverrides === undefined || assistantOverrides === null ? {} : { assistantOverrides }
  const context: JsonObject =
    typeof sessionId === 'string' ? { sessionId } : { previousChatId: String(chat.id ?? id) }
  return {
    ...(who as JsonObject | undefined),
    ...overrides,
    ...context,
  }
}
