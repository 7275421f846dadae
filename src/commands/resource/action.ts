import type { Action, ActionArgument } from '../../api/actions.ts'
import { assign, textAt } from '../../api/body.ts'
import { findId } from '../../api/lookup.ts'
import { listPages } from '../../api/paging.ts'
import { readPage } from '../../api/paging-reply.ts'
import { readObject } from '../../api/read-object.ts'
import type { Field, Resource } from '../../api/resources/types.ts'
import type { Api, JsonObject, Query } from '../../api/types.ts'
import type { Context } from '../../cli/context.ts'
import { type Command, defineCommand, type OptionDefinition } from '../../cli/definition.ts'
import { usageError } from '../../errors.ts'
import type { Column } from '../../output/output.ts'
import { fieldAssignments, missingFields, readBodyFile, setAssignments } from './body.ts'
import { confirmed, needsYes, yesOption } from './delete.ts'
import { askField } from './guide.ts'
import { limitOf, limitOptions } from './list.ts'
import { bodyOptions, fieldOptions, type Values } from './options.ts'

/** The command of an endpoint of the table of actions. */
export function actionCommand(action: Action): Command {
  const resource = asResource(action)
  const options: Record<string, OptionDefinition> = {
    ...(action.fields !== undefined && bodyOptions),
    ...(action.result === 'pages' && limitOptions),
    ...(action.destructive === true && yesOption),
    ...fieldOptions(resource, 'create'),
    ...fieldOptions({ ...resource, fields: action.query ?? [] }, 'create'),
  }
  return defineCommand(
    {
      name: action.words,
      summary: action.summary,
      args: action.args.map(({ name, summary }) => ({ name, summary, required: true })),
      options,
      formats:
        action.result === 'object'
          ? ['json', 'yaml', 'jsonl', 'id']
          : ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
      examples: [{ command: action.example, does: action.summary }],
      needsLogin: true,
      destructive: action.destructive === true,
    },
    async ({ args, options: given }, context) => {
      const values = given as Values
      if (action.destructive === true && values.yes !== true) {
        if (!context.interactive) throw needsYes(action.summary)
        await confirmed(context, `${action.words} ${args.join(' ')}: go on?`)
      }
      const body = action.fields === undefined ? undefined : await readActionBody(resource, values, context)
      const query = await readQuery(action.query ?? [], values, context)
      const api = await context.api()
      const path = await pathOfAction(action, args, api)
      if (action.result === 'object') {
        const request = { method: action.method, path, query, ...(body !== undefined && { body }) }
        const reply = await api.request(request)
        // Some answer with a list.
        if (Array.isArray(reply)) await context.output.document(reply)
        else await context.output.one(readObject(reply ?? {}, `${action.method} ${path}`))
      } else if (action.result === 'list') {
        const { rows } = readPage(await api.request({ method: action.method, path, query }), path)
        await context.output.list(rows, columnsOf(action), row => textAt(row, 'id'))
      } else await printPages(action, path, query, values, context)
      return undefined
    },
  )
}

/** An action's body is read like that of a resource's create. */
function asResource(action: Action): Resource {
  return {
    words: action.words,
    noun: action.words,
    plural: action.words,
    path: action.path,
    verbs: [],
    shape: 'array',
    paging: 'whole',
    filters: [],
    columns: [],
    nameFields: [],
    fields: action.fields ?? [],
  }
}

async function readActionBody(resource: Resource, options: Values, context: Context): Promise<JsonObject> {
  const file = (await readBodyFile(options, context)) ?? {}
  let body = assign(file, [
    ...(await fieldAssignments(resource, null, options, context)),
    ...(await setAssignments(options, () => undefined, context)),
  ])
  for (const field of missingFields(resource, null, body)) {
    const value = context.interactive ? await askField(field, context) : undefined
    if (value === undefined) throw usageError(`--${field.flag} is missing: ${field.summary}`)
    body = assign(body, [{ path: field.path, value }])
  }
  return body
}

async function readQuery(fields: readonly Field[], options: Values, context: Context): Promise<Query> {
  const query: Record<string, string | number | boolean | readonly string[]> = {}
  for (const { flag, path, kind, reference, required, choices } of fields) {
    const value = options[flag]
    if (kind === 'boolean' && required === true) query[path] = value === true
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue
    for (const one of Array.isArray(value) ? value : []) {
      if (choices !== undefined && !choices.includes(one))
        throw usageError(`--${flag} ${one} is none of ${choices.join(', ')}`)
    }
    query[path] =
      reference === undefined ? value : await findId(await context.api(), reference, String(value))
  }
  return query
}

async function pathOfAction(action: Action, args: readonly string[], api: Api): Promise<string> {
  const values: Record<string, string> = {}
  for (const [place, argument] of action.args.entries())
    values[argument.name] = await idOf(argument, args[place] ?? '', api)
  return action.path.replace(/\{([\w-]+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
}

async function idOf({ reference }: ActionArgument, text: string, api: Api): Promise<string> {
  return reference === undefined ? text : findId(api, reference, text)
}

function columnsOf({ columns = [] }: Action): Column<JsonObject>[] {
  return [
    { heading: 'ID', value: row => textAt(row, 'id') },
    ...columns.map(({ heading, path }) => ({ heading, value: (row: JsonObject) => textAt(row, path) })),
  ]
}

async function printPages(
  action: Action,
  path: string,
  query: Query,
  options: Values,
  context: Context,
): Promise<void> {
  let cut = false
  const rows = listPages(await context.api(), {
    path,
    paging: 'pages',
    query,
    limit: limitOf(options),
    onCut: () => {
      cut = true
    },
  })
  const count = await context.output.list(rows, columnsOf(action), row => textAt(row, 'id'))
  if (cut) context.output.note(`${count} shown; --all shows every one, --limit N more`)
}
