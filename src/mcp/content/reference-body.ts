import type { Body, Field, Type } from './api-description.ts'
import { operationPageId } from './operation-names.ts'
import { below, fieldLine, fieldsOf, membersOf, membersText, shortText, typeText } from './reference-text.ts'
import type { TidyDescription } from './tidy-description.ts'

const MOST_VALUES = 12
const DEEP_TEXT = 110
/** Objects with more fields than these are only named at the third level. */
const MOST_DEEP_FIELDS = 16
/** A body with more is no use to anybody (the longest of the API has 300). */
const MOST_LINES = 3000
const MOST_NAMES = 200

/** What a body is made of: its fields, and below headings of their own the fields within them. */
export function bodyText(body: Body, isWhole: boolean, description: TidyDescription): string {
  const told = new Map<string, string>()
  const kind = body.format === 'json' ? 'JSON' : '`multipart/form-data`'
  const union = membersOf(body.type, description)
  const common = fieldsOf(body.type, description)
  const lines = [
    `${kind}: ${union.members.length > 0 ? membersText(union) : typeText(body.type, MOST_VALUES)}`,
  ]
  if (common.length > 0) lines.push('', ...common.map(field => topLine(field, field.name)))
  if (!isWhole) return lines.join('\n')
  for (const { type, values } of union.members) {
    const own = fieldsOf(type, description).filter(({ name }) => !common.some(field => field.name === name))
    const rest = own.filter(({ name }) => name !== union.tag)
    if (rest.length === 0) continue
    const name =
      values.length > 0 ? `${union.tag} "${values.join('" / "')}"` : typeText(type).replace(/\(.*/, '')
    lines.push('', `### ${name}`, '', ...rest.map(field => topLine(field, field.name)))
    for (const field of rest) lines.push(...deepLines(field, field.name, description, told))
  }
  for (const field of common) {
    if (lines.length > MOST_LINES) break
    lines.push(...section(field, description, told))
  }
  return lines.join('\n')
}

/** True where a body has more to say than its top-level fields. */
export function isNested(type: Type, description: TidyDescription): boolean {
  if (membersOf(type, description).members.length > 0) return true
  return fieldsOf(type, description).some(field => fieldsOf(below(field.type).type, description).length > 0)
}

function topLine(field: Field, path: string): string {
  return fieldLine(field, path, shortText(field.description), MOST_VALUES)
}

/** The fields within a field, below a heading. */
function section(field: Field, description: TidyDescription, told: Map<string, string>): string[] {
  const { step, type } = below(field.type)
  const union = membersOf(type, description)
  const inner = fieldsOf(type, description)
  if (inner.length === 0 && union.members.length < 3) return []
  const path = field.name + step
  const lines = ['', `### ${path}`, '']
  if (union.members.length > 0) lines.push(membersText(union), '')
  const elsewhere = bodyOperation(type, description) ?? toldAt(type, path, told)
  if (elsewhere !== null) return [...lines, `${elsewhere}: ${names(inner, path)}`]
  for (const one of inner) {
    lines.push(
      topLine(one, `${path}.${one.name}`),
      ...deepLines(one, `${path}.${one.name}`, description, told),
    )
  }
  return lines
}

/** The fields within a field, one line each, for the third level. */
function deepLines(
  field: Field,
  path: string,
  description: TidyDescription,
  told: Map<string, string>,
): string[] {
  const { step, type } = below(field.type)
  const inner = fieldsOf(type, description)
  if (inner.length === 0) return []
  const start = path + step
  if (inner.length > MOST_DEEP_FIELDS || bodyOperation(type, description) !== null)
    return [`  - ${names(inner, start)}`]
  const elsewhere = toldAt(type, start, told)
  if (elsewhere !== null) return [`  - ${elsewhere}`]
  return inner.map(
    one => `  ${fieldLine(one, `${start}.${one.name}`, shortText(one.description, DEEP_TEXT), MOST_VALUES)}`,
  )
}

function names(fields: readonly Field[], path: string): string {
  return fields
    .slice(0, MOST_NAMES)
    .map(({ name }) => `\`${path}.${name}\``)
    .join(', ')
}

/** "As in …" for a type that is the body of an operation of its own; null for others. */
function bodyOperation(type: Type, { operations }: TidyDescription): string | null {
  if (type.kind !== 'named') return null
  const operation = operations.find(({ body }) => body?.type.kind === 'named' && body.type.name === type.name)
  if (operation === undefined) return null
  return `As the body of [${operation.method} ${operation.path}](${operationPageId(operation)})`
}

/** "As …" for a type whose fields were told in this text before; null for others, which are told at `path` now. */
function toldAt(type: Type, path: string, told: Map<string, string>): string | null {
  if (type.kind !== 'named') return null
  const place = told.get(type.name)
  if (place === undefined) told.set(type.name, path)
  return place === undefined ? null : `As \`${place}\``
}
