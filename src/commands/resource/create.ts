import { type Assignment, assign, textAt } from '../../api/body.ts'
import { nameOf } from '../../api/lookup.ts'
import { readObject } from '../../api/read-object.ts'
import type { Resource } from '../../api/resources/types.ts'
import { type Placeholders, pathOf } from '../../api/resources.ts'
import type { JsonObject } from '../../api/types.ts'
import type { Context } from '../../cli/context.ts'
import { type Command, defineCommand } from '../../cli/definition.ts'
import { usageError } from '../../errors.ts'
import {
  fieldAssignments,
  fieldsOf,
  missingFields,
  readBodyFile,
  setAssignments,
  variantOf,
  withConstants,
} from './body.ts'
import { askField, askVariant } from './guide.ts'
import {
  announce,
  bodyOptions,
  fieldOptions,
  oneOf,
  placeholderOptions,
  readPlaceholders,
  summaryOf,
  type Values,
} from './options.ts'
import { typesOf } from './types.ts'

/** `vapi RESOURCE create`. */
export function createCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} create`,
      summary: summaryOf(resource, `create ${oneOf(resource)}`),
      description:
        'Asks for what is missing, on a terminal. Prints the id of what was made; --json all of it.',
      args: [],
      options: { ...bodyOptions, ...placeholderOptions(resource), ...fieldOptions(resource, 'create') },
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [
        { command: `vapi ${resource.words} create`, does: 'guided' },
        { command: `vapi ${resource.words} create --file body.json`, does: 'from a file' },
      ],
      needsLogin: true,
      destructive: false,
    },
    async ({ options }, context) => {
      announce(resource, context)
      const values = options as Values
      const placeholders = await readPlaceholders(resource, values, context)
      const body = await readBody(resource, values, context)
      if (values.file === undefined) requireContent(resource, body)
      await sendCreate(resource, body, placeholders, context)
      return undefined
    },
  )
}

/** Fails where nothing was said of what is to be made: the API would make something empty. */
export function requireContent(resource: Resource, body: JsonObject): void {
  if (Object.keys(body).length > 0) return
  throw usageError(
    `nothing is said of the ${resource.noun}: give --file FILE, --set PATH=VALUE or the flag of a field`,
    `vapi ${resource.words} create --help`,
  )
}

/** Sends the body and prints what was made. */
export async function sendCreate(
  resource: Resource,
  body: JsonObject,
  placeholders: Placeholders,
  context: Context,
): Promise<JsonObject> {
  const api = await context.api()
  const path = pathOf(resource, placeholders)
  const created = readObject(
    await api.request({ method: 'POST', path, body }),
    `POST ${path}`,
    `it may have been made all the same: vapi ${resource.words} list`,
  )
  await context.output.done(created, `created ${resource.noun} ${nameOf(resource, created)}`)
  return created
}

/**
 * The body of a create: the file (or `base`), the fields' flags, then `--set`. On a terminal what is missing is asked
 * for; elsewhere a missing field is a usage error that names its flag.
 */
export async function readBody(
  resource: Resource,
  options: Values,
  context: Context,
  base: JsonObject | null = null,
): Promise<JsonObject> {
  const file = (await readBodyFile(options, context)) ?? base
  const nothingGiven = file === null && !hasInput(options, resource)
  let body = file ?? {}
  body = await withVariant(resource, body, options, context)
  const variant = variantOf(resource, body, options)
  const assignments: Assignment[] = [
    ...(await fieldAssignments(resource, variant, options, context)),
    ...(await setAssignments(options, await typesOf(resource, 'create'), context)),
  ]
  body = withConstants(assign(body, assignments), variant)
  if (context.interactive) {
    const asked = nothingGiven
      ? fieldsOf(resource, variant).filter(
          ({ ask, required, path }) => (ask || required) && textAt(body, path) === '',
        )
      : missingFields(resource, variant, body)
    for (const field of asked) {
      const value = await askField(field, context)
      if (value !== undefined) body = assign(body, [{ path: field.path, value }])
    }
  }
  const [missing] = missingFields(resource, variant, body)
  if (missing !== undefined && isClosed(missing.choices)) {
    return assign(body, [{ path: missing.path, value: missing.choices[0] }])
  }
  if (missing !== undefined)
    throw usageError(
      `--${missing.flag} is missing: ${missing.summary}`,
      `vapi ${resource.words} create --help`,
    )
  return body
}

/** A field that can have one value only. */
function isClosed(choices: readonly string[] | undefined): choices is readonly [string] {
  return choices?.length === 1
}

function hasInput(options: Values, resource: Resource): boolean {
  const placeholders = Object.keys(resource.placeholders ?? {})
  return Object.entries(options).some(
    ([name, value]) =>
      !placeholders.includes(name) &&
      name !== resource.variants?.field &&
      value !== undefined &&
      value !== false &&
      !(Array.isArray(value) && value.length === 0),
  )
}

/** The body with its variant named; asks for it where it is open. */
async function withVariant(
  resource: Resource,
  body: JsonObject,
  options: Values,
  context: Context,
): Promise<JsonObject> {
  const { variants } = resource
  if (variants === undefined) return body
  const given = options[variants.field]
  if (typeof given === 'string') return { ...body, [variants.field]: given }
  if (typeof body[variants.field] === 'string') return body
  const set = ((options.set as string[] | undefined) ?? []).find(text =>
    text.startsWith(`${variants.field}=`),
  )
  if (set !== undefined) return { ...body, [variants.field]: set.slice(variants.field.length + 1) }
  if (!context.interactive)
    throw usageError(
      `--${variants.field} is missing: one of ${Object.keys(variants.of).join(', ')}`,
      `vapi ${resource.words} create --help`,
    )
  return { ...body, [variants.field]: await askVariant(variants, context) }
}
