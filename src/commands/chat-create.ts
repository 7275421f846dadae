import { resourceOf } from '../api/resources.ts'
import type { JsonObject } from '../api/types.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { converse, requireTerminal } from './chat-conversation.ts'
import { printChat } from './chat-reply.ts'
import { chatOptions, readChatStart, requirePartner } from './chat-request.ts'
import { choicesOf } from './resource/guide.ts'

export default defineCommand(
  {
    name: 'chat create',
    summary: 'chat with an assistant or squad: a conversation, or one message',
    description:
      'With --input, or text on standard input, it sends one message and prints the reply as it comes. In a terminal without either it is a conversation: each line goes on from the one before, /new begins a new chat, /exit ends. --json prints the whole chat, -o jsonl the events of the stream.',
    args: [],
    options: chatOptions,
    formats: ['table', 'json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi chat create --assistant Reception', does: 'a conversation in the terminal' },
      {
        command: 'vapi chat create --assistant Reception --input "When are you open?"',
        does: 'one message and its reply',
      },
      {
        command: 'cat question.txt | vapi chat create --assistant Reception --var name=Ann --json',
        does: 'the message from a file, the whole chat as JSON',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const { body, input } = await readChatStart(
      {
        assistant: options.assistant,
        squad: options.squad,
        session: options.session,
        previous: options.previous,
        input: options.input,
        var: options.var,
        name: options.name,
        file: options.file,
      },
      context,
    )
    const stream = !options['no-stream']
    if (input !== null) {
      requirePartner(body)
      const { id } = await printChat({ ...body, input }, context, { stream })
      if (id !== null && !context.output.isJson && context.output.options.format !== 'id')
        context.output.note(`go on with: vapi chat continue ${id} "…"`)
      return undefined
    }
    requireTerminal(context)
    await converse(await withPartner(body, context), context, stream)
    return undefined
  },
)

const PARTNERS = ['assistantId', 'assistant', 'squadId', 'squad', 'sessionId', 'previousChatId']

/** Asks which assistant, where nothing says it. */
async function withPartner(body: JsonObject, context: Context): Promise<JsonObject> {
  if (PARTNERS.some(name => body[name] !== undefined)) return body
  const choices = await choicesOf(resourceOf('assistant'), context)
  if (choices.length === 0)
    throw usageError('there is no assistant to chat with', 'vapi assistant create makes one')
  const prompt = await context.prompt()
  const assistantId = await prompt.select({ message: 'Assistant', choices })
  return { ...body, assistantId }
}
