import { serverOf } from '../api/webhooks.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { storeServer } from './webhook-change.ts'
import { describeOwner, findOwner } from './webhook-owners.ts'

export default defineCommand(
  {
    name: 'webhook delete',
    summary: 'take the server of an assistant, phone number or tool away',
    description: 'Its messages then go to the next in the order of precedence that has a server, or nowhere.',
    args: [
      {
        name: 'webhook',
        summary: 'assistant/ID, phone/ID or tool/ID, or an id or name alone',
        required: true,
      },
    ],
    options: { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi webhook delete assistant/Reception', does: 'after asking' },
      { command: 'vapi webhook delete phone/+15551234567 --yes', does: 'without asking' },
    ],
    needsLogin: true,
    destructive: true,
  },
  async ({ args: [reference = ''], options }, context) => {
    const { output } = context
    if (!options.yes && !context.interactive)
      throw usageError('will not take a server away without asking', 'add --yes')
    const owner = await findOwner(reference, context)
    if (serverOf(owner.object) === null)
      throw new VapiError({
        code: 'not-found',
        message: `${describeOwner(owner)} has no server`,
        exit: Exit.notFound,
        hint: 'vapi webhook list',
      })
    if (!options.yes) {
      const prompt = await context.prompt()
      const sure = await prompt.confirm({
        message: `Take the server of ${describeOwner(owner)} away?`,
        default: false,
      })
      if (!sure) throw new VapiError({ code: 'declined', message: 'nothing was changed' })
    }
    const left = await storeServer(owner, null, {}, context)
    if (left !== null)
      throw new VapiError({
        code: 'not-stored',
        message: `the API took the change, but ${describeOwner(owner)} still sends to ${left.url}`,
      })
    const gone = { kind: owner.kind, id: owner.object.id, server: null }
    await output.done(gone, `${describeOwner(owner)} has no server any more`)
    return undefined
  },
)
