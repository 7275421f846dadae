import { findOne, nameOf } from '../../api/lookup.ts'
import { isRow } from '../../api/paging-reply.ts'
import type { Resource } from '../../api/resources/types.ts'
import { pathOf } from '../../api/resources.ts'
import type { Context } from '../../cli/context.ts'
import { type Command, defineCommand } from '../../cli/definition.ts'
import { usageError, VapiError } from '../../errors.ts'
import { oneArgument } from './get.ts'
import { announce, oneOf, placeholderOptions, readPlaceholders, summaryOf, type Values } from './options.ts'

export const yesOption = { yes: { type: 'boolean', short: 'y', summary: 'do not ask' } } as const

/** `vapi RESOURCE delete`. */
export function deleteCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} delete`,
      summary: summaryOf(resource, `delete ${oneOf(resource)}`),
      ...(resource.deleteNote !== undefined && { description: `It ${resource.deleteNote}.` }),
      args: [oneArgument(resource)],
      options: { ...yesOption, ...placeholderOptions(resource) },
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [{ command: `vapi ${resource.words} delete ID --yes`, does: 'without asking' }],
      needsLogin: true,
      destructive: true,
    },
    async ({ args, options }, context) => {
      announce(resource, context)
      if (!context.interactive && options.yes !== true) throw needsYes(`delete ${oneOf(resource)}`)
      const placeholders = await readPlaceholders(resource, options as Values, context)
      const api = await context.api()
      const current = await findOne(api, resource.words, args[0] ?? '', placeholders)
      const id = String(current.id)
      if (options.yes !== true) {
        const name = nameOf(resource, current)
        await confirmed(context, `Delete ${resource.noun} ${name === id ? id : `${name} (${id})`}?`)
      }
      const reply = await api.request({
        method: 'DELETE',
        path: pathOf(resource, placeholders, id),
        ...(resource.deleteBody !== undefined && { body: resource.deleteBody }),
      })
      await context.output.done(
        isRow(reply) ? reply : current,
        `deleted ${resource.noun} ${nameOf(resource, current)}`,
      )
      return undefined
    },
  )
}

/** A destructive command without a terminal and without `--yes`. */
export function needsYes(what: string): VapiError {
  return usageError(`will not ${what} without asking`, 'add --yes')
}

/** Asks; throws `declined` (exit 1) on no. */
export async function confirmed(context: Context, message: string): Promise<void> {
  const prompt = await context.prompt()
  if (await prompt.confirm({ message, default: false })) return
  throw new VapiError({ code: 'declined', message: 'nothing was changed' })
}
