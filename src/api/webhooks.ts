/**
 * Who receives what. The API has no webhook resource: a server stands on tools, assistants, phone numbers and the
 * organisation, and a message goes to the first of them that has one (vapi-api.md 3.1).
 */
import { isObject } from '../is-object.ts'
import { defaultServerMessages } from '../messages/events.ts'
import { maskHeaders, maskUrl } from '../net/trace.ts'
import type { Json, JsonObject } from './types.ts'

/** In the order of precedence. */
export const serverKinds = ['tool', 'assistant', 'phone', 'organisation'] as const
export type ServerKind = (typeof serverKinds)[number]
/** Kinds whose server can be set; also the words of their resources. */
export type OwnerKind = Exclude<ServerKind, 'organisation'>

export const ownerKinds: readonly OwnerKind[] = ['tool', 'assistant', 'phone']

export const paths: Readonly<Record<OwnerKind, string>> = {
  tool: '/tool',
  assistant: '/assistant',
  phone: '/phone-number',
}

/** A server and whom it belongs to. No secret is in it. */
export interface Webhook {
  kind: ServerKind
  /** Of the owner. */
  id: string
  name: string
  url: string
  /** How the platform authenticates itself: `credential …`, `X-Vapi-Secret`, `headers …`, `none`. */
  auth: string
  timeoutSeconds: number
  /** Types that it gets, in words where there is no list of them. */
  receives: readonly string[]
  /** True for a tool that is written inside an assistant: it is changed there. */
  inline?: boolean
  /** As stored, with secrets masked. */
  server: JsonObject
}

const DEFAULT_TIMEOUT_SECONDS = 20

/** Types of tools that can have a server (API: the members of `UpdateToolDto` with `server`). */
const toolsWithServer: readonly Json[] = ['function', 'code', 'mcp', 'bash', 'computer', 'textEditor']

/** False for tools of types that have no server. */
export function takesServer(kind: OwnerKind, owner: JsonObject): boolean {
  return kind !== 'tool' || owner.type === undefined || toolsWithServer.includes(owner.type)
}

/** The server of an owner as it is stored now or was in older forms (`serverUrl`); null without one. */
export function serverOf(owner: JsonObject): JsonObject | null {
  const { server, serverUrl, serverUrlSecret } = owner
  if (isObject(server) && typeof server.url === 'string' && server.url !== '') return server
  if (typeof serverUrl !== 'string' || serverUrl === '') return null
  return {
    url: serverUrl,
    ...(typeof serverUrlSecret === 'string' && { secret: serverUrlSecret }),
  } as JsonObject
}

/** The servers that an object of that kind brings: its own, and those of tools inside an assistant. */
export function webhooksOf(kind: ServerKind, owner: JsonObject): Webhook[] {
  const server = serverOf(owner)
  const own = server === null ? [] : [webhook(kind, owner, nameOf(owner), server, receivedBy(kind, owner))]
  if (kind !== 'assistant') return own
  const model = isObject(owner.model) ? owner.model : {}
  const tools = Array.isArray(model.tools) ? (model.tools as readonly JsonObject[]).filter(isObject) : []
  const inline = tools.flatMap(tool => {
    const toolServer = serverOf(tool)
    if (toolServer === null) return []
    const name = `${nameOf(owner)} / ${nameOf(tool)}`
    return [{ ...webhook('tool', owner, name, toolServer, ['tool-calls']), inline: true }]
  })
  return [...inline, ...own]
}

function webhook(
  kind: ServerKind,
  owner: JsonObject,
  name: string,
  server: JsonObject,
  receives: readonly string[],
): Webhook {
  return {
    kind,
    id: String(owner.id ?? ''),
    name,
    url: shownUrl(String(server.url)),
    auth: authOf(server),
    timeoutSeconds:
      typeof server.timeoutSeconds === 'number' ? server.timeoutSeconds : DEFAULT_TIMEOUT_SECONDS,
    receives,
    server: masked(server),
  }
}

/** What the server of such an owner gets. */
function receivedBy(kind: ServerKind, owner: JsonObject): readonly string[] {
  switch (kind) {
    case 'tool':
      return ['tool-calls']
    case 'assistant':
      return Array.isArray(owner.serverMessages)
        ? (owner.serverMessages as readonly Json[]).map(String)
        : defaultServerMessages
    case 'phone':
      return isAnswered(owner)
        ? ['messages of its calls where the assistant has no server']
        : ['assistant-request', 'messages of its calls where the assistant has no server']
    case 'organisation':
      return ['messages for which nobody else has a server']
  }
}

/** True for a phone number whose calls somebody takes: it never sends an `assistant-request`. */
export function isAnswered(phone: JsonObject): boolean {
  return [phone.assistantId, phone.squadId, phone.workflowId].some(id => typeof id === 'string' && id !== '')
}

export function nameOf(owner: JsonObject): string {
  const inner = isObject(owner.function) ? owner.function.name : undefined
  const name = [inner, owner.name, owner.number, owner.sipUri, owner.type].find(
    candidate => typeof candidate === 'string' && candidate !== '',
  )
  return typeof name === 'string' ? name : ''
}

function authOf(server: JsonObject): string {
  const ways: string[] = []
  if (typeof server.credentialId === 'string') ways.push(`credential ${server.credentialId}`)
  const headers = isObject(server.headers) ? Object.keys(server.headers) : []
  const hasSecret = typeof server.secret === 'string' && server.secret !== ''
  if (hasSecret || headers.some(name => name.toLowerCase() === 'x-vapi-secret')) ways.push('X-Vapi-Secret')
  const others = headers.filter(name => name.toLowerCase() !== 'x-vapi-secret')
  if (others.length > 0) ways.push(`headers ${others.join(', ')}`)
  return ways.length === 0 ? 'none' : ways.join(', ')
}

/** A copy that may be shown. */
function masked(server: JsonObject): JsonObject {
  const copy: Record<string, Json> = { ...server, url: shownUrl(String(server.url)) }
  if (copy.secret !== undefined) copy.secret = '***'
  if (isObject(server.headers)) {
    const headers = Object.entries(server.headers).map(([name, value]) => [name, String(value)])
    copy.headers = maskHeaders(Object.fromEntries(headers))
  }
  return copy
}

function shownUrl(url: string): string {
  return URL.canParse(url) ? maskUrl(url) : url
}

/** Changes to a server, as the options of `webhook create` and `update` say them. */
export interface ServerChanges {
  url?: string
  timeoutSeconds?: number
  headers?: Readonly<Record<string, string>>
  removeHeaders?: readonly string[]
  /** Null takes the credential away. */
  credentialId?: string | null
  retries?: number
}

/** The server with the changes made. A PATCH replaces it whole, so everything else of it is kept. */
export function changedServer(server: JsonObject, changes: ServerChanges): JsonObject {
  const { secret, ...rest } = server as Record<string, Json>
  const result: Record<string, Json> = { ...rest }
  if (changes.url !== undefined) result.url = changes.url
  if (changes.timeoutSeconds !== undefined) result.timeoutSeconds = changes.timeoutSeconds
  if (typeof changes.credentialId === 'string') result.credentialId = changes.credentialId
  if (changes.credentialId === null) delete result.credentialId
  const headers = changedHeaders(isObject(server.headers) ? server.headers : {}, changes)
  // The API has no field for the old secret any more; as a header it still reaches the server.
  if (typeof secret === 'string' && secret !== '' && !hasHeader(headers, 'x-vapi-secret'))
    headers['X-Vapi-Secret'] = secret
  if (Object.keys(headers).length > 0) result.headers = headers
  else delete result.headers
  if (changes.retries !== undefined) {
    const before = isObject(server.backoffPlan) ? server.backoffPlan : { type: 'fixed', baseDelaySeconds: 1 }
    if (changes.retries === 0) delete result.backoffPlan
    else result.backoffPlan = { ...before, maxRetries: changes.retries }
  }
  return result
}

function changedHeaders(headers: JsonObject, changes: ServerChanges): Record<string, Json> {
  const removed = [...(changes.removeHeaders ?? []), ...Object.keys(changes.headers ?? {})].map(name =>
    name.toLowerCase(),
  )
  const kept = Object.entries(headers).filter(([name]) => !removed.includes(name.toLowerCase()))
  return { ...Object.fromEntries(kept), ...changes.headers }
}

function hasHeader(headers: JsonObject, name: string): boolean {
  return Object.keys(headers).some(candidate => candidate.toLowerCase() === name)
}

/**
 * The body of the PATCH that sets an owner's server (null takes it away). The API tells the shapes of phone numbers and
 * tools apart by `provider` and `type`, so they go along.
 */
export function serverPatch(kind: OwnerKind, owner: JsonObject, server: JsonObject | null): JsonObject {
  const patch: Record<string, Json> = { server }
  if (kind === 'phone' && typeof owner.provider === 'string') patch.provider = owner.provider
  if (kind === 'tool' && typeof owner.type === 'string') patch.type = owner.type
  // A server in the older form would come to light again.
  for (const name of ['serverUrl', 'serverUrlSecret'])
    if (owner[name] !== undefined && owner[name] !== null) patch[name] = null
  return patch
}
