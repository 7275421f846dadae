import { assign, changedFields, deepEqual } from '../../api/body.ts'
import { findOne, nameOf } from '../../api/lookup.ts'
import { readObject } from '../../api/read-object.ts'
import type { Resource } from '../../api/resources/types.ts'
import { type Placeholders, pathOf } from '../../api/resources.ts'
import type { Api, JsonObject } from '../../api/types.ts'
import type { Context } from '../../cli/context.ts'
import { type Command, defineCommand } from '../../cli/definition.ts'
import { usageError, VapiError } from '../../errors.ts'
import { fieldAssignments, readBodyFile, setAssignments, variantOf } from './body.ts'
import { oneArgument } from './get.ts'
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

/** `vapi RESOURCE update`. */
export function updateCommand(resource: Resource): Command {
  return defineCommand(
    {
      name: `${resource.words} update`,
      summary: summaryOf(resource, `change ${oneOf(resource)}`),
      description: `The API replaces each top-level field whole. So the current ${resource.noun} is read, the changes are laid over it, and the changed top-level fields are sent; nothing is sent if it was changed by somebody else in between. A file that came from get, edited, is refused in the same way when it is out of date.`,
      args: [oneArgument(resource)],
      options: { ...bodyOptions, ...placeholderOptions(resource), ...fieldOptions(resource, 'update') },
      formats: ['json', 'yaml', 'jsonl', 'id'],
      examples: [
        {
          command: `vapi ${resource.words} update ID --set ${resource.nameFields[0] ?? 'name'}="New name"`,
          does: 'one field',
        },
        { command: `vapi ${resource.words} update ID --file changes.yaml`, does: 'the fields of a file' },
      ],
      needsLogin: true,
      destructive: false,
    },
    async ({ args, options }, context) => {
      announce(resource, context)
      const values = options as Values
      requireChange(resource, values)
      const placeholders = await readPlaceholders(resource, values, context)
      const api = await context.api()
      const current = await findOne(api, resource.words, args[0] ?? '', placeholders)
      const wanted = await readChanges(resource, current, values, context)
      await sendUpdate(resource, current, wanted, placeholders, context)
      return undefined
    },
  )
}

/** Fails where nothing says what is to change. */
export function requireChange(resource: Resource, options: Values): void {
  const fixed = Object.keys(resource.placeholders ?? {})
  const isGiven = (value: Values[string]) =>
    value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0)
  if (Object.entries(options).some(([name, value]) => !fixed.includes(name) && isGiven(value))) return
  throw usageError(
    'it is not said what to change: give --set PATH=VALUE, --file FILE or the flag of a field',
    `vapi ${resource.words} update --help`,
  )
}

/** The current object with the file's fields, the flags and `--set` laid over it. */
export async function readChanges(
  resource: Resource,
  current: JsonObject,
  options: Values,
  context: Context,
): Promise<JsonObject> {
  const file = await readBodyFile(options, context)
  if (file?.updatedAt !== undefined && file.updatedAt !== current.updatedAt)
    throw changedMeanwhile(resource, current)
  const base = { ...current, ...file }
  const variant = variantOf(resource, base, options)
  return assign(base, [
    ...(await fieldAssignments(resource, variant, options, context)),
    ...(await setAssignments(options, await typesOf(resource, 'update'), context)),
  ])
}

/**
 * Sends the top-level fields that differ, whole, unless the object was changed since it was read. Prints the result;
 * where nothing differs, the object as it is.
 */
export async function sendUpdate(
  resource: Resource,
  current: JsonObject,
  wanted: JsonObject,
  placeholders: Placeholders,
  context: Context,
): Promise<void> {
  const changes = changedFields(current, wanted)
  if (Object.keys(changes).length === 0) {
    await context.output.done(
      current,
      `${resource.noun} ${nameOf(resource, current)} is like that already; nothing was sent`,
    )
    return
  }
  const api = await context.api()
  const path = pathOf(resource, placeholders, String(current.id))
  await refuseIfChanged(api, resource, current, path)
  const updated = await api.request({
    method: 'PATCH',
    path,
    body: { ...sentAlways(resource, current), ...changes },
    ...(resource.updateQuery !== undefined && { query: resource.updateQuery }),
  })
  const result =
    updated === undefined
      ? { ...current, ...changes }
      : readObject(updated, `PATCH ${path}`, lookHint(resource))
  await context.output.done(
    result,
    `updated ${resource.noun} ${nameOf(resource, result)}: ${Object.keys(changes).join(', ')}`,
  )
}

/** A change whose answer cannot be read may have been made. */
function lookHint({ words }: Resource): string {
  return `it may have been changed all the same: vapi ${words} get ID`
}

/** What goes along unchanged: the field that tells the variants apart, and what the API demands in every update. */
function sentAlways({ variants, sentAlways: more = [] }: Resource, current: JsonObject): JsonObject {
  const names = variants === undefined ? more : [variants.field, ...more]
  return Object.fromEntries(Object.entries(current).filter(([name]) => names.includes(name)))
}

/** The API has no conditional PATCH: the object is read once more, right before it is changed. */
async function refuseIfChanged(
  api: Api,
  resource: Resource,
  current: JsonObject,
  path: string,
): Promise<void> {
  const now = readObject(await api.request({ method: 'GET', path }), `GET ${path}`)
  const same = current.updatedAt === undefined ? deepEqual(now, current) : now.updatedAt === current.updatedAt
  if (!same) throw changedMeanwhile(resource, now)
}

function changedMeanwhile(resource: Resource, now: JsonObject): VapiError {
  return new VapiError({
    code: 'changed-meanwhile',
    message: `${resource.noun} ${nameOf(resource, now)} was changed in the meantime (${now.updatedAt}); nothing was sent`,
    hint: `look at it with vapi ${resource.words} get ${now.id}, then try again`,
  })
}
