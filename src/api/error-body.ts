import { isObject } from '../is-object.ts'
import { excerpt } from '../net/reply.ts'

/** The error bodies of the API, in all forms that are known (vapi-api.md section 7.2), read leniently. */
export interface ErrorBody {
  /** Each with its field path. */
  messages: readonly string[]
  /** The messages came as a list: they are from the validation of the request. */
  isList: boolean
  /** `Bad Request`, or a code such as `assistant_pinned`; empty where there is none. */
  error: string
  /** Of 402. */
  reason: string | null
  /** What holds on to it (409), in words. */
  pinnedBy: string
  existingDraftId: string | null
}

const MAXIMUM_MESSAGES = 12

export function readErrorBody(text: string): ErrorBody {
  const body = parse(text)
  if (!isObject(body)) return { ...EMPTY, messages: textOf(text) }
  const inner = isObject(body.error) ? body.error : body
  const message = inner.message ?? body.message
  const list = Array.isArray(message) ? message : [message]
  return {
    messages: list.flatMap(messagesOf),
    isList: Array.isArray(message) && message.length > 0,
    error: typeof body.error === 'string' ? body.error : '',
    reason: typeof body.reason === 'string' ? body.reason : null,
    pinnedBy: namesOf(body.pinnedBy),
    existingDraftId: typeof body.existingDraftId === 'string' ? body.existingDraftId : null,
  }
}

/** The messages as one line, each with its field path in front; the reason phrase where there is none. */
export function describeBody(body: ErrorBody): string {
  const messages = [...new Set(body.messages.map(describe))]
  const shown = messages.slice(0, MAXIMUM_MESSAGES)
  if (messages.length > shown.length) shown.push(`and ${messages.length - shown.length} more`)
  if (shown.length > 0) return shown.join('; ')
  return excerpt(body.error, 300) === '(nothing)' ? '' : excerpt(body.error, 300)
}

/** The field that a message of the validation is about, and the rest of the message; null for other messages. */
export function pathOf(message: string): { path: string; fault: string } | null {
  const unknown = /^(?:(.+)\.)?property (\S+) (should not exist)$/.exec(message)
  if (unknown) return { path: [unknown[1], unknown[2]].filter(Boolean).join('.'), fault: 'should not exist' }
  const each = /^(?:(.+)\.)?each value in (?:nested property )?(\S+) (must .+)$/.exec(message)
  if (each)
    return { path: [each[1], each[2]].filter(Boolean).join('.'), fault: `each value ${each[3] ?? ''}` }
  const field = /^([A-Za-z_$][\w$[\].-]*) ((?:must|should|has to|cannot be) .+)$/s.exec(message)
  return field ? { path: field[1] ?? '', fault: field[2] ?? '' } : null
}

const EMPTY: ErrorBody = {
  messages: [],
  isList: false,
  error: '',
  reason: null,
  pinnedBy: '',
  existingDraftId: null,
}

function describe(message: string): string {
  const found = pathOf(message)
  return found === null ? message : `${found.path} ${found.fault}`
}

function messagesOf(message: unknown): string[] {
  if (typeof message === 'string') return message.trim() === '' ? [] : [excerpt(message, 600)]
  // Validation of nested parts may come as objects: {property, constraints: {rule: text}}.
  if (isObject(message)) {
    const property = typeof message.property === 'string' ? message.property : ''
    const { constraints, children } = message
    const own = isObject(constraints) ? Object.values(constraints) : []
    const below = Array.isArray(children) ? children : []
    if (own.length + below.length > 0)
      return [
        ...own.flatMap(messagesOf).map(text => withPath(property, text)),
        ...below.flatMap(messagesOf).map(text => (property === '' ? text : `${property}.${text}`)),
      ]
    if (message.message !== undefined) return messagesOf(message.message)
    return [excerpt(JSON.stringify(message), 300)]
  }
  return []
}

function withPath(property: string, text: string): string {
  return property === '' || text.includes(property) ? text : `${property} ${text}`
}

function namesOf(pinnedBy: unknown): string {
  const list = Array.isArray(pinnedBy) ? pinnedBy : [pinnedBy]
  const names = list.flatMap(item => {
    if (typeof item === 'string') return [item]
    if (!isObject(item)) return []
    const words = [item.type, item.name, item.id].filter(word => typeof word === 'string')
    return words.length > 0 ? [words.join(' ')] : [JSON.stringify(item)]
  })
  return excerpt(names.join(', '), 300) === '(nothing)' ? '' : excerpt(names.join(', '), 300)
}

/** A body that is not of the API: a gateway's page, plain text. */
function textOf(text: string): string[] {
  if (text.trim() === '') return []
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)
  if (title) return [`a web page, "${excerpt(title[1] ?? '', 100)}"`]
  return [/^\s*</.test(text) ? 'a web page' : excerpt(text)]
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
