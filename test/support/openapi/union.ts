import { type OpenApiDocument, resolveSchema, type Schema, valuesOf } from './document.ts'

/** A `oneOf` or `anyOf` of the document with its branches. */
export interface Union {
  branches: readonly Schema[]
  discriminator?: Schema['discriminator']
}

/** The branches that a value may mean, or what is wrong with the property that tells them apart. */
export type Choice =
  | { branches: readonly Schema[] }
  | { property: string; values: readonly unknown[] }
  | { types: readonly string[] }

export function unionOf(schema: Schema): Union | undefined {
  const branches = schema.oneOf ?? schema.anyOf
  return branches && { branches, discriminator: schema.discriminator }
}

/**
 * Narrows a union to the branches that a value means: by JSON type, then by every property that has fixed values in all of
 * its branches (`provider`, `type`, `on`, `role` …). A declared discriminator must be there; its mapping only repeats the
 * branches' values, and leaves some out.
 */
export function chooseBranches(document: OpenApiDocument, union: Union, value: unknown): Choice {
  const fitting = union.branches.filter(branch => fitsType(resolveSchema(document, branch), value))
  if (fitting.length === 0) {
    return {
      types: [...new Set(union.branches.map(branch => resolveSchema(document, branch).type ?? 'object'))],
    }
  }
  if (!isObject(value)) return { branches: fitting }

  const { propertyName, mapping } = union.discriminator ?? {}
  if (propertyName !== undefined && mapping !== undefined && value[propertyName] === undefined)
    return { property: propertyName, values: Object.keys(mapping) }

  let left = fitting
  for (const property of tagsOf(document, fitting)) {
    if (value[property] === undefined) continue
    const named = left.filter(branch => fixedValues(document, branch, property)?.includes(value[property]))
    if (named.length === 0) {
      return {
        property,
        values: [...new Set(left.flatMap(branch => fixedValues(document, branch, property) ?? []))],
      }
    }
    left = named
  }
  return { branches: left }
}

/** The properties that have fixed values in all branches. */
function tagsOf(document: OpenApiDocument, branches: readonly Schema[]): string[] {
  const [first, ...others] = branches
  if (first === undefined || others.length === 0) return []
  const names = Object.keys(resolveSchema(document, first).properties ?? {})
  return names.filter(name => branches.every(branch => fixedValues(document, branch, name) !== undefined))
}

function fixedValues(document: OpenApiDocument, branch: Schema, property: string) {
  const schema = resolveSchema(document, branch).properties?.[property]
  return schema && valuesOf(resolveSchema(document, schema))
}

/** Whether a value has the schema's JSON type; a schema that says none, or is a union itself, takes any. */
export function fitsType(schema: Schema, value: unknown): boolean {
  if (value === null) return schema.nullable === true || schema.type === 'null'
  switch (schema.type) {
    case 'string':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'number':
      return typeof value === 'number'
    case 'integer':
      return Number.isInteger(value)
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'null':
      return false
    default:
      return true
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
