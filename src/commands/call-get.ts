import { textAt } from '../api/body.ts'
import { explainEndedReason } from '../api/ended-reason.ts'
import { findOne } from '../api/lookup.ts'
import { resourceOf } from '../api/resources.ts'
import { defineCommand } from '../cli/definition.ts'
import { printable } from '../output/table.ts'
import { oneArgument } from './resource/get.ts'

export default defineCommand(
  {
    name: 'call get',
    summary: 'show one call: status, transcript, costs, why it ended',
    args: [oneArgument(resourceOf('call'))],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi call get ID', does: 'YAML to read; JSON in a pipe' },
      { command: 'vapi call get ID --jq .artifact.transcript', does: 'the transcript' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args }, context) => {
    const call = await findOne(await context.api(), 'call', args[0] ?? '')
    await context.output.one(call)
    if (typeof call.endedReason === 'string') {
      const { summary, nextStep } = explainEndedReason(call.endedReason, {
        id: textAt(call, 'id'),
        assistantId: textAt(call, 'assistantId') || undefined,
      })
      context.output.note(printable(`ended: ${call.endedReason}: ${summary}`))
      if (nextStep !== '') context.output.note(printable(`next: ${nextStep}`))
    }
    return undefined
  },
)
