import { findOne } from '../api/lookup.ts'
import type { JsonObject } from '../api/types.ts'
import { nameOf, type OwnerKind, ownerKinds } from '../api/webhooks.ts'
import type { Context } from '../cli/context.ts'
import type { OptionDefinition } from '../cli/definition.ts'
import { asVapiError, Exit, usageError, VapiError } from '../errors.ts'

/** Whose server is meant. */
export const ownerOptions = {
  assistant: { type: 'string', placeholder: 'ID|NAME', summary: 'of this assistant, by id or name' },
  phone: { type: 'string', placeholder: 'ID|NAME', summary: 'of this phone number, by id, number or name' },
  tool: { type: 'string', placeholder: 'ID|NAME', summary: 'of this tool, by id or name' },
} as const satisfies Record<string, OptionDefinition>

/** Something that can have a server, as the API has it now. */
export interface Owner {
  kind: OwnerKind
  object: JsonObject
}

export type OwnerChoices = Readonly<Record<OwnerKind, string | undefined>>

/** What exactly one of the options names. Throws a usage error for none or several of them. */
export function chosenOwner(choices: OwnerChoices): { kind: OwnerKind; name: string } | null {
  const given = ownerKinds.flatMap(kind => {
    const name = choices[kind]
    return name === undefined ? [] : [{ kind, name }]
  })
  if (given.length > 1)
    throw usageError(`${given.map(({ kind }) => `--${kind}`).join(' and ')} exclude each other`)
  return given[0] ?? null
}

export async function loadOwner(kind: OwnerKind, name: string, context: Context): Promise<Owner> {
  return { kind, object: await findOne(await context.api(), kind, name) }
}

/** By `KIND/ID`, or by an id or name that only one of them has. Throws `not-found` (exit 5). */
export async function findOwner(reference: string, context: Context): Promise<Owner> {
  const slash = reference.indexOf('/')
  const kind = kindNamed(reference.slice(0, Math.max(slash, 0)))
  if (kind !== null) return loadOwner(kind, reference.slice(slash + 1), context)
  const tried = await Promise.allSettled(ownerKinds.map(each => loadOwner(each, reference, context)))
  const found = tried.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const [first] = found
  if (first !== undefined && found.length === 1) return first
  if (found.length > 1)
    throw usageError(
      `several have the name ${reference}`,
      `say which: ${found.map(owner => referenceOf(owner)).join(', ')}`,
    )
  for (const result of tried) {
    if (result.status === 'rejected' && asVapiError(result.reason).exit !== Exit.notFound) throw result.reason
  }
  throw new VapiError({
    code: 'not-found',
    message: `no tool, assistant or phone number is called ${reference}`,
    exit: Exit.notFound,
    hint: 'vapi webhook list',
  })
}

/** `assistant/ID`, as the commands take it. */
export function referenceOf({ kind, object }: Owner): string {
  return `${kind}/${String(object.id)}`
}

/** In words of people: `assistant Reception`. */
export function describeOwner({ kind, object }: Owner): string {
  return `${kind === 'phone' ? 'phone number' : kind} ${nameOf(object) || String(object.id)}`
}

function kindNamed(word: string): OwnerKind | null {
  if (word === 'phone-number') return 'phone'
  return ownerKinds.find(kind => kind === word) ?? null
}
