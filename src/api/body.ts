import { isDeepStrictEqual } from 'node:util'
import { parsePath, setProperty } from 'dot-prop'
import { usageError } from '../errors.ts'
import type { Json, JsonObject } from './types.ts'

/** What a field of a body takes, where that is known. */
export type ValueType = 'string' | 'number' | 'boolean' | 'array' | 'object'

/** One `--set path=value`. */
export interface Assignment {
  path: string
  value: Json
}

/**
 * Reads `path=value`. The value is JSON where it reads as JSON and the field does not take text, else text as it stands;
 * `typeOf` tells what a field takes. Throws a usage error.
 */
export function parseAssignment(
  text: string,
  typeOf: (path: string) => ValueType | undefined = () => undefined,
): Assignment {
  const equals = text.indexOf('=')
  const path = text.slice(0, equals).trim()
  if (equals < 1 || path === '')
    throw usageError(`--set ${text} has no value`, 'for example --set model.temperature=0.3')
  requirePath(path)
  const raw = text.slice(equals + 1)
  const type = typeOf(path)
  if (type === 'string') return { path, value: unquoted(raw) }
  const read = parseJson(raw)
  // As a number it would be another one.
  const value = typeof read === 'number' && !isExact(raw, read) ? undefined : read
  if (value === undefined || (type !== undefined && value !== null && typeName(value) !== type)) {
    if (type === undefined) return { path, value: raw }
    throw usageError(`--set ${path}: ${JSON.stringify(raw)} is no ${type}`)
  }
  return { path, value }
}

/** Throws a usage error for a path that leads nowhere: an empty name, an index that is none, a prototype. */
function requirePath(path: string): void {
  let keys: (string | number)[] = []
  try {
    keys = parsePath(path)
  } catch {
    // The library's words speak of positions in the path; the example says more.
  }
  if (keys.length === 0 || keys.includes(''))
    throw usageError(`--set ${path}: this path cannot be set`, 'for example --set members[0].assistantId=…')
}

/** Whether a number is what was written: beyond 2^53 whole numbers are rounded. */
function isExact(raw: string, value: number): boolean {
  return Number.isFinite(value) && (!/^\s*-?\d+\s*$/.test(raw) || Number.isSafeInteger(value))
}

/** JSON text in quotes is what stands between them; everything else is text already, also `null` (which removes). */
function unquoted(raw: string): Json {
  if (raw === 'null') return null
  const value = raw.startsWith('"') ? parseJson(raw) : undefined
  return typeof value === 'string' ? value : raw
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function typeName(value: Json): ValueType {
  if (Array.isArray(value)) return 'array'
  return typeof value as 'string' | 'number' | 'boolean' | 'object'
}

/**
 * A copy of the body with the assignments made, one after the other. Throws a usage error where one leads through a text or
 * number, or beyond the end of a list.
 */
export function assign(body: JsonObject, assignments: readonly Assignment[]): JsonObject {
  const copy = structuredClone(body) as Record<string, Json>
  for (const { path, value } of assignments) {
    refuseDetour(copy, path)
    setProperty(copy, path, value)
  }
  return copy
}

/** A path may not lead through a value that has no parts: it would be lost. */
function refuseDetour(body: JsonObject, path: string): void {
  let value: Json | undefined = body
  const walked: (string | number)[] = []
  const keys = parsePath(path)
  for (const [place, key] of keys.entries()) {
    if (Array.isArray(value) && typeof key === 'number' && key > value.length)
      throw usageError(
        `--set ${path}: ${walked.join('.')} has ${value.length} items; the next one is [${value.length}]`,
      )
    if (place === keys.length - 1) return
    walked.push(key)
    value = (value as Record<string, Json>)[key]
    if (value === undefined || value === null) return
    if (typeof value !== 'object')
      throw usageError(`--set ${path}: ${walked.join('.')} is ${JSON.stringify(value)} and has no fields`)
  }
}

/** Text of the value at a dotted path (`members.length` counts); empty where there is none. */
export function textAt(value: unknown, path: string): string {
  let current: unknown = value
  for (const key of path.split('.')) {
    if (typeof current !== 'object' || current === null) return ''
    current = (current as Record<string, unknown>)[key]
  }
  if (current === undefined || current === null) return ''
  return typeof current === 'object' ? JSON.stringify(current) : String(current)
}

/** The top-level fields of `wanted` that differ from `current`: what a PATCH has to send, for it replaces each of them whole. */
export function changedFields(current: JsonObject, wanted: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => !deepEqual(current[name], value)),
  )
}

/** Equal as JSON, whatever the order of keys. */
export function deepEqual(left: Json | undefined, right: Json | undefined): boolean {
  return isDeepStrictEqual(left, right)
}
