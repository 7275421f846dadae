import { webhooksOf } from '../api/webhooks.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, VapiError } from '../errors.ts'
import { describeOwner, findOwner } from './webhook-owners.ts'

export default defineCommand(
  {
    name: 'webhook get',
    summary: 'show the server of an assistant, phone number or tool',
    args: [
      {
        name: 'webhook',
        summary: 'assistant/ID, phone/ID or tool/ID, or an id or name alone',
        required: true,
      },
    ],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi webhook get assistant/Reception', does: 'of an assistant, by name' },
      { command: 'vapi webhook get 8f14e45f-ceea-467f-a8d6-3f2b1c0d9e8a', does: 'of whatever has this id' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ args: [reference = ''] }, context) => {
    const owner = await findOwner(reference, context)
    const webhook = webhooksOf(owner.kind, owner.object).find(({ inline }) => inline !== true)
    if (webhook === undefined)
      throw new VapiError({
        code: 'not-found',
        message: `${describeOwner(owner)} has no server`,
        exit: Exit.notFound,
        hint: `vapi webhook create URL --${owner.kind} ${String(owner.object.id)}`,
      })
    await context.output.one(webhook)
    return undefined
  },
)
