/** Is a request from somebody who knows the secret? The other side of `messages/sign.ts`; compares in constant time. */

import { createHmac } from 'node:crypto'
import { usageError } from '../errors.ts'
import {
  type HmacPlan,
  hmacAlgorithms,
  type PayloadValues,
  placeholdersOf,
  type ServerAuth,
  signatureOf,
} from '../messages/sign.ts'
import { isSameText } from '../same-text.ts'

/** A request as it came in. */
export interface ReceivedRequest {
  method: string
  /** Path and query as they were asked for. */
  requested: string
  /** Names and values in turn. */
  rawHeaders: readonly string[]
  /** Any bytes; exactly those that came. */
  body: Buffer
}

export interface VerifyOptions {
  /** When it came, in milliseconds since 1970; null where that is not known: its age is then not looked at. */
  nowMs: number | null
  /** By how much a timestamp may be older or newer; 5 minutes unless set. */
  toleranceMs?: number
  /** Where the sender thinks that it posts to, for `{url}` in a payload format; guessed from the headers unless set. */
  url?: string
}

const TOLERANCE_MS = 5 * 60_000
const KNOWN_PLACEHOLDERS = ['timestamp', 'body', 'method', 'url', 'svix-id']
/** The header of old pages: the secret itself, or `sha256=` and the HMAC of the body (vapi-api.md 3.5). */
const OLD_HEADER = 'x-vapi-signature'
/** Larger bodies are not tried with other settings when a signature differs. */
const EXPLAINED_BYTES = 65_536

/**
 * Throws a usage error where nothing can be verified by these expectations: nothing or an empty secret is expected, or
 * the plan signs what it does not send.
 */
export function requireVerifiable(auth: ServerAuth): void {
  const secrets = [auth.secret, auth.bearer?.token, auth.hmac?.secretKey].filter(text => text !== undefined)
  if (secrets.length === 0)
    throw usageError('nothing says what the sender must know', 'give --secret, --bearer or --hmac')
  if (secrets.includes('')) throw usageError('an empty secret proves nothing')
  if (auth.hmac === undefined) return
  const used = placeholdersOf(auth.hmac)
  const strange = used.find(name => !KNOWN_PLACEHOLDERS.includes(name))
  if (strange !== undefined)
    throw usageError(
      `the payload format has an unknown placeholder {${strange}}`,
      `known are ${KNOWN_PLACEHOLDERS.map(name => `{${name}}`).join(', ')}`,
    )
  if (used.includes('timestamp') && auth.hmac.includeTimestamp === false)
    throw usageError(
      'the plan signs {timestamp} and does not send it (includeTimestamp is false): nobody can verify that',
    )
  if (!used.includes('body'))
    throw usageError('the payload format has no {body}: a signature would fit every message')
}

/**
 * Checks a request against all that is expected of it, each of which must hold. Null: it is from somebody who knows the
 * secrets; else what is wrong, in words without secrets.
 */
export function verifyRequest(
  request: ReceivedRequest,
  auth: ServerAuth,
  options: VerifyOptions,
): string | null {
  return (
    (auth.secret === undefined ? null : wrongSecret(request, auth.secret)) ??
    (auth.bearer === undefined ? null : wrongToken(request, auth.bearer)) ??
    (auth.hmac === undefined ? null : wrongSignature(request, auth.hmac, options))
  )
}

function wrongSecret(request: ReceivedRequest, secret: string): string | null {
  const given = headersOf(request, 'x-vapi-secret')
  if (given.length > 0)
    return given.some(value => equal(value, secret)) ? null : 'X-Vapi-Secret has another secret'
  const old = headersOf(request, OLD_HEADER)
  if (old.length === 0) return missing(request, 'X-Vapi-Secret')
  return old.some(value => equal(value, secret)) || hasOldSignature(request, secret)
    ? null
    : `${OLD_HEADER} fits another secret`
}

function wrongToken(request: ReceivedRequest, bearer: NonNullable<ServerAuth['bearer']>): string | null {
  const { token, headerName = 'Authorization', bearerPrefixEnabled = true } = bearer
  const given = headersOf(request, headerName.toLowerCase())
  if (given.length === 0) return missing(request, headerName)
  const tokens = bearerPrefixEnabled
    ? given.flatMap(value => /^bearer +(.*)$/is.exec(value)?.[1] ?? [])
    : given
  if (tokens.length === 0) return `${headerName} does not begin with Bearer`
  return tokens.some(value => equal(value.trim(), token)) ? null : `${headerName} has another token`
}

function wrongSignature(request: ReceivedRequest, plan: HmacPlan, options: VerifyOptions): string | null {
  const name = plan.signatureHeader ?? 'x-signature'
  const given = headersOf(request, name.toLowerCase())
  if (given.length === 0) return hasOldSignature(request, plan.secretKey) ? null : missing(request, name)
  const values = valuesFor(request, plan, options)
  if (typeof values === 'string') return values
  if (!values.some(each => hasSignature(given, plan, each))) {
    const fits = otherPlan(request, given, plan, options)
    const hint = fits === null ? 'another key, or the body was changed on its way' : `it fits with ${fits}`
    return `the signature in ${name} differs: ${hint}`
  }
  return wrongTime(request, plan, options)
}

/** All that a payload may have been made of; a text says what is missing. */
function valuesFor(
  request: ReceivedRequest,
  plan: HmacPlan,
  { url }: VerifyOptions,
): PayloadValues[] | string {
  const { method, body } = request
  const used = placeholdersOf(plan)
  const values: Record<string, string | Buffer> = { method: method.toUpperCase(), body }
  if ((plan.includeTimestamp ?? true) || used.includes('timestamp')) {
    const name = plan.timestampHeader ?? 'x-timestamp'
    const [timestamp] = headersOf(request, name.toLowerCase())
    if (timestamp === undefined) return missing(request, name)
    values.timestamp = timestamp
  }
  if (used.includes('svix-id')) {
    const names = plan.messageIdHeader === undefined ? ['svix-id', 'webhook-id'] : [plan.messageIdHeader]
    const [id] = names.flatMap(name => headersOf(request, name.toLowerCase()))
    if (id === undefined) return missing(request, names[0] ?? '')
    values['svix-id'] = id
  }
  const urls = url !== undefined ? [url] : used.includes('url') ? possibleUrls(request) : ['']
  return urls.map(each => ({ ...values, url: each }))
}

/**
 * What the sender may have signed as its URL. A tunnel ends TLS and may rewrite the host, and an address without a path
 * is asked for with a slash.
 */
function possibleUrls(request: ReceivedRequest): string[] {
  const { requested } = request
  const hosts = ['x-forwarded-host', 'x-original-host', 'host'].flatMap(name => headersOf(request, name))
  const paths = new Set([
    ...headersOf(request, 'x-vapi-original-url'),
    requested,
    requested.replace(/^\/(?=\?|$)/, ''),
  ])
  const absolute = [...new Set(hosts)].flatMap(host =>
    ['https', 'http'].flatMap(scheme => [...paths].map(path => `${scheme}://${host}${path}`)),
  )
  return [...absolute, ...paths]
}

/** Svix sends several signatures in one header, with a space between. */
function hasSignature(given: readonly string[], plan: HmacPlan, values: PayloadValues): boolean {
  const prefix = plan.signaturePrefix ?? ''
  const encoding = plan.signatureEncoding ?? 'hex'
  const wanted = plainSignature(signatureOf(plan, values), encoding)
  let found = false
  for (const text of given.flatMap(value => [value, ...value.split(/\s+/)])) {
    if (!text.startsWith(prefix)) continue
    if (equal(plainSignature(text.slice(prefix.length), encoding), wanted)) found = true
  }
  return found
}

/** Case of hex digits, and the alphabet and padding of base64, do not count. */
function plainSignature(text: string, encoding: 'hex' | 'base64'): string {
  return encoding === 'hex'
    ? text.toLowerCase()
    : text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
}

function hasOldSignature(request: ReceivedRequest, key: string): boolean {
  const wanted = createHmac('sha256', key).update(request.body).digest('hex')
  return headersOf(request, OLD_HEADER).some(value =>
    equal(value.replace(/^sha256=/i, '').toLowerCase(), wanted),
  )
}

/** The timestamp counts in seconds, as in Svix, or in milliseconds: the platform documents no unit. */
function wrongTime(request: ReceivedRequest, plan: HmacPlan, options: VerifyOptions): string | null {
  const { nowMs, toleranceMs = TOLERANCE_MS } = options
  if (plan.includeTimestamp === false || nowMs === null) return null
  const name = plan.timestampHeader ?? 'x-timestamp'
  const [text = ''] = headersOf(request, name.toLowerCase())
  if (!/^\d{1,15}$/.test(text)) return `the timestamp in ${name} is not a number of seconds since 1970`
  const timestampMs = Number(text) > 1e11 ? Number(text) : Number(text) * 1000
  const ageMs = nowMs - timestampMs
  // The header has whole seconds alone.
  if (ageMs > toleranceMs + 999)
    return `the timestamp in ${name} is ${inWords(ageMs)} old, more than ${inWords(toleranceMs)}: sent again by somebody, or a clock is wrong`
  if (-ageMs > toleranceMs)
    return `the timestamp in ${name} is ${inWords(-ageMs)} in the future, more than ${inWords(toleranceMs)}: a clock is wrong`
  return null
}

function inWords(durationMs: number): string {
  const seconds = Math.round(durationMs / 1000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** Which settings the signature would fit, as far as one can guess: most differences are settings and no attack. */
function otherPlan(
  request: ReceivedRequest,
  given: readonly string[],
  plan: HmacPlan,
  options: VerifyOptions,
): string | null {
  if (request.body.length > EXPLAINED_BYTES) return null
  const bare = given.map(value => value.replace(/^[a-z0-9]{1,8}[=,]/i, ''))
  const formats = [plan.payloadFormat, '{timestamp}.{body}', '{body}', '{svix-id}.{timestamp}.{body}']
  for (const payloadFormat of new Set(formats))
    for (const algorithm of hmacAlgorithms)
      for (const signatureEncoding of ['hex', 'base64'] as const)
        for (const secretIsBase64 of [false, true]) {
          const other: HmacPlan = {
            ...plan,
            algorithm,
            signatureEncoding,
            secretIsBase64,
            signaturePrefix: '',
          }
          if (payloadFormat !== undefined) other.payloadFormat = payloadFormat
          const values = valuesFor(request, other, options)
          if (typeof values === 'string') continue
          if (values.some(each => hasSignature([...given, ...bare], other, each)))
            return differencesOf(plan, other, given, bare)
        }
  return null
}

function differencesOf(
  plan: HmacPlan,
  other: HmacPlan,
  given: readonly string[],
  bare: readonly string[],
): string {
  const [first = '', second = ''] = [given[0], bare[0]]
  const prefix = first.slice(0, first.length - second.length)
  const changes = [
    ...((plan.algorithm ?? 'sha256') === other.algorithm ? [] : [`algorithm ${other.algorithm}`]),
    ...((plan.signatureEncoding ?? 'hex') === other.signatureEncoding
      ? []
      : [`signatureEncoding ${other.signatureEncoding}`]),
    ...((plan.secretIsBase64 ?? false) === other.secretIsBase64
      ? []
      : [`secretIsBase64 ${other.secretIsBase64}`]),
    ...(plan.payloadFormat === other.payloadFormat ? [] : [`payloadFormat ${other.payloadFormat}`]),
    ...((plan.signaturePrefix ?? '') === prefix ? [] : [`signaturePrefix "${prefix}"`]),
  ]
  return `${changes.join(' and ') || 'other settings'}: correct --hmac-plan`
}

/**
 * Which parts of a request tell who sent it, by these expectations: names of headers in lower case, and `?` where the
 * values of its query do.
 */
export function provingParts({ secret, bearer, hmac }: ServerAuth): string[] {
  return [
    ...(secret === undefined ? [] : ['x-vapi-secret', OLD_HEADER]),
    ...(bearer === undefined ? [] : [(bearer.headerName ?? 'Authorization').toLowerCase()]),
    ...(hmac === undefined ? [] : [(hmac.signatureHeader ?? 'x-signature').toLowerCase(), OLD_HEADER]),
    ...(hmac !== undefined && placeholdersOf(hmac).includes('url') ? ['?'] : []),
  ]
}

/** Says which headers there are that may be meant. */
function missing(request: ReceivedRequest, name: string): string {
  const found = request.rawHeaders
    .filter((header, place) => place % 2 === 0 && SIGNING.test(header))
    .map(header => header.replace(/[^\x20-\x7e]/g, ''))
  return `the header ${name} is missing${found.length === 0 ? '' : ` (there is ${[...new Set(found)].slice(0, 5).join(', ')})`}`
}

const SIGNING = /signature|secret|authorization|timestamp|svix|webhook-(id|time)|^x-.*token/i

function headersOf({ rawHeaders }: ReceivedRequest, name: string): string[] {
  return rawHeaders.filter((_, place) => place % 2 === 1 && rawHeaders[place - 1]?.toLowerCase() === name)
}

/**
 * In a time that does not depend on where, or by how many characters, they differ. Headers are read as Latin-1; some
 * senders write them in UTF-8.
 */
function equal(given: string, wanted: string): boolean {
  const same = isSameText(given, wanted)
  return isSameText(Buffer.from(given, 'latin1'), wanted) || same
}
