import { isObject } from '../../is-object.ts'
import type { Field, Operation, Type } from './api-description.ts'
import { fieldsOf, membersOf } from './reference-text.ts'
import type { TidyDescription } from './tidy-description.ts'

const SERVER = 'https://api.vapi.ai'
const SOME_ID = '5f1d7e0a-3c52-4a8e-9d0b-7c2f6a1e4b90'
const SOME_NUMBER = '+14155550123'
const SOME_TIME = '2026-01-31T09:00:00Z'
const DEEPEST = 12
const MOST_VALUES = 300

const OWN_MODEL = {
  provider: 'openai',
  model: 'gpt-4o',
  messages: [{ role: 'system', content: 'You take table reservations for a small restaurant. Be brief.' }],
}

/** What somebody would send who tries the operation; fields that the description lacks are left out. */
const LIKELY: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'POST /assistant': {
    name: 'Reservations',
    firstMessage: 'Hello, when would you like to come?',
    model: OWN_MODEL,
    voice: { provider: 'vapi', voiceId: 'Elliot' },
    transcriber: { provider: 'deepgram', model: 'nova-3', language: 'en' },
    startSpeakingPlan: { waitSeconds: 0.4 },
  },
  'PATCH /assistant/{id}': { firstMessage: 'Good evening, when would you like to come?' },
  'POST /call': { assistantId: SOME_ID, phoneNumberId: SOME_ID, customer: { number: SOME_NUMBER } },
  'PATCH /call/{id}': { name: 'Reservation of Ms Smith' },
  'POST /squad': {
    name: 'Front desk',
    members: [
      {
        assistantId: SOME_ID,
        assistantDestinations: [
          { type: 'assistant', assistantName: 'Billing', message: 'I put you through to billing.' },
        ],
      },
      { assistantId: SOME_ID },
    ],
  },
  'PATCH /squad/{id}': { name: 'Front desk' },
  'POST /phone-number': { provider: 'vapi', name: 'Main line', assistantId: SOME_ID },
  'PATCH /phone-number/{id}': { provider: 'vapi', name: 'Main line', assistantId: SOME_ID },
  'POST /tool': {
    type: 'function',
    function: {
      name: 'book_table',
      description: 'Books a table.',
      parameters: {
        type: 'object',
        properties: { guests: { type: 'integer' }, time: { type: 'string' } },
        required: ['guests', 'time'],
      },
    },
    server: { url: 'https://example.com/vapi/tools' },
  },
  'PATCH /tool/{id}': { type: 'function', server: { url: 'https://example.com/vapi/tools' } },
  'POST /campaign': {
    name: 'Reminders',
    assistantId: SOME_ID,
    phoneNumberId: SOME_ID,
    customers: [{ number: SOME_NUMBER, name: 'Jo Smith' }],
  },
  'PATCH /campaign/{id}': { name: 'Reminders in spring' },
  'POST /chat': { assistantId: SOME_ID, input: 'Do you have a table at eight?' },
  'POST /session': { assistantId: SOME_ID, name: 'Jo Smith' },
  'PATCH /session/{id}': { status: 'completed' },
  'POST /analytics': {
    queries: [
      {
        name: 'calls_by_day',
        table: 'call',
        timeRange: { step: 'day', start: '2026-01-01T00:00:00Z', end: '2026-01-31T00:00:00Z' },
        operations: [{ operation: 'count', column: 'id' }],
      },
    ],
  },
  'POST /structured-output': {
    name: 'Reservation',
    type: 'ai',
    schema: { type: 'object', properties: { guests: { type: 'integer' } } },
  },
}

/** Operations whose body the SDK takes as a field of its own. */
const BODY_APART = /^PATCH (?:\/v2)?\/campaign\/\{id\}$/

/** A curl command for an operation, with the fields it needs and what is likely. The body is valid JSON. */
export function curlExample(operation: Operation, description: TidyDescription): string {
  const { method, path, queryParameters, body } = operation
  const query = queryParameters
    .filter(({ required }) => required)
    .map(
      field => `${encodeURIComponent(field.name)}=${encodeURIComponent(String(sample(field, description)))}`,
    )
  const filled = path.replace(/\{([^{}]*)\}/g, (_whole, name: string) => placeholder(name, operation))
  const url = `${SERVER}${filled}${query.length > 0 ? `?${query.join('&')}` : ''}`
  const lines = [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${quoted(url)}`,
    `-H "Authorization: Bearer $VAPI_API_KEY"`,
  ]
  if (body?.format === 'multipart') {
    for (const field of fieldsOf(body.type, description).filter(
      ({ required, type }) => required || isFile(type),
    ))
      lines.push(
        `-F ${quoted(`${field.name}=${isFile(field.type) ? '@menu.pdf' : sample(field, description)}`)}`,
      )
  } else if (body !== null) {
    const value = JSON.stringify(exampleBody(operation, body.type, description), null, 2)
    lines.push('-H "Content-Type: application/json"', `-d ${quoted(value)}`)
  }
  return lines.join(' \\\n  ')
}

/**
 * One call of the official SDK in TypeScript, as `client.calls.list()`; the fields of the body stand next to those of the path.
 * Null where the SDK has no name for the operation, or takes something else than an object.
 */
export function sdkExample(
  operation: Operation,
  name: string | null,
  description: TidyDescription,
): string | null {
  const { method, path, pathParameters, queryParameters, body } = operation
  if (name === null || body?.format === 'multipart') return null
  if (body !== null && membersOf(body.type, description).members.length > 0) return null
  const sent = body === null ? {} : exampleBody(operation, body.type, description)
  if (!isObject(sent)) return null
  const asked = queryParameters.filter(({ required }) => required)
  const values = {
    ...Object.fromEntries(pathParameters.map(field => [field.name, sampleOfPath(field)])),
    ...Object.fromEntries(asked.map(field => [field.name, sample(field, description)])),
    ...(BODY_APART.test(`${method} ${path}`) ? { body: sent } : sent),
  }
  const text = JSON.stringify(values, null, 2).replace(/^(\s*)"([A-Za-z_]\w*)":/gm, '$1$2:')
  return `await ${name}(${text === '{}' ? '' : text})`
}

function sampleOfPath({ name, type }: Field): unknown {
  return type.kind === 'choice' ? type.values[0] : name === 'id' ? SOME_ID : name.toUpperCase()
}

/** A body as somebody would send it. */
export function exampleBody(
  { method, path }: Pick<Operation, 'method' | 'path'>,
  type: Type,
  description: TidyDescription,
): unknown {
  const likely = LIKELY[`${method} ${path}`] ?? {}
  const { members, tag } = membersOf(type, description)
  const wanted = tag === null ? undefined : likely[tag]
  const member = members.find(({ values }) => typeof wanted === 'string' && values.includes(wanted))
  const chosen = member?.type ?? type
  const needed = createSampler(description).ofType(chosen, '', 0)
  if (!isObject(needed)) return needed
  const known = new Set(fieldsOf(chosen, description).map(({ name }) => name))
  const kept = Object.entries(likely).filter(([name]) => known.has(name))
  const whole = { ...needed, ...Object.fromEntries(kept) }
  if (Object.keys(whole).length > 0) return whole
  const first = fieldsOf(chosen, description).find(
    ({ deprecated, type: { kind } }) => !deprecated && kind === 'plain',
  )
  return first === undefined ? {} : { [first.name]: sample(first, description) }
}

function placeholder(name: string, { pathParameters }: Operation): string {
  const type = pathParameters.find(field => field.name === name)?.type
  if (type?.kind === 'choice') return encodeURIComponent(String(type.values[0]))
  return name === 'id' ? SOME_ID : name.replace(/[^A-Za-z0-9_-]/g, '').toUpperCase()
}

function quoted(text: string): string {
  return /^[\w:/.=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function isFile(type: Type): boolean {
  return type.kind === 'plain' && type.name === 'file'
}

/** A likely value of a field. */
function sample(field: Field, description: TidyDescription): unknown {
  return createSampler(description).ofField(field, 0)
}

/** Makes likely values, no more of them than an example can show. */
function createSampler({ types }: TidyDescription) {
  let left = MOST_VALUES

  function ofField(field: Field, depth: number): unknown {
    const { type, limits } = field
    if (type.kind === 'plain' && type.name !== 'string') {
      const value = Number(field.default ?? /^-?[\d.]+/.exec(limits)?.[0] ?? 1)
      if (type.name === 'boolean') return field.default === 'true'
      if (type.name === 'number' || type.name === 'integer') return Number.isFinite(value) ? value : 1
    }
    if (limits.includes('date-time')) return SOME_TIME
    if (limits.includes('uuid')) return SOME_ID
    return ofType(type, field.name, depth)
  }

  function ofType(type: Type, name: string, depth: number): unknown {
    if (depth > DEEPEST || left-- <= 0) return {}
    switch (type.kind) {
      case 'plain':
        return PLAIN_VALUES[type.name] ?? (type.name === 'string' ? textFor(name) : {})
      case 'choice':
        return type.values[0]
      case 'list':
        return [ofType(type.item, name, depth + 1)]
      case 'map':
        return {}
      case 'union':
        return ofUnion(type, name, depth)
      case 'named': {
        const target = types.get(type.name)?.type
        return target === undefined ? {} : ofType(target, name, depth + 1)
      }
      case 'object':
        return Object.fromEntries(
          type.fields
            .filter(({ required }) => required)
            .map(field => [field.name, ofField(field, depth + 1)]),
        )
    }
  }

  function ofUnion({ members, tag }: Type & { kind: 'union' }, name: string, depth: number): unknown {
    const [first] = members
    if (first === undefined) return {}
    const value = ofType(first.type, name, depth + 1)
    const isTagged = tag !== null && first.values.length > 0 && isObject(value)
    return isTagged ? { [tag]: first.values[0], ...value } : value
  }

  return { ofField, ofType }
}

const PLAIN_VALUES: Readonly<Record<string, unknown>> = { boolean: true, number: 1, integer: 1 }

function textFor(name: string): string {
  if (/id$/i.test(name)) return SOME_ID
  if (/url$/i.test(name)) return 'https://example.com/vapi'
  if (/email/i.test(name)) return 'jo@example.com'
  if (/number$/i.test(name)) return SOME_NUMBER
  if (/(at|date)$/.test(name)) return SOME_TIME
  return /name$/i.test(name) || name === '' ? 'Reservations' : `some ${name}`
}
