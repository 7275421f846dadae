import { closest } from '../../closest.ts'
import { isObject } from '../../is-object.ts'
import type { Json } from '../overrides.ts'
import { type Draft, listed, plain, refusedValue, wrongType } from './faults.ts'
import { type Finding, formatPath, type PathPart } from './finding.ts'
import { limitFault, limitOf } from './limits.ts'
import { placesOf } from './places.ts'
import { jsonType, membersOf, resolveNode, type Schema, type SchemaNode, typesOf } from './schema.ts'
import { isReplyField, oldFields, oldValues } from './spellings.ts'

/** Things under these definitions are warnings: the API passes them on to others who may know more. */
const passedOn = new Set(['JsonSchema'])

/**
 * Checks the shape of a value: unknown fields, missing ones, types, allowed values, limits and old spellings. Members of a
 * union are told apart by the property that names them (`provider`, `type`, `on`), so that a fault is told once, where it is.
 * A null in place of a field that may be left out is as good as leaving it out.
 */
export function checkShape(value: unknown, schema: Schema): Finding[] {
  return new Walk(schema, value)
    .check(value, schema.root, [])
    .map(draft => ({ path: formatPath(draft.at), ...draft }))
}

class Walk {
  private readonly schema: Schema
  private readonly document: unknown

  constructor(schema: Schema, document: unknown) {
    this.schema = schema
    this.document = document
  }

  check(value: unknown, given: SchemaNode, at: readonly PathPart[]): Draft[] {
    const { node, name } = resolveNode(given, this.schema.definitions)
    if (node.anyOf !== undefined) return this.checkUnion(value, node, name, at)
    const allowed = node.const === undefined ? node.enum : [node.const]
    if (allowed !== undefined) return allowed.includes(value) ? [] : [refusedValue(value, allowed, at)]
    const types = typesOf(node)
    if (types.length > 0 && !types.includes(jsonType(value))) return [wrongType(value, types, at)]
    if (typeof value === 'string' && node.pattern !== undefined && !new RegExp(node.pattern).test(value))
      return [
        { at, level: 'error', code: 'not-allowed', message: `${JSON.stringify(value)} is not allowed here` },
      ]
    if (Array.isArray(value)) {
      const { items } = node
      return items === undefined
        ? []
        : value.flatMap((item, index) => this.check(item, items, [...at, index]))
    }
    return isObject(value) ? this.checkObject(value, node, name, at) : []
  }

  private checkObject(value: Json, node: SchemaNode, name: string | null, at: readonly PathPart[]): Draft[] {
    const found = Object.entries(value).flatMap(([field, content]) =>
      this.checkField(field, content, node, name, [...at, field]),
    )
    for (const field of node.required ?? []) {
      if ((value[field] ?? null) === null && !isNullable(node.properties?.[field], value[field]))
        found.push({ at: [...at, field], level: 'error', code: 'missing', message: `${field} is missing` })
    }
    if (name !== null && passedOn.has(name)) return found.map(draft => ({ ...draft, level: 'warning' }))
    return found
  }

  private checkField(
    field: string,
    content: unknown,
    node: SchemaNode,
    name: string | null,
    at: readonly PathPart[],
  ): Draft[] {
    if (content === undefined || isReplyField(name, field)) return []
    const row = oldFields.find(
      row => row.field === field && row.of.test(name ?? '') && (row.when?.(content) ?? true),
    )
    const known = node.properties !== undefined && Object.hasOwn(node.properties, field)
    const limit = name === null ? undefined : limitOf(name, field)
    const found: Draft[] = []
    if (row !== undefined) {
      const { level, message, fix } = row
      found.push({
        at,
        level,
        code: known && level === 'warning' ? 'deprecated' : 'old-spelling',
        message,
        fix,
      })
      if (!known || level === 'error') return found
    }
    // Null stands for nothing: the API takes it where the field may be left out.
    if (content === null) return found
    const value = known ? this.oldValue(content, name, field, at) : null
    if (value !== null) return [...found, value]
    if (limit !== undefined) found.push(...limitFindings(content, limit, at))
    const further = known ? node.properties?.[field] : node.additionalProperties
    if (typeof further === 'object') return [...found, ...this.check(content, further, at)]
    if (known || further === true || node.properties === undefined || limit !== undefined) return found
    return [...found, this.unknownField(field, Object.keys(node.properties), at)]
  }

  private unknownField(field: string, known: readonly string[], at: readonly PathPart[]): Draft {
    const base = { at, level: 'error', code: 'unknown-field' } as const
    const rename = (name: string): Draft => ({
      ...base,
      message: `unknown field, did you mean ${name}?`,
      fix: `rename it to ${name}`,
    })
    const same = known.find(name => plain(name) === plain(field))
    if (same !== undefined) return rename(same)
    const places = placesOf(this.schema, this.document, field, at)
    if (places.length > 0)
      return { ...base, message: 'unknown field here', fix: `move it to ${places.join(' or ')}` }
    const near = closest(field, known)
    return near === null ? { ...base, message: 'unknown field' } : rename(near)
  }

  /** An old value of a field that is known; null where it is none. */
  private oldValue(
    value: unknown,
    name: string | null,
    field: string,
    at: readonly PathPart[],
  ): Draft | null {
    const row = findOldValue([name], field, value)
    return row === undefined ? null : asDraft(row, at)
  }

  private checkUnion(
    value: unknown,
    node: SchemaNode,
    name: string | null,
    at: readonly PathPart[],
  ): Draft[] {
    const members = membersOf(node, this.schema.definitions)
    const type = jsonType(value)
    const fitting = members.filter(({ node: member }) => {
      const types = typesOf(member)
      return types.length === 0 || types.includes(type)
    })
    if (fitting.length === 0)
      return [wrongType(value, [...new Set(members.flatMap(({ node: member }) => typesOf(member)))], at)]
    const tag = node.discriminator?.propertyName
    if (isObject(value) && tag !== undefined) return this.checkTagged(value, tag, fitting, name, at)
    const results = fitting.map(member => this.check(value, asReference(member), at))
    const best = results.reduce((fewest, found) => (found.length < fewest.length ? found : fewest))
    const isChoice = type !== 'object' && type !== 'array' && fitting.length > 1 && best.length > 0
    return isChoice
      ? [
          refusedValue(
            value,
            fitting.flatMap(({ node: { enum: allowed, const: only } }) => allowed ?? [only]),
            at,
          ),
        ]
      : best
  }

  private checkTagged(
    value: Json,
    tag: string,
    members: readonly Member[],
    name: string | null,
    at: readonly PathPart[],
  ): Draft[] {
    const tagSchemas = members.map(
      ({ node }) => resolveNode(node.properties?.[tag] ?? {}, this.schema.definitions).node,
    )
    const given = value[tag]
    const chosen = members.filter((_, index) => takes(tagSchemas[index] ?? {}, given))
    if (chosen.length > 0) {
      const results = chosen.map(member => this.check(value, asReference(member), at))
      return results.reduce((fewest, found) => (found.length < fewest.length ? found : fewest))
    }
    const tags = tagSchemas.flatMap(({ const: only, enum: allowed, pattern }) => {
      if (pattern !== undefined) return [pattern.replace(/[\\^$]/g, '')]
      return (allowed ?? [only]).filter(option => typeof option === 'string')
    })
    const tagAt = [...at, tag]
    if (given === undefined || given === null) {
      return [
        { at: tagAt, level: 'error', code: 'missing', message: `${tag} is missing; it is ${listed(tags)}` },
      ]
    }
    const row = findOldValue([name, ...members.map(member => member.name)], tag, given)
    if (row === undefined) return [refusedValue(given, tags, tagAt)]
    if (row.as === undefined) return [asDraft(row, tagAt)]
    return [asDraft(row, tagAt), ...this.checkTagged({ ...value, [tag]: row.as }, tag, members, name, at)]
  }
}

type Member = ReturnType<typeof membersOf>[number]

function asReference({ node, name }: Member): SchemaNode {
  return name === null ? node : { $ref: `#/definitions/${name}` }
}

function takes(node: SchemaNode, value: unknown): boolean {
  if (node.const !== undefined) return node.const === value
  if (node.enum !== undefined) return node.enum.includes(value)
  return typeof value === 'string' && (node.pattern === undefined || new RegExp(node.pattern).test(value))
}

function isNullable(node: SchemaNode | undefined, value: unknown): boolean {
  return value === null && node !== undefined && typesOf(node).includes('null')
}

function findOldValue(names: readonly (string | null)[], field: string, value: unknown) {
  if (typeof value !== 'string') return undefined
  return oldValues.find(
    row =>
      row.field === field && row.value.test(value) && names.some(name => name !== null && row.of.test(name)),
  )
}

function asDraft(
  row: { level: Finding['level']; message: string; fix?: string },
  at: readonly PathPart[],
): Draft {
  const { level, message, fix } = row
  return { at, level, code: 'old-spelling', message, ...(fix !== undefined && { fix }) }
}

function limitFindings(
  content: unknown,
  limit: NonNullable<ReturnType<typeof limitOf>>,
  at: readonly PathPart[],
): Draft[] {
  const { each } = limit
  const places: [unknown, readonly PathPart[]][] =
    each !== undefined && Array.isArray(content)
      ? content.map((item, index) => [item, [...at, index]])
      : [[content, at]]
  return places.flatMap(([value, place]) => {
    const message = limitFault(value, each ?? limit)
    return message === null ? [] : [{ at: place, level: 'error', code: 'out-of-range', message }]
  })
}
