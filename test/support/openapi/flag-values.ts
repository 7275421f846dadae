import type { Field, Filter } from '../../../src/api/resources/types.ts'
import { type OpenApiDocument, type Parameter, resolveSchema, type Schema } from './document.ts'
import { exampleId, exampleOf } from './example.ts'
import { chooseBranches, isObject, unionOf } from './union.ts'

/** Texts that the program itself looks at closely, by the last word of their path. */
const closelyRead: Readonly<Record<string, string>> = {
  numberDesiredAreaCode: '415',
  sipUri: 'sip:desk@sip.vapi.ai',
}

/**
 * Flags for all of these fields, with values that are valid by the schema of the body. `like` chooses the branches of
 * unions on the way. A field that the schema does not have is sent too: the mock then says so.
 */
export function fieldFlags(
  document: OpenApiDocument,
  fields: readonly Field[],
  body: Schema,
  like: unknown,
): string[] {
  const seen = new Set<string>()
  return fields.flatMap(field => {
    if (seen.has(field.flag)) return []
    seen.add(field.flag)
    const schema = schemaAt(document, body, field.path.split('.'), like) ?? { type: unknownType(field) }
    const last = field.path.slice(field.path.lastIndexOf('.') + 1)
    const { [last]: value } = exampleOf(
      document,
      { type: 'object', properties: { [last]: schema }, required: [last] },
      { label: field.flag, optional: 'none', like: valueAt(like, field.path.split('.')) },
    ) as Record<string, unknown>
    return flag(field, closelyRead[last] ?? chosen(like, field.path) ?? changed(schema, value))
  })
}

/** Flags for all of these filters, with values that are valid by the operation's parameters; one that it does not know is sent too. */
export function filterFlags(
  document: OpenApiDocument,
  filters: readonly Filter[],
  parameters: readonly Parameter[],
): string[] {
  return filters.flatMap(filter => {
    const declared = parameters.find(({ name }) => name === filter.parameter)
    const schema = declared?.schema ?? {
      type: 'string',
      ...(/At[GL][te]$/.test(filter.parameter) && { format: 'date-time' }),
    }
    const { [filter.parameter]: value } = exampleOf(
      document,
      { type: 'object', properties: { [filter.parameter]: schema }, required: [filter.parameter] },
      { label: filter.flag, optional: 'none' },
    ) as Record<string, unknown>
    return flag({ ...filter, path: filter.parameter }, value)
  })
}

function flag({ flag: name, kind, choices, reference }: Omit<Field, 'summary'>, value: unknown): string[] {
  if (kind === 'boolean') return [`--${name}`]
  const one = kind === 'list' && Array.isArray(value) ? value[0] : value
  if (reference !== undefined) return [`--${name}`, exampleId(reference)]
  if (kind === 'json' || kind === 'destinations') return [`--${name}`, JSON.stringify(value)]
  return [`--${name}`, choices?.[0] ?? String(one)]
}

function unknownType({ kind }: Field): string {
  return kind === 'number' ? 'number' : kind === 'json' || kind === 'destinations' ? 'object' : 'string'
}

/** Free text that differs from what the mock's own objects have, so that it is a change. */
function changed(schema: Schema, value: unknown): unknown {
  const isFree = schema.type === 'string' && !schema.enum && !schema.format && !schema.pattern
  return isFree && value !== '+15551234567' && !/[/-]/.test(String(value)) ? 'Changed' : value
}

function schemaAt(
  document: OpenApiDocument,
  schema: Schema,
  path: readonly string[],
  like: unknown,
): Schema | undefined {
  const resolved = resolveSchema(document, schema)
  const [name, ...rest] = path
  if (name === undefined) return resolved
  const union = unionOf(resolved)
  if (union !== undefined) {
    const choice = chooseBranches(document, union, isObject(like) ? like : {})
    const branches = 'branches' in choice ? choice.branches : []
    return branches.map(branch => schemaAt(document, branch, path, like)).find(found => found !== undefined)
  }
  const property = resolved.properties?.[name]
  return property && schemaAt(document, property, rest, valueAt(like, [name]))
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value)
}

/** What `like` itself says for this path. */
function chosen(like: unknown, path: string): unknown {
  return valueAt(like, path.split('.'))
}
