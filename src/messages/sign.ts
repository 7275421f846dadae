import { createHmac } from 'node:crypto'
import { usageError } from '../errors.ts'

export const hmacAlgorithms = ['sha256', 'sha512', 'sha1'] as const
export type HmacAlgorithm = (typeof hmacAlgorithms)[number]

/** The `hmac` authentication plan of a credential (vapi-api.md 3.5); what is absent has its default. */
export interface HmacPlan {
  secretKey: string
  /** `sha256` unless set. */
  algorithm?: HmacAlgorithm
  /** `x-signature` unless set. */
  signatureHeader?: string
  /** `x-timestamp` unless set. */
  timestampHeader?: string
  /** Put before the signature: `sha256=`. */
  signaturePrefix?: string
  /** True unless set. Without it no header with the time is sent. */
  includeTimestamp?: boolean
  /** `{timestamp}.{body}` unless set (`{body}` without a timestamp); also `{method}`, `{url}` and `{svix-id}`. */
  payloadFormat?: string
  /** Header of the message's id, as Svix has it; none unless set. */
  messageIdHeader?: string
  /** `hex` unless set. */
  signatureEncoding?: 'hex' | 'base64'
  /** False unless set: the key is the bytes of its text. */
  secretIsBase64?: boolean
}

/** What is signed. */
export interface SignedRequest {
  method: string
  url: string
  /** Exactly what is sent. */
  body: string | Uint8Array
  nowMs: number
  /** Value of `{svix-id}` and of `messageIdHeader`. */
  messageId: string
}

/**
 * The headers that sign a request. The timestamp is in seconds since 1970, as in Svix; the platform documents no unit.
 * Throws a usage error for a placeholder that the plan's format does not have.
 */
export function signRequest(plan: HmacPlan, request: SignedRequest): Record<string, string> {
  const includeTimestamp = plan.includeTimestamp ?? true
  const timestamp = String(Math.floor(request.nowMs / 1000))
  const { body, method, url, messageId } = request
  const signature = signatureOf(plan, { timestamp, body, method, url, 'svix-id': messageId })
  return {
    [plan.signatureHeader ?? 'x-signature']: `${plan.signaturePrefix ?? ''}${signature}`,
    ...(includeTimestamp && { [plan.timestampHeader ?? 'x-timestamp']: timestamp }),
    ...(plan.messageIdHeader !== undefined && { [plan.messageIdHeader]: request.messageId }),
  }
}

/** What the placeholders of a payload format stand for. */
export type PayloadValues = Readonly<Record<string, string | Uint8Array>>

/** The format that counts: `{body}` alone where no time goes along. */
export function payloadFormatOf({ payloadFormat, includeTimestamp = true }: Partial<HmacPlan>): string {
  return payloadFormat ?? (includeTimestamp ? '{timestamp}.{body}' : '{body}')
}

/** Names of the placeholders in a plan's format. */
export function placeholdersOf(plan: Partial<HmacPlan>): string[] {
  return payloadFormatOf(plan)
    .split(PLACEHOLDER)
    .filter((_, place) => place % 2 === 1)
}

/** Splits a format into texts and, between them, names. What a value brings along is never taken for a placeholder. */
const PLACEHOLDER = /\{([a-z-]+)\}/

/**
 * The signature of a payload made of these values, without its prefix. Bodies may be any bytes. Throws a usage error
 * for a placeholder that has no value.
 */
export function signatureOf(plan: HmacPlan, values: PayloadValues): string {
  const key = Buffer.from(plan.secretKey, plan.secretIsBase64 === true ? 'base64' : 'utf8')
  const hmac = createHmac(plan.algorithm ?? 'sha256', key)
  for (const [place, part] of payloadFormatOf(plan).split(PLACEHOLDER).entries()) {
    const value = place % 2 === 0 ? part : Object.hasOwn(values, part) ? values[part] : undefined
    if (value === undefined) throw usageError(`the payload format has an unknown placeholder {${part}}`)
    hmac.update(value)
  }
  return hmac.digest(plan.signatureEncoding ?? 'hex')
}

/** How a server is to know the sender, in the ways that the platform has. */
export interface ServerAuth {
  /** Goes along as `X-Vapi-Secret`. */
  secret?: string
  bearer?: {
    token: string
    /** `Authorization` unless set. */
    headerName?: string
    /** `Bearer ` before the token; true unless set. */
    bearerPrefixEnabled?: boolean
  }
  hmac?: HmacPlan
}

/** The headers of all these ways together. */
export function authHeaders(auth: ServerAuth, request: SignedRequest): Record<string, string> {
  const { secret, bearer, hmac } = auth
  return {
    ...(secret !== undefined && { 'X-Vapi-Secret': secret }),
    ...(bearer !== undefined && {
      [bearer.headerName ?? 'Authorization']:
        `${bearer.bearerPrefixEnabled === false ? '' : 'Bearer '}${bearer.token}`,
    }),
    ...(hmac !== undefined && signRequest(hmac, request)),
  }
}
