import { defineCommand } from '../cli/definition.ts'
import { listEvents, triggerableEvents } from './trigger-event.ts'

export default defineCommand(
  {
    name: 'trigger list',
    summary: 'the events that vapi trigger can send: which need a reply, and in what time',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi trigger list', does: 'all of them' },
      { command: 'vapi trigger list -o id', does: 'their names alone' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async (_, context) => {
    await listEvents(triggerableEvents, context)
    return undefined
  },
)
