import { isObject } from '../../is-object.ts'
import type { Field, Member, NamedType, Scalar, Type } from './api-description.ts'

/** A schema read: what a field needs to know beside the type. */
export interface ReadSchema {
  type: Type
  nullable: boolean
  description: string
  deprecated: boolean
  default: string | null
  limits: string
}

export interface SchemaReader {
  read(schema: unknown): ReadSchema
  field(name: string, schema: unknown, required: boolean): Field
  /** Every schema of the document that has a name. */
  namedTypes(): NamedType[]
  /** What a reference in the document points to; the thing itself where it is none; undefined where nothing is there. */
  resolve(value: unknown): unknown
}

/** More than any real document nests and holds (the API's: 12 levels, 20,000 schemas). */
const DEEPEST = 40
const MOST_SCHEMAS = 200_000
const MOST_REFERENCES = 20
const LONGEST_TEXT = 8000

const ANY: Type = { kind: 'plain', name: 'any' }
const PLAIN = new Set(['string', 'number', 'integer', 'boolean', 'object'])
const SCHEMAS = '#/components/schemas/'

/** Reads the schemas of an OpenAPI document. `tooLarge` throws. */
export function createSchemaReader(
  document: Readonly<Record<string, unknown>>,
  schemas: Readonly<Record<string, unknown>>,
  tooLarge: () => never,
): SchemaReader {
  let count = 0

  function resolve(value: unknown): unknown {
    let found = value
    for (let step = 0; step < MOST_REFERENCES; step++) {
      if (!isObject(found) || typeof found.$ref !== 'string') return found
      found = pointedTo(document, found.$ref)
    }
    return undefined
  }

  function read(schema: unknown, depth = 0): ReadSchema {
    if (++count > MOST_SCHEMAS) tooLarge()
    if (!isObject(schema) || depth > DEEPEST) return { ...NOTHING, type: ANY }
    const { type, nullable } = typeOf(schema, depth)
    return {
      type,
      nullable: nullable || schema.nullable === true,
      description: textOf(schema.description),
      deprecated: schema.deprecated === true,
      default: schema.default === undefined || schema.default === null ? null : textOfDefault(schema.default),
      limits: limitsOf(schema),
    }
  }

  function typeOf(schema: Readonly<Record<string, unknown>>, depth: number): Typed {
    if (typeof schema.$ref === 'string') return { type: referred(schema.$ref, depth), nullable: false }
    const { allOf, enum: values, const: constant } = schema
    if (Array.isArray(allOf)) return all(schema, allOf, depth)
    const oneOf = Array.isArray(schema.oneOf) ? schema.oneOf : schema.anyOf
    if (Array.isArray(oneOf)) return union(oneOf, schema.discriminator, depth)
    if (constant !== undefined && isScalar(constant))
      return { type: { kind: 'choice', values: [constant] }, nullable: false }
    if (Array.isArray(values) && values.some(isScalar)) {
      const choice: Type = { kind: 'choice', values: values.filter(isScalar) }
      const isList = schema.type === 'array'
      return { type: isList ? { kind: 'list', item: choice } : choice, nullable: values.includes(null) }
    }
    if (Array.isArray(schema.type)) {
      const { type: names, ...rest } = schema
      const kinds = names as unknown[]
      return union(
        kinds.map(type => ({ ...rest, type })),
        undefined,
        depth,
      )
    }
    if (schema.type === 'null') return { type: ANY, nullable: true }
    if (schema.type === 'array' || schema.items !== undefined)
      return { type: { kind: 'list', item: read(schema.items, depth + 1).type }, nullable: false }
    if (isObject(schema.properties) && Object.keys(schema.properties).length > 0)
      return { type: { kind: 'object', fields: fieldsOf(schema, depth) }, nullable: false }
    if (isObject(schema.additionalProperties))
      return {
        type: { kind: 'map', value: read(schema.additionalProperties, depth + 1).type },
        nullable: false,
      }
    if (typeof schema.type !== 'string' || !PLAIN.has(schema.type)) return { type: ANY, nullable: false }
    return {
      type: { kind: 'plain', name: schema.format === 'binary' ? 'file' : schema.type },
      nullable: false,
    }
  }

  function referred(reference: string, depth: number): Type {
    const name = nameOf(reference)
    if (name !== null) return isObject(own(schemas, name)) ? { kind: 'named', name } : ANY
    return read(resolve({ $ref: reference }), depth + 1).type
  }

  function all(schema: Readonly<Record<string, unknown>>, parts: readonly unknown[], depth: number): Typed {
    const [first] = parts
    if (parts.length === 1 && !isObject(schema.properties)) {
      const { type, nullable } = read(first, depth + 1)
      return { type, nullable }
    }
    const fields = new Map<string, Field>()
    for (const part of parts)
      for (const field of partFields(part, depth + 1, new Set())) fields.set(field.name, field)
    for (const field of fieldsOf(schema, depth)) fields.set(field.name, field)
    return {
      type: fields.size > 0 ? { kind: 'object', fields: [...fields.values()] } : ANY,
      nullable: false,
    }
  }

  /** The fields of a part of `allOf`, and of what that refers to. */
  function partFields(part: unknown, depth: number, seen: Set<unknown>): Field[] {
    const schema = resolve(part)
    if (!isObject(schema) || seen.has(schema) || depth > DEEPEST) return []
    seen.add(schema)
    const inner = Array.isArray(schema.allOf) ? schema.allOf : []
    return [...inner.flatMap(one => partFields(one, depth + 1, seen)), ...fieldsOf(schema, depth)]
  }

  function union(parts: readonly unknown[], discriminator: unknown, depth: number): Typed {
    const { tag, values } = tagOf(discriminator)
    const members: Member[] = []
    const choices: Scalar[] = []
    let nullable = false
    for (const part of parts) {
      if (isObject(part) && part.type === 'null') {
        nullable = true
        continue
      }
      const one = read(part, depth + 1)
      nullable ||= one.nullable
      if (one.type.kind === 'choice') choices.push(...one.type.values)
      else members.push({ type: one.type, values: values(one.type) })
    }
    const choice: Type = { kind: 'choice', values: [...new Set(choices)] }
    if (choices.length > 0) members.unshift({ type: choice, values: [] })
    const [only] = members
    if (only === undefined) return { type: ANY, nullable }
    return { type: members.length === 1 ? only.type : { kind: 'union', members, tag }, nullable }
  }

  function fieldsOf(schema: Readonly<Record<string, unknown>>, depth: number): Field[] {
    if (!isObject(schema.properties)) return []
    const required = new Set(Array.isArray(schema.required) ? schema.required : [])
    return Object.entries(schema.properties).flatMap(([name, property]) =>
      isObject(property) ? [fieldAt(name, property, required.has(name), depth + 1)] : [],
    )
  }

  function fieldAt(name: string, schema: unknown, required: boolean, depth: number): Field {
    return { name, required, ...read(schema, depth) }
  }

  return {
    resolve,
    read: schema => read(schema),
    field: (name, schema, required) => fieldAt(name, schema, required, 0),
    namedTypes: () =>
      Object.entries(schemas).flatMap(([name, schema]) => {
        if (!isObject(schema)) return []
        const { type, description, deprecated } = read(schema)
        return [{ name, description, deprecated, type }]
      }),
  }
}

interface Typed {
  type: Type
  nullable: boolean
}

const NOTHING = { nullable: false, description: '', deprecated: false, default: null, limits: '' }

/** The tag that a discriminator names, and its values by the member that they mean. */
function tagOf(discriminator: unknown): { tag: string | null; values: (member: Type) => string[] } {
  if (!isObject(discriminator) || typeof discriminator.propertyName !== 'string')
    return { tag: null, values: () => [] }
  const mapping = isObject(discriminator.mapping) ? Object.entries(discriminator.mapping) : []
  return {
    tag: discriminator.propertyName,
    values: member =>
      member.kind !== 'named'
        ? []
        : mapping
            .filter(
              ([, target]) =>
                typeof target === 'string' && (nameOf(target) === member.name || target === member.name),
            )
            .map(([value]) => value),
  }
}

function nameOf(reference: string): string | null {
  if (!reference.startsWith(SCHEMAS)) return null
  const name = unescaped(reference.slice(SCHEMAS.length))
  return name === '' || reference.indexOf('/', SCHEMAS.length) >= 0 ? null : name
}

function pointedTo(document: unknown, reference: string): unknown {
  if (!reference.startsWith('#/')) return undefined
  let found = document
  for (const part of reference.slice(2).split('/')) {
    if (typeof found !== 'object' || found === null) return undefined
    found = own(found, unescaped(part))
  }
  return found
}

function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined
}

function unescaped(part: string): string {
  if (!/[~%]/.test(part)) return part
  const plain = part.replaceAll('~1', '/').replaceAll('~0', '~')
  try {
    return decodeURIComponent(plain)
  } catch {
    return plain
  }
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

/** A text of the document, held to a length that a text can have. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim().slice(0, LONGEST_TEXT) : ''
}

function textOfDefault(value: unknown): string {
  return JSON.stringify(value).slice(0, LONGEST_TEXT)
}

function limitsOf(schema: Readonly<Record<string, unknown>>): string {
  const { format, pattern } = schema
  return [
    rangeText(schema.minimum, schema.maximum, ''),
    rangeText(schema.minLength, schema.maxLength, ' characters'),
    rangeText(schema.minItems, schema.maxItems, ' items'),
    typeof format === 'string' && format !== 'binary' ? format.slice(0, 40) : '',
    typeof pattern === 'string' ? `pattern ${pattern.slice(0, 200)}` : '',
  ]
    .filter(text => text !== '')
    .join(', ')
}

/** `0 to 5`, `at least 1`, `up to 40 characters`; empty without either. */
export function rangeText(least: unknown, most: unknown, unit: string): string {
  const isLeast = typeof least === 'number'
  if (typeof most === 'number') return isLeast ? `${least} to ${most}${unit}` : `up to ${most}${unit}`
  return isLeast ? `at least ${least}${unit}` : ''
}
