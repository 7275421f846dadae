import { defineCommand } from '../cli/definition.ts'
import { type ServerMessageType, serverMessageTypes } from '../messages/events.ts'

const selections: Readonly<Record<ServerMessageType['selection'], string>> = {
  default: 'by default',
  'opt-in': 'if in serverMessages',
  always: 'always',
  campaign: 'if in serverMessages of the campaign',
}

export default defineCommand(
  {
    name: 'webhook events',
    summary: 'the messages that servers get: when, and which reply they need',
    args: [],
    options: { reply: { type: 'boolean', summary: 'only those that need a reply' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi webhook events', does: 'all of them' },
      { command: 'vapi webhook events --reply', does: 'what a server has to answer' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, { output }) => {
    await output.list(
      options.reply ? serverMessageTypes.filter(({ reply }) => reply !== null) : serverMessageTypes,
      [
        { heading: 'TYPE', value: ({ type }) => type },
        { heading: 'WHEN', value: ({ when }) => when },
        { heading: 'SENT', value: ({ selection }) => selections[selection] },
        { heading: 'REPLY', value: ({ reply }) => reply ?? '-' },
        {
          heading: 'TIME',
          value: ({ reply, limitSeconds }) =>
            reply === null ? '-' : limitSeconds === null ? '20 s (timeoutSeconds)' : `${limitSeconds} s`,
        },
      ],
      ({ type }) => type,
    )
    return undefined
  },
)
