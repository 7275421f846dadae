import { resolve } from 'node:path'
import { type Assignment, assign, parseAssignment, textAt, type ValueType } from '../../api/body.ts'
import { checkNumber } from '../../api/contacts.ts'
import { transferDestination } from '../../api/live-control.ts'
import { findId } from '../../api/lookup.ts'
import type { Field, Resource, Variant } from '../../api/resources/types.ts'
import type { Json, JsonObject } from '../../api/types.ts'
import { loadDocument, parseJson } from '../../assistant/load.ts'
import type { Context } from '../../cli/context.ts'
import { usageError } from '../../errors.ts'
import { requireUrl } from '../web-address.ts'
import type { Values } from './options.ts'
import { readStdin } from './stdin.ts'

/** The object of `--file`, or null where none was given. Throws where it is no object. */
export async function readBodyFile(options: Values, context: Context): Promise<JsonObject | null> {
  const { file } = options
  if (typeof file !== 'string') return null
  const path = file === '-' ? file : resolve(context.workingDirectory, file)
  const document = await loadDocument(path, context.output.streams.stdin)
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw usageError(`${file} is not an object`, 'the body of a request is a JSON or YAML object')
  return document as JsonObject
}

/** The variant that the options, the file or the current object choose; null where a resource has none or it is open. */
export function variantOf(resource: Resource, body: JsonObject, options: Values): Variant | null {
  const { variants } = resource
  if (variants === undefined) return null
  const chosen = options[variants.field] ?? body[variants.field]
  return typeof chosen === 'string' ? (variants.of[chosen] ?? null) : null
}

/** Fields that count for this body: the resource's own, and those of its variant. */
export function fieldsOf(resource: Resource, variant: Variant | null): readonly Field[] {
  return [...(variant?.fields ?? []), ...resource.fields]
}

/**
 * What the flags of fields say, in the order of the table. Throws a usage error for a flag that another variant
 * has, for unreadable JSON, and for a name that nothing has.
 */
export async function fieldAssignments(
  resource: Resource,
  variant: Variant | null,
  options: Values,
  context: Context,
): Promise<Assignment[]> {
  refuseForeignFlags(resource, variant, options)
  const assignments: Assignment[] = []
  const seen = new Set<string>()
  for (const field of fieldsOf(resource, variant)) {
    const value = options[field.flag]
    if (seen.has(field.flag) || isAbsent(value)) continue
    seen.add(field.flag)
    assignments.push({ path: field.path, value: await fieldValue(field, value, context) })
  }
  return assignments
}

function isAbsent(value: Values[string]): value is undefined | false {
  return value === undefined || value === false || (Array.isArray(value) && value.length === 0)
}

function refuseForeignFlags(resource: Resource, variant: Variant | null, options: Values): void {
  const { variants } = resource
  if (variants === undefined) return
  const known = new Set(fieldsOf(resource, variant).map(({ flag }) => flag))
  for (const [name, other] of Object.entries(variants.of)) {
    for (const { flag } of other.fields) {
      if (known.has(flag) || isAbsent(options[flag])) continue
      throw usageError(
        variant === null
          ? `--${flag} needs --${variants.field}`
          : `--${flag} is for ${variants.field} ${name} alone`,
        `for example --${variants.field} ${name}`,
      )
    }
  }
}

async function fieldValue(
  field: Field,
  value: Exclude<Values[string], undefined>,
  context: Context,
): Promise<Json> {
  const { kind = 'text', reference, flag } = field
  if (reference !== undefined) {
    const api = await context.api()
    if (Array.isArray(value)) return Promise.all(value.map(one => findId(api, reference, one)))
    return findId(api, reference, String(value))
  }
  if (kind === 'json') return readJson(flag, String(value), context)
  if (kind === 'destinations') return readDestinations(flag, String(value), context)
  if (kind === 'secret' && value === '-') return (await readStdin(context)).trim()
  if (field.form?.pattern.test(String(value)) === false)
    throw usageError(`--${flag} ${value}: ${field.form.words}, please`)
  if (kind === 'telephone') return checkNumber(String(value), `--${flag}`)
  if (flag === 'server-url') return requireUrl(String(value))
  if (flag === 'code') return readTextOrFile(String(value), context)
  return value as Json
}

/** JSON of a flag. Throws a usage error with its place where it is none. */
export async function readJsonText(flag: string, text: string): Promise<Json> {
  return (await parseJson(text, `--${flag}`)) as Json
}

/** Numbers and SIP addresses separated by commas; else as `readJson`. */
export async function readDestinations(flag: string, text: string, context: Context): Promise<Json> {
  if (!/^\s*(\+|sips?:)/i.test(text)) return readJson(flag, text, context)
  return text.split(',').map(part => transferDestination(part.trim()))
}

/** JSON as it stands, or the content of a JSON or YAML file. */
export async function readJson(flag: string, text: string, context: Context): Promise<Json> {
  if (/^\s*[[{"]/.test(text)) return readJsonText(flag, text)
  return (await loadDocument(resolve(context.workingDirectory, text))) as Json
}

/** The text of a file. Throws a usage error where it cannot be read. */
export async function readTextFile(path: string, context: Context): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  try {
    return await readFile(resolve(context.workingDirectory, path), 'utf8')
  } catch {
    throw usageError(`${path} cannot be read`)
  }
}

/** Text as it stands, or the content of the file behind an `@`. */
export async function readTextOrFile(text: string, context: Context): Promise<string> {
  return text.startsWith('@') ? readTextFile(text.slice(1), context) : text
}

/** The assignments of `--set`; `@FILE` as a value is the file's content. */
export async function setAssignments(
  options: Values,
  typeOf: (path: string) => ValueType | undefined,
  context: Context,
): Promise<Assignment[]> {
  const assignments: Assignment[] = []
  for (const text of (options.set as string[] | undefined) ?? []) {
    const at = /^[^=]+=@(.+)$/s.exec(text)
    if (at?.[1] === undefined) assignments.push(parseAssignment(text, typeOf))
    else {
      const path = text.slice(0, text.indexOf('='))
      const value =
        typeOf(path) === 'string' || !/\.(json|ya?ml)$/i.test(at[1])
          ? await readTextFile(at[1], context)
          : ((await loadDocument(resolve(context.workingDirectory, at[1]))) as Json)
      assignments.push({ path, value })
    }
  }
  return assignments
}

/** The body with a variant's fixed values. */
export function withConstants(body: JsonObject, variant: Variant | null): JsonObject {
  const constants = Object.entries(variant?.constants ?? {})
    .filter(([path]) => textAt(body, path) === '')
    .map(([path, value]) => ({ path, value }))
  return assign(body, constants)
}

/** Fields that the API needs and the body has not. */
export function missingFields(resource: Resource, variant: Variant | null, body: JsonObject): Field[] {
  return fieldsOf(resource, variant).filter(
    ({ required, path }) => required === true && textAt(body, path) === '' && !hasValue(body, path),
  )
}

function hasValue(body: JsonObject, path: string): boolean {
  let value: Json | undefined = body
  for (const key of path.split('.')) value = (value as Record<string, Json> | null | undefined)?.[key]
  return value !== undefined && value !== null
}
