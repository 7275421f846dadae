import { assign, textAt } from '../../api/body.ts'
import { findOne } from '../../api/lookup.ts'
import type { Resource } from '../../api/resources/types.ts'
import type { JsonObject } from '../../api/types.ts'
import { type Command, defineCommand } from '../../cli/definition.ts'
import { fieldsOf, setAssignments, variantOf } from './body.ts'
import { sendCreate } from './create.ts'
import { oneArgument } from './get.ts'
import {
  announce,
  bodyOptions,
  oneOf,
  placeholderOptions,
  readPlaceholders,
  summaryOf,
  type Values,
} from './options.ts'
import { typesOf } from './types.ts'

/** What the server gives to every object. */
const SERVER_FIELDS: readonly string[] = ['id', 'orgId', 'createdAt', 'updatedAt', 'deletedAt']
/** Longest name that the API takes for most resources. */
const MAXIMUM_NAME_LENGTH = 40

/** `vapi RESOURCE clone`. */
export function cloneCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} clone`,
      summary: summaryOf(resource, `create ${oneOf(resource)} like another one`),
      args: [oneArgument(resource)],
      options: {
        'new-name': { type: 'string', placeholder: 'NAME', summary: 'name of the copy' },
        set: bodyOptions.set,
        ...placeholderOptions(resource),
      },
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [
        {
          command: `vapi ${resource.words} clone ID --new-name "Night shift"`,
          does: 'a copy under a new name',
        },
      ],
      needsLogin: true,
      destructive: false,
    },
    async ({ args, options }, context) => {
      announce(resource, context)
      const values = options as Values
      const placeholders = await readPlaceholders(resource, values, context)
      const api = await context.api()
      const original = await findOne(api, resource.words, args[0] ?? '', placeholders)
      const body = copyOf(resource, original, options['new-name'] as string | undefined)
      const assignments = await setAssignments(values, await typesOf(resource, 'create'), context)
      await sendCreate(resource, assign(body, assignments), placeholders, context)
      return undefined
    },
  )
}

/** What of an object a create takes, under another name. */
export function copyOf(resource: Resource, original: JsonObject, newName: string | undefined): JsonObject {
  const left = [...SERVER_FIELDS, ...(resource.serverFields ?? [])]
  const body = Object.fromEntries(
    Object.entries(original).filter(([name, value]) => !left.includes(name) && value !== null),
  )
  // A copy is named where the original is; one without a name gets none unless it is given.
  const field =
    resource.nameFields.find(path => textAt(body, path) !== '') ??
    (newName === undefined ? undefined : nameFieldOf(resource, body))
  if (field === undefined) return body
  const suffix = field === 'function.name' ? '_copy' : ' (copy)'
  const name = newName ?? `${textAt(body, field).slice(0, MAXIMUM_NAME_LENGTH - suffix.length)}${suffix}`
  return assign(body, [{ path: field, value: name }])
}

/** Where an object of this shape has its name. */
function nameFieldOf(resource: Resource, body: JsonObject): string | undefined {
  const fields = fieldsOf(resource, variantOf(resource, body, {}))
  return fields.find(({ flag }) => flag === 'name')?.path
}
