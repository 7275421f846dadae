import { findId } from '../../api/lookup.ts'
import type { Field, Filter, Resource } from '../../api/resources/types.ts'
import type { Placeholders } from '../../api/resources.ts'
import type { Api, Query } from '../../api/types.ts'
import type { Context } from '../../cli/context.ts'
import type { OptionDefinition } from '../../cli/definition.ts'
import { usageError } from '../../errors.ts'

/** Options as a command gets them, where the names come from the resource table. */
export type Values = Readonly<Record<string, string | string[] | number | boolean | undefined>>

export const bodyOptions = {
  file: { type: 'string', short: 'f', placeholder: 'FILE', summary: 'body as JSON or YAML; - is stdin' },
  set: {
    type: 'list',
    placeholder: 'PATH=VALUE',
    summary: 'set a field of the body: model.temperature=0.3; @FILE reads the value from a file',
  },
} as const satisfies Record<string, OptionDefinition>

/** `--set` of commands whose body is a call: an assistant stands inside of it. */
export const callSetOption = {
  ...bodyOptions.set,
  summary:
    'set a field of the call’s body: assistantOverrides.model.temperature=0.3; @FILE reads the value from a file',
} as const satisfies OptionDefinition

/** Flags of the fields that a resource has for create or update. */
export function fieldOptions(
  resource: Resource,
  purpose: 'create' | 'update',
): Record<string, OptionDefinition> {
  const { variants } = resource
  const ofVariants = Object.values(variants?.of ?? {}).flatMap(({ fields }) => fields)
  const options: Record<string, OptionDefinition> = {}
  if (variants !== undefined && purpose === 'create') {
    options[variants.field] = {
      type: 'string',
      placeholder: variants.field.toUpperCase(),
      choices: Object.keys(variants.of),
      summary: `its ${variants.field}`,
    }
  }
  for (const field of [...resource.fields, ...ofVariants]) {
    if (field.only !== undefined && field.only !== purpose) continue
    options[field.flag] ??= fieldOption(field)
  }
  return options
}

function fieldOption(field: Field): OptionDefinition {
  const { kind = 'text', summary, choices } = field
  if (kind === 'boolean') return { type: 'boolean', summary }
  if (kind === 'number') return { type: 'number', placeholder: 'NUMBER', summary }
  const placeholder = placeholderOf(field)
  // Only one value at a time can be checked while it is parsed.
  const values = choices === undefined ? '' : ` (${choices.join(', ')})`
  if (kind === 'list') return { type: 'list', placeholder, summary: `${summary}${values}` }
  return { type: 'string', placeholder, summary, ...(choices !== undefined && { choices }) }
}

/** What a flag's value is: an id, or the last word of the flag where that says it. */
function placeholderOf({ kind, flag, reference }: Pick<Field, 'kind' | 'flag' | 'reference'>): string {
  if (kind === 'json') return 'JSON|FILE'
  if (kind === 'destinations') return 'NUMBERS|JSON|FILE'
  if (reference !== undefined) return 'ID|NAME'
  if (flag.endsWith('-any')) return 'LIST'
  if (flag.includes('-at-')) return 'TIME'
  const word = flag.slice(flag.lastIndexOf('-') + 1)
  return word === 'by' ? 'FIELD' : word.toUpperCase()
}

/** Flags of a list's filters. */
export function filterOptions(filters: readonly Filter[]): Record<string, OptionDefinition> {
  return Object.fromEntries(
    filters.map(({ flag, kind = 'text', choices, summary, reference }): [string, OptionDefinition] => {
      if (kind === 'boolean') return [flag, { type: 'boolean', summary }]
      if (kind === 'number') return [flag, { type: 'number', placeholder: 'NUMBER', summary }]
      const placeholder = placeholderOf({ flag, ...(reference !== undefined && { reference }) })
      if (kind === 'list') return [flag, { type: 'list', placeholder, summary }]
      return [flag, { type: 'string', placeholder, summary, ...(choices !== undefined && { choices }) }]
    }),
  )
}

/** Flags of the placeholders in a resource's path; they are required. */
export function placeholderOptions(resource: Resource): Record<string, OptionDefinition> {
  return Object.fromEntries(
    Object.entries(resource.placeholders ?? {}).map(([name, { choices, summary }]) => [
      name,
      { type: 'string', placeholder: name.toUpperCase(), choices, summary: `${summary} (required)` },
    ]),
  )
}

/** Values of the placeholders; asks for a missing one where something may be asked. */
export async function readPlaceholders(
  resource: Resource,
  options: Values,
  context: Context,
): Promise<Placeholders> {
  const values: Record<string, string> = {}
  for (const [name, { choices, summary }] of Object.entries(resource.placeholders ?? {})) {
    const given = options[name]
    if (typeof given === 'string') values[name] = given
    else if (!context.interactive) throw usageError(`--${name} is missing`, `one of ${choices.join(', ')}`)
    else {
      const prompt = await context.prompt()
      values[name] = await prompt.select({ message: summary, choices: choices.map(value => ({ value })) })
    }
  }
  return values
}

/** The query that the filters give. Throws a usage error for a time that is none. */
export async function readFilters(
  api: Api,
  filters: readonly Filter[],
  options: Values,
  nowMs: number,
): Promise<Query> {
  const query: Record<string, string | number | boolean | readonly string[]> = {}
  for (const { flag, parameter, reference } of filters) {
    const value = options[flag]
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue
    if (reference !== undefined && typeof value === 'string')
      query[parameter] = await findId(api, reference, value)
    else if (flag.includes('-at-')) query[parameter] = readTime(flag, String(value), nowMs)
    else query[parameter] = value
  }
  return query
}

const AGE_UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * A moment as ISO 8601: given so, as anything that JavaScript reads as a date, or as a distance from now (`2h`), which
 * is one of the past unless `ahead`.
 */
export function readTime(flag: string, text: string, nowMs: number, ahead = false): string {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? []
  const ms =
    amount === undefined || unit === undefined
      ? Date.parse(text)
      : nowMs + (ahead ? 1 : -1) * Number(amount) * (AGE_UNITS_MS[unit] ?? 0)
  // A date goes no further than this from 1970.
  if (!(Math.abs(ms) <= 8.64e15))
    throw usageError(`--${flag} ${text} is not a time`, 'for example 2026-01-05T09:00:00Z, 2026-01-05 or 2h')
  return new Date(ms).toISOString()
}

/** Says what a resource's commands have to say before their work. */
export function announce(resource: Resource, { output }: Context): void {
  if (resource.deprecated !== undefined) output.warning(resource.deprecated)
}

/** `a squad`, `an assistant`. */
export function oneOf({ noun }: Resource): string {
  return `${/^[aeio]/i.test(noun) ? 'an' : 'a'} ${noun}`
}

/** What a command does, and whether its resource is given up. */
export function summaryOf({ deprecated }: Resource, what: string): string {
  return deprecated === undefined ? what : `${what} (deprecated)`
}
