import { isObject } from '../is-object.ts'
import { type CredentialAuth, readCredential } from './credentials.ts'
import { defaultClientMessages, defaultServerMessages, selectableServerMessages } from './events.ts'
import type { JsonObject } from './reply-findings.ts'
import { DEFAULT_TIMEOUT_SECONDS } from './send.ts'

/** When and how often a message is sent again (API: `server.backoffPlan`). */
export interface RetryPlan {
  type: 'fixed' | 'exponential'
  maxRetries: number
  baseDelayMs: number
  excludedStatusCodes: readonly number[]
}

/** A server that gets messages of a call. */
export interface DeliveryServer {
  url: string
  timeoutMs: number
  headers: Readonly<Record<string, string>>
  auth: CredentialAuth
  /** Null: a message is sent once. */
  retry: RetryPlan | null
}

/** Which messages an assistant sends, and where to. */
export interface DeliveryPlan {
  /** The assistant's own server; null where it has none. */
  server: DeliveryServer | null
  serverMessages: readonly string[]
  clientMessages: readonly string[]
  warnings: string[]
}

/** Situations that a call on this machine never comes to. */
const NOT_HERE = ['phone-call-control']

/**
 * Reads what an assistant's configuration says of its messages (vapi-api.md 3.1, 3.5, 3.6). Its server comes before the
 * phone number's.
 */
export function readDeliveryPlan(assistant: JsonObject, phoneNumber: JsonObject = {}): DeliveryPlan {
  const warnings: string[] = []
  const serverMessages = listOf(assistant.serverMessages) ?? defaultServerMessages
  for (const type of serverMessages) {
    if (NOT_HERE.includes(type)) warnings.push(`serverMessages: ${type} has no effect in a local call`)
    else if (!selectableServerMessages.includes(type))
      warnings.push(`serverMessages: there is no message ${type}`)
  }
  return {
    server: readServer(assistant, warnings) ?? readServer(phoneNumber, warnings),
    serverMessages,
    clientMessages: listOf(assistant.clientMessages) ?? defaultClientMessages,
    warnings,
  }
}

function readServer(assistant: JsonObject, warnings: string[]): DeliveryServer | null {
  const legacy = { url: assistant.serverUrl, secret: assistant.serverUrlSecret }
  const server = isObject(assistant.server) ? assistant.server : legacy
  const { url, timeoutSeconds, secret, headers, credentialId, backoffPlan } = server as JsonObject
  if (typeof url !== 'string' || url === '') return null
  const seconds = typeof timeoutSeconds === 'number' ? timeoutSeconds : DEFAULT_TIMEOUT_SECONDS
  return {
    url,
    timeoutMs: seconds * 1000,
    headers: textsOf(headers),
    auth: {
      ...(typeof secret === 'string' && secret !== '' && { secret }),
      ...(typeof credentialId === 'string' &&
        readCredential(credentialId, assistant.credentials, reason =>
          warnings.push(`server.credentialId ${credentialId} ${reason}; messages are sent without it`),
        )),
    },
    retry: readRetryPlan(backoffPlan),
  }
}

function readRetryPlan(plan: unknown): RetryPlan | null {
  if (!isObject(plan)) return null
  const { type, maxRetries, baseDelaySeconds, excludedStatusCodes } = plan
  const retries = typeof maxRetries === 'number' ? maxRetries : 0
  if (retries === 0) return null
  return {
    type: type === 'exponential' ? 'exponential' : 'fixed',
    maxRetries: retries,
    baseDelayMs: (typeof baseDelaySeconds === 'number' ? baseDelaySeconds : 0) * 1000,
    excludedStatusCodes: (Array.isArray(excludedStatusCodes) ? excludedStatusCodes : []).map(Number),
  }
}

function listOf(value: unknown): string[] | null {
  return Array.isArray(value) ? value.map(String) : null
}

function textsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {}
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))
}
