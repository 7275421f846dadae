/** The fields that messages of a call have in common (vapi-api.md 3.1). */
type JsonObject = Record<string, unknown>

/** What is known of a call when a message of it is sent. */
export interface CallFields {
  id: string
  orgId: string
  type: string
  status: string
  createdMs: number
  updatedMs: number
  /** Null before somebody took the call. */
  startedMs: number | null
  /** Further fields as the API has them: `assistantId`, `phoneNumberId`, `monitor`, `endedReason` … */
  more?: JsonObject
}

/** The call as messages carry it. */
export function callObject(fields: CallFields): JsonObject {
  const { id, orgId, type, status, createdMs, updatedMs, startedMs, more } = fields
  return {
    id,
    orgId,
    createdAt: isoTime(createdMs),
    updatedAt: isoTime(updatedMs),
    type,
    status,
    ...(startedMs !== null && { startedAt: isoTime(startedMs) }),
    ...more,
  }
}

export interface EnvelopeParts {
  timestampMs: number
  call: JsonObject
  assistant?: JsonObject | undefined
  customer?: JsonObject | undefined
  phoneNumber?: JsonObject | undefined
  artifact?: JsonObject | undefined
}

/** The common fields; what does not exist is left out. */
export function envelope(parts: EnvelopeParts): JsonObject {
  const { timestampMs, ...others } = parts
  const known = Object.entries(others).filter(([, value]) => value !== undefined)
  return { timestamp: timestampMs, ...Object.fromEntries(known) }
}

/** Names under which configurations keep what no message may carry. */
const SECRETS = new Set(['credentials', 'serverUrlSecret', 'secret', 'apiKey', 'authToken'])

/** A configuration without its keys: headers and secrets of servers, inline credentials. */
export function withoutSecrets(value: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      if (SECRETS.has(name) || (name === 'headers' && typeof value.url === 'string')) return []
      return [[name, cleaned(inner)]]
    }),
  )
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned)
  return typeof value === 'object' && value !== null ? withoutSecrets(value as JsonObject) : value
}

export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
