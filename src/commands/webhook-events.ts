import { defineCommand } from '../cli/definition.ts'
import { serverMessageTypes } from '../messages/events.ts'
import { listEvents } from './trigger-event.ts'

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
  async ({ options }, context) => {
    const events = options.reply
      ? serverMessageTypes.filter(({ reply }) => reply !== null)
      : serverMessageTypes
    await listEvents(events, context)
    return undefined
  },
)
