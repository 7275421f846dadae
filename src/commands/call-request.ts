import { type Contact, checkNumber, countryOf, parseContacts } from '../api/contacts.ts'
import { findId, findOne } from '../api/lookup.ts'
import type { Api, Json, JsonObject } from '../api/types.ts'
import { loadDocument } from '../assistant/load.ts'
import type { Context } from '../cli/context.ts'
import { usageError } from '../errors.ts'
import { readTextFile } from './resource/body.ts'
import { readTime } from './resource/options.ts'

/** What `--schedule` and `--at` say: `EARLIEST` or `EARLIEST/LATEST`; `2h` is in two hours. */
export function readSchedule(flag: string, text: string | undefined, nowMs: number): JsonObject | undefined {
  if (text === undefined) return undefined
  const [earliest = '', latest, ...rest] = text.split('/')
  if (rest.length > 0 || earliest === '')
    throw usageError(`--${flag} ${text} is not EARLIEST or EARLIEST/LATEST`)
  const plan = {
    earliestAt: readTime(flag, earliest, nowMs, true),
    ...(latest !== undefined && { latestAt: readTime(flag, latest, nowMs, true) }),
  }
  const end = Date.parse(plan.latestAt ?? plan.earliestAt)
  if (end < nowMs) throw usageError(`--${flag} ${text} is in the past`)
  if (plan.latestAt !== undefined && plan.latestAt < plan.earliestAt)
    throw usageError(`--${flag} ${text}: the latest time is before the earliest`)
  return plan
}

/** `--var name=value`, several times. */
export function readVariables(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map(text => {
      const equals = text.indexOf('=')
      if (equals < 1) throw usageError(`--var ${text} is not name=value`)
      return [text.slice(0, equals), text.slice(equals + 1)]
    }),
  )
}

/** The contacts of `--to` and `--contacts`, as given. */
export async function readContacts(
  numbers: readonly string[],
  file: string | undefined,
  context: Context,
): Promise<Contact[]> {
  const contacts = numbers.map(
    (text, place): Contact => ({
      row: place + 1,
      customer: /^sips?:/i.test(text) ? { sipUri: text } : { number: checkNumber(text) },
      variables: {},
    }),
  )
  if (file === undefined) return contacts
  if (numbers.length > 0) throw usageError('--to and --contacts exclude each other')
  return parseContacts(await readTextFile(file, context), file)
}

/** Keys that only the body of a call has; an object without any is an assistant. */
const callKeys: readonly string[] = [
  'assistant',
  'assistantId',
  'squad',
  'squadId',
  'workflow',
  'workflowId',
  'customer',
  'customers',
  'customerId',
  'phoneNumber',
  'phoneNumberId',
  'transport',
  'schedulePlan',
  'assistantOverrides',
]

/** The part of a call's body that says who speaks: `--assistant`, `--squad`, or a file (an assistant, or a whole body). */
export async function readSpeaker(
  given: { assistant: string | undefined; squad: string | undefined; file: string | undefined },
  context: Context,
  api: Api,
): Promise<JsonObject> {
  const { assistant, squad, file } = given
  const count = [assistant, squad, file].filter(value => value !== undefined).length
  if (count !== 1)
    throw usageError(
      count === 0
        ? '--assistant is missing: who speaks'
        : '--assistant, --squad and --file exclude each other',
      'give --assistant ID|NAME, --squad ID|NAME or --file FILE',
    )
  if (assistant !== undefined) return { assistantId: await findId(api, 'assistant', assistant) }
  if (squad !== undefined) return { squadId: await findId(api, 'squad', squad) }
  const { resolve } = await import('node:path')
  const path = file === '-' ? '-' : resolve(context.workingDirectory, file ?? '')
  const document = await loadDocument(path, context.output.streams.stdin)
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw usageError(`${file} is neither an assistant nor the body of a call`)
  const body = document as JsonObject
  if (Object.keys(body).some(key => callKeys.includes(key))) return body
  return Array.isArray(body.members) ? { squad: body } : { assistant: body }
}

/** Lays variables over those that the body has already. Squads take them as their own overrides. */
export function withVariables(body: JsonObject, variables: Readonly<Record<string, string>>): JsonObject {
  if (Object.keys(variables).length === 0) return body
  const field = 'squadId' in body || 'squad' in body ? 'squadOverrides' : 'assistantOverrides'
  const overrides = (body[field] ?? {}) as Record<string, Json>
  const values = { ...(overrides.variableValues as JsonObject | undefined), ...variables }
  return { ...body, [field]: { ...overrides, variableValues: values } }
}

/** Warns where a free number of Vapi is to call abroad, which it cannot. */
export async function warnAboutFreeNumber(
  phoneNumberId: string,
  contacts: readonly Contact[],
  api: Api,
  context: Context,
): Promise<void> {
  for (const { customer } of contacts) {
    if (typeof customer.number !== 'string') continue
    const country = await countryOf(customer.number)
    if (country === undefined || country === 'US') continue
    const phone = await findOne(api, 'phone', phoneNumberId)
    if (phone.provider !== 'vapi') return
    context.output.warning(
      `${phone.number ?? phoneNumberId} is a free number of Vapi, which calls numbers in the US alone; ${customer.number} is in ${country}`,
    )
    return
  }
}
