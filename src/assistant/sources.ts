import { isDeepStrictEqual } from 'node:util'
import { Exit, usageError, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type CallBody, joinOverrides, publicNumber } from './call-body.ts'
import { modernise } from './legacy.ts'
import { appendTools, applyOverrides, type Json, mergeOverrides } from './overrides.ts'
import { type Assistant, assistantFaults, parseAssistant } from './schema.ts'
import { createLocator } from './validate/positions.ts'

export type StoredKind = 'assistant' | 'squad' | 'tool' | 'phone number'

/**
 * Fetches what is stored, by its id or a name that no other has. Throws VapiError: `not-logged-in` (exit 4) without an
 * account, `not-found` (exit 5).
 */
export type LoadStored = (kind: StoredKind, idOrName: string) => Promise<Json>

/** The loader of a call that has no account: whatever is stored cannot be had. */
export const noAccount: LoadStored = async (kind, idOrName) => {
  throw new VapiError({
    code: 'not-logged-in',
    message: `the stored ${kind} ${idOrName} cannot be fetched without an account`,
    exit: Exit.notLoggedIn,
    hint: 'vapi login, or set VAPI_API_KEY',
  })
}

/** Where a document came from: for telling where its faults are. */
export interface Origin {
  /** As the user wrote it: `assistant.yaml`. */
  name: string
  /** The document's text and the document that was read of it; absent where no file was read. */
  source?: { text: string; document: unknown }
}

/** One assistant of a call: its own configuration with every override laid over it, in today's spelling, checked. */
export interface CallMember {
  assistant: Assistant
  /** Values of its variables; those of the call itself (`customer`, `call`, `now` …) come on top of the compiler. */
  variables: Json
  /** `assistantDestinations` of the squad: whom it may pass the call to. */
  destinations: readonly Json[]
  /** Names the document in errors of the compiler. */
  origin: string
}

/** Everything that a call runs on, fetched, merged and checked once: nothing that changes later reaches it. */
export interface CallConfiguration {
  /** The first one opens the call. */
  members: readonly [CallMember, ...CallMember[]]
  customer: Json
  phoneNumber: Json
  warnings: string[]
}

export interface SourceOptions {
  origin: Origin
  loadStored: LoadStored
  /** Further warnings of a configuration that stands in the document; what is stored passed the API's own checks. */
  check?: (assistant: Json) => string[]
}

/**
 * The assistants of a call by its body, but for one that names nobody (null). Overrides apply in the order of the API: of an
 * assistant its own, the call's, the customer's; of a squad the member's, `membersOverrides`, the call's, the customer's.
 * Throws a usage error with the paths of all faults (line and column where they stand in a file), and whatever
 * `loadStored` throws for something that is needed.
 */
export async function resolveCall(body: CallBody, options: SourceOptions): Promise<CallConfiguration | null> {
  const warnings = [...body.warnings]
  const members = await membersOf(body, options, warnings)
  const [first, ...others] = members ?? []
  if (first === undefined) return null
  return {
    members: [first, ...others],
    customer: body.customer,
    phoneNumber: publicNumber(body.phoneNumber),
    warnings: [...new Set(warnings)],
  }
}

/**
 * One assistant, by its configuration or as it is stored, with overrides in the order in which they apply: for squads, and
 * for hand-offs that name an assistant only during the call.
 */
export async function resolveAssistant(
  given: { configuration: Json; at?: readonly (string | number)[] } | { id: string },
  overrides: readonly Json[],
  { origin, loadStored, check = () => [] }: SourceOptions,
  warnings: string[],
): Promise<Omit<CallMember, 'destinations'>> {
  const isStored = 'id' in given
  const document = isStored ? await loadStored('assistant', given.id) : given.configuration
  const at = isStored ? null : (given.at ?? [])
  const name = isStored ? `the stored assistant ${given.id}` : origin.name
  const own = modernise(document)
  warnings.push(...own.warnings)
  let assistant = own.configuration
  let variables: Json = {}
  for (const given of overrides) {
    const { configuration, warnings: told } = modernise(given, 'assistantOverrides.', 'overrides')
    warnings.push(...told)
    const applied = applyOverrides(assistant, configuration)
    assistant = applied.assistant
    variables = mergeOverrides(variables, applied.variables)
  }
  if (!isStored) warnings.push(...check(assistant))
  assistant = await withStoredTools(assistant, loadStored, warnings)
  return { assistant: await parse(assistant, name, at, origin), variables, origin: name }
}

async function membersOf(
  { speaker, assistantOverrides, squadOverrides }: CallBody,
  options: SourceOptions,
  warnings: string[],
): Promise<CallMember[] | null> {
  switch (speaker.type) {
    case 'none':
      return null
    case 'assistant':
    case 'assistant-id': {
      const member = await resolveAssistant(speaker, [assistantOverrides], options, warnings)
      return [{ ...member, destinations: [] }]
    }
    case 'squad':
    case 'squad-id': {
      const isStored = speaker.type === 'squad-id'
      const squad = isStored ? await options.loadStored('squad', speaker.id) : speaker.configuration
      const origin = isStored ? { name: `the stored squad ${speaker.id}` } : options.origin
      const at = isStored ? [] : speaker.at
      if (Object.keys(assistantOverrides).length > 0)
        warnings.push('assistantOverrides of a squad are not taken by the API; write squadOverrides')
      const shared = [
        isObject(squad.membersOverrides) ? squad.membersOverrides : {},
        joinOverrides(assistantOverrides, squadOverrides),
      ]
      return squadMembers(squad, at, shared, { ...options, origin }, warnings)
    }
  }
}

async function squadMembers(
  squad: Json,
  at: readonly (string | number)[],
  shared: readonly Json[],
  options: SourceOptions,
  warnings: string[],
): Promise<CallMember[]> {
  const { name } = options.origin
  const list = Array.isArray(squad.members) ? squad.members : []
  if (list.length === 0) throw usageError(`${name}: a squad needs a member`, 'members: [ … ]')
  const members = await Promise.all(
    list.map(async (member: unknown, index): Promise<CallMember> => {
      const place = `${name}: members[${index}]`
      if (!isObject(member)) throw usageError(`${place} is not an object`)
      const { assistant, assistantId, assistantOverrides, assistantDestinations } = member
      const stored = typeof assistantId === 'string' ? assistantId : null
      if (isObject(assistant) === (stored !== null))
        throw usageError(`${place} needs exactly one of assistant and assistantId`)
      const given = isObject(assistant)
        ? { configuration: assistant, at: [...at, 'members', index, 'assistant'] }
        : { id: stored ?? '' }
      const overrides = [isObject(assistantOverrides) ? assistantOverrides : {}, ...shared]
      const resolved = resolveAssistant(given, overrides, options, warnings)
      return {
        ...(await (stored === null ? resolved : resolved.catch(error => namingMember(place, error)))),
        destinations: Array.isArray(assistantDestinations) ? assistantDestinations.filter(isObject) : [],
      }
    }),
  )
  requireNames(members, name)
  return members
}

/** The error of a stored assistant, with the place that names it. */
function namingMember(place: string, thrown: unknown): never {
  if (!(thrown instanceof VapiError) || thrown.message.startsWith(place)) throw thrown
  const { code, message, exit, retryable, endedReason, status, hint } = thrown
  throw new VapiError({
    code,
    message: `${place}.assistantId: ${message}`,
    exit,
    retryable,
    ...(endedReason !== undefined && { endedReason }),
    ...(status !== undefined && { status }),
    ...(hint !== undefined && { hint }),
    cause: thrown,
  })
}

/** Members are reached by their names: no two may have the same (API: squads). */
function requireNames(members: readonly CallMember[], origin: string): void {
  const seen = new Map<string, number>()
  for (const [index, { assistant }] of members.entries()) {
    const { name } = assistant
    if (!name) continue
    const before = seen.get(name)
    if (before !== undefined)
      throw usageError(
        `${origin}: members[${before}] and members[${index}] are both named ${JSON.stringify(name)}`,
        'give each member of a squad a name of its own',
      )
    seen.set(name, index)
  }
}

/** Joins the stored tools that `model.toolIds` and `model.toolRefs` name to the inline ones, after them. */
async function withStoredTools(assistant: Json, loadStored: LoadStored, warnings: string[]): Promise<Json> {
  const { toolIds, toolRefs, ...model } = isObject(assistant.model) ? assistant.model : {}
  const ids = [
    ...(Array.isArray(toolIds) ? toolIds : []),
    ...(Array.isArray(toolRefs) ? toolRefs.map(reference => isObject(reference) && reference.toolId) : []),
  ].filter(id => typeof id === 'string')
  if (ids.length === 0) return assistant
  try {
    const tools = await Promise.all(ids.map(id => loadStored('tool', id)))
    const joined = appendTools({ ...assistant, model }, tools)
    const { configuration, warnings: told } = modernise(joined)
    warnings.push(...told)
    return configuration
  } catch (error) {
    if (!(error instanceof VapiError) || (error.code !== 'not-logged-in' && error.code !== 'offline'))
      throw error
    const names = ids.length === 1 ? `tool ${ids[0]} is` : `tools ${ids.join(', ')} are`
    const why = error.code === 'offline' ? 'in an offline call' : 'without an account'
    warnings.push(`the stored ${names} left out: model.toolIds cannot be fetched ${why}`)
    return { ...assistant, model }
  }
}

/** Checks types and ranges; faults are told with the place where they stand in the file, as far as they stand there. */
async function parse(
  assistant: Json,
  name: string,
  at: readonly (string | number)[] | null,
  { source }: Origin,
): Promise<Assistant> {
  const faults = assistantFaults(assistant)
  if (faults.length === 0) return parseAssistant(assistant, name)
  const locate = at === null || source === undefined ? null : await createLocator(source.text, name)
  const lines = faults.map(fault => {
    const place = [...(at ?? []), ...fault.at]
    // What came from elsewhere (overrides, an old spelling) has no place in this file.
    if (locate === null || !isDeepStrictEqual(valueAt(source?.document, place), valueAt(assistant, fault.at)))
      return `  ${fault.message}`
    const { line, column } = locate(place)
    return `  ${fault.message} (line ${line}, column ${column})`
  })
  throw usageError(`${name} is not valid\n${lines.join('\n')}`)
}

function valueAt(document: unknown, at: readonly (string | number)[]): unknown {
  let current = document
  for (const part of at) {
    if (Array.isArray(current) && typeof part === 'number') current = current[part]
    else if (isObject(current) && Object.hasOwn(current, part)) current = current[part]
    else return undefined
  }
  return current
}
