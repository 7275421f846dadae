import { findOne, nameOf } from '../api/lookup.ts'
import { readObject } from '../api/read-object.ts'
import type { Resource } from '../api/resources/types.ts'
import { pathOf } from '../api/resources.ts'
import { type Command, defineCommand } from '../cli/definition.ts'
import { confirmed, needsYes, yesOption } from './resource/delete.ts'
import { oneArgument } from './resource/get.ts'

const endings = {
  end: { status: 'ended', does: 'end a campaign: no further calls; those that run go on' },
  cancel: { status: 'cancelled', does: 'cancel a campaign that has not begun' },
} as const

/** `vapi campaign end` and `vapi campaign cancel`, of both versions. */
export function campaignEndCommand(resource: Resource, verb: keyof typeof endings): Command {
  const { status, does } = endings[verb]
  return defineCommand(
    {
      name: `${resource.words} ${verb}`,
      summary: does,
      args: [oneArgument(resource)],
      options: yesOption,
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [{ command: `vapi ${resource.words} ${verb} Spring --yes`, does: 'without asking' }],
      needsLogin: true,
      destructive: true,
    },
    async ({ args, options }, context) => {
      if (!context.interactive && options.yes !== true) throw needsYes(`${verb} a campaign`)
      const api = await context.api()
      const campaign = await findOne(api, resource.words, args[0] ?? '')
      const name = nameOf(resource, campaign)
      if (options.yes !== true)
        await confirmed(
          context,
          `${verb === 'end' ? 'End' : 'Cancel'} campaign ${name} (${campaign.status})?`,
        )
      const path = pathOf(resource, {}, String(campaign.id))
      const reply = await api.request({ method: 'PATCH', path, body: { status } })
      const changed = reply === undefined ? { ...campaign, status } : readObject(reply, `PATCH ${path}`)
      await context.output.done(changed, `campaign ${name} is ${changed.status ?? status}`)
      return undefined
    },
  )
}
