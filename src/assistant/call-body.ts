import { usageError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { type Json, mergeOverrides } from './overrides.ts'

/** Who speaks in a call, and with what: the part of the body of `POST /call` that a call on this machine reads. */
export interface CallBody {
  speaker:
    | { type: 'assistant'; configuration: Json; at: readonly (string | number)[] }
    | { type: 'assistant-id'; id: string }
    | { type: 'squad'; configuration: Json; at: readonly (string | number)[] }
    | { type: 'squad-id'; id: string }
    /** Nobody is named: the phone number says who, or its server is asked. */
    | { type: 'none' }
  assistantOverrides: Json
  squadOverrides: Json
  /** Without its overrides, which are joined with the others. */
  customer: Json
  phoneNumber: Json
  phoneNumberId: string | null
  warnings: string[]
}

/** Keys that only the body of a call has; an object without any is an assistant or a squad. */
const bodyKeys = [
  'assistant',
  'assistantId',
  'assistantOverride',
  'assistantOverrides',
  'squad',
  'squadId',
  'squadOverrides',
  'workflow',
  'workflowId',
  'customer',
  'customers',
  'phoneNumber',
  'phoneNumberId',
] as const

/** Keys of a body that say nothing to a call on this machine. */
const withoutEffect = ['schedulePlan', 'transport', 'assistantVersion', 'customerId'] as const

/** What a document is, made one form: an assistant, a squad, a list of members (row 38) or the body of a call. */
export function readDocument(document: unknown, origin: string): CallBody {
  if (Array.isArray(document)) return readBody({ squad: document }, origin, { squad: [] })
  if (!isObject(document)) throw usageError(`${origin} is not an object`)
  if (bodyKeys.some(key => Object.hasOwn(document, key))) return readBody(document, origin)
  return Array.isArray(document.members)
    ? readBody({ squad: document }, origin, { squad: [] })
    : readBody({ assistant: document }, origin, { assistant: [] })
}

/**
 * Reads the body of a call. `places`: where its assistant or squad stands in the document, for telling of faults. Throws a
 * usage error where it names several speakers, or one that does not run here.
 */
export function readBody(
  body: Json,
  origin: string,
  places: { assistant?: readonly (string | number)[]; squad?: readonly (string | number)[] } = {},
): CallBody {
  const warnings: string[] = []
  const { customer, overrides } = readCustomer(body, warnings)
  for (const key of withoutEffect)
    if (isGiven(body[key])) warnings.push(`${key} of the call has no effect in a local call`)
  const { assistantId, assistant } = readAssistant(body, origin, warnings)
  const squad = readSquad(body.squad, warnings)
  const named = Object.entries({ assistantId, assistant, squadId: body.squadId, squad }).filter(([, value]) =>
    isGiven(value),
  )
  if (named.length > 1)
    throw usageError(
      `${origin} names several speakers: ${named.map(([name]) => name).join(', ')}`,
      'leave one',
    )
  if (named.length === 0 && (isGiven(body.workflow) || isGiven(body.workflowId)))
    throw usageError(`${origin}: workflows do not run in a local call`, 'use an assistant or a squad')
  const given = readOverrides(body, warnings)
  return {
    speaker: speakerOf(
      { assistantId, assistant, squadId: body.squadId, squad },
      { assistant: places.assistant ?? ['assistant'], squad: places.squad ?? ['squad'] },
      origin,
    ),
    assistantOverrides: joinOverrides(given, overrides.assistant),
    squadOverrides: joinOverrides(objectOf(body.squadOverrides), overrides.squad),
    customer,
    phoneNumber: withNumber(objectOf(body.phoneNumber)),
    phoneNumberId: typeof body.phoneNumberId === 'string' ? body.phoneNumberId : null,
    warnings,
  }
}

/** Overrides over overrides: what both append to the tools is joined. */
export function joinOverrides(under: Json, over: Json): Json {
  const append = 'tools:append'
  const [first, second] = [under[append], over[append]]
  const joined = mergeOverrides(under, over)
  return Array.isArray(first) && Array.isArray(second)
    ? { ...joined, [append]: [...first, ...second] }
    : joined
}

function speakerOf(
  {
    assistantId,
    assistant,
    squadId,
    squad,
  }: Record<'assistantId' | 'assistant' | 'squadId' | 'squad', unknown>,
  places: Record<'assistant' | 'squad', readonly (string | number)[]>,
  origin: string,
): CallBody['speaker'] {
  for (const [name, value] of Object.entries({ assistantId, squadId }))
    if (isGiven(value) && typeof value !== 'string') throw usageError(`${origin}: ${name} is not a text`)
  if (typeof assistantId === 'string') return { type: 'assistant-id', id: assistantId }
  if (typeof squadId === 'string') return { type: 'squad-id', id: squadId }
  for (const [name, value] of Object.entries({ assistant, squad }))
    if (isGiven(value) && !isObject(value)) throw usageError(`${origin}: ${name} is not an object`)
  if (isObject(assistant)) return { type: 'assistant', configuration: assistant, at: places.assistant }
  if (isObject(squad)) return { type: 'squad', configuration: squad, at: places.squad }
  return { type: 'none' }
}

/** `assistant: { assistantId }` is read as `assistantId` beside it (row 40). */
function readAssistant(body: Json, origin: string, warnings: string[]) {
  const { assistant, assistantId } = body
  if (!isObject(assistant) || !isGiven(assistant.assistantId)) return { assistant, assistantId }
  if (Object.keys(assistant).length > 1)
    throw usageError(
      `${origin}: assistant.assistantId stands inside a configuration`,
      'name a stored assistant by assistantId beside assistantOverrides, without assistant',
    )
  warnings.push('assistant.assistantId is not taken by the API; write assistantId at the top of the call')
  return { assistant: undefined, assistantId: assistant.assistantId }
}

/** `squad: [ … ]` is read as `squad: { members: [ … ] }` (row 38). */
function readSquad(squad: unknown, warnings: string[]): unknown {
  if (!Array.isArray(squad)) return squad
  warnings.push('squad as a list is an old spelling; write squad: { members: [ … ] }')
  return { members: squad }
}

/** `assistantOverride` (row 37) and `metadata` of the call (row 41) are read as they were meant. */
function readOverrides(body: Json, warnings: string[]): Json {
  const { assistantOverride, assistantOverrides, metadata } = body
  let overrides = objectOf(assistantOverrides)
  if (isObject(assistantOverride)) {
    warnings.push('assistantOverride is an old spelling; write assistantOverrides')
    overrides = joinOverrides(assistantOverride, overrides)
  }
  if (!isObject(metadata)) return overrides
  warnings.push('metadata of the call is not taken by the API; write assistantOverrides.metadata')
  return joinOverrides({ metadata }, overrides)
}

function readCustomer(body: Json, warnings: string[]) {
  const [first, ...others] = Array.isArray(body.customers) ? body.customers.filter(isObject) : []
  if (others.length > 0) warnings.push('a local call has one customer; the first of customers is taken')
  const { assistantOverrides, squadOverrides, ...customer } = objectOf(body.customer ?? first)
  return {
    customer,
    overrides: { assistant: objectOf(assistantOverrides), squad: objectOf(squadOverrides) },
  }
}

/** A number of Twilio and others stands in a field of its own. */
function withNumber(phoneNumber: Json): Json {
  const { twilioPhoneNumber } = phoneNumber
  return typeof twilioPhoneNumber === 'string' ? { number: twilioPhoneNumber, ...phoneNumber } : phoneNumber
}

/** The number as messages and templates know it: without its server and whatever gives access to something. */
export function publicNumber(phoneNumber: Json): Json {
  return Object.fromEntries(
    Object.entries(phoneNumber).filter(
      ([key]) => !/^server|secret|token|password|credential|key$/i.test(key),
    ),
  )
}

/** Where the number's messages go, as a configuration names it, with whatever gives access: not for messages or templates. */
export function numberServer({ server, serverUrl, serverUrlSecret, credentials }: Json): Json {
  return { server, serverUrl, serverUrlSecret, credentials }
}

const E164 = /^\+[1-9]\d{6,14}$/

/** Refuses a customer whose number is not in E.164 form, unless the check is off (API: numberE164CheckEnabled). */
export function requireNumber(customer: Json, origin: string): void {
  const { number, numberE164CheckEnabled } = customer
  if (!isGiven(number) || numberE164CheckEnabled === false) return
  if (typeof number === 'string' && E164.test(number)) return
  throw usageError(
    `${origin}: customer.number ${JSON.stringify(number)} is not in E.164 form`,
    'a plus sign, the country and the number: +15551234567',
  )
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {}
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}
