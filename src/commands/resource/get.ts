import { findOne } from '../../api/lookup.ts'
import type { Resource } from '../../api/resources/types.ts'
import { type Command, defineCommand } from '../../cli/definition.ts'
import { announce, placeholderOptions, readPlaceholders, summaryOf, type Values } from './options.ts'

/** The argument that names one of a resource. */
export function oneArgument(resource: Resource) {
  const names = resource.nameFields.length === 0 ? 'its id' : 'its id, or a name that no other has'
  return { name: resource.nameFields.length === 0 ? 'id' : 'id|name', summary: names, required: true }
}

/** `vapi RESOURCE get`. */
export function getCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} get`,
      summary: summaryOf(resource, `show one ${resource.noun}`),
      args: [oneArgument(resource)],
      options: placeholderOptions(resource),
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [
        { command: `vapi ${resource.words} get ID`, does: 'YAML to read; JSON in a pipe' },
        { command: `vapi ${resource.words} get ID --jq .createdAt`, does: 'one field of it' },
      ],
      needsLogin: true,
      destructive: false,
    },
    async ({ args, options }, context) => {
      announce(resource, context)
      const placeholders = await readPlaceholders(resource, options as Values, context)
      const api = await context.api()
      await context.output.one(await findOne(api, resource.words, args[0] ?? '', placeholders))
      return undefined
    },
  )
}
