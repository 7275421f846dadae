import { STATUS_CODES } from 'node:http'
import { asVapiError, Exit, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { excerpt } from '../net/reply.ts'
import { isSecretName } from '../net/trace.ts'
import { SocketRefusal } from '../net/web-socket.ts'
import { keyAdvice } from './key-origin.ts'
import type { Vendor } from './vendors.ts'

export type Stage = 'transcriber' | 'voice'

/** Whose errors these are. */
export interface ErrorContext {
  vendor: Vendor
  stage: Stage
  key: string | null
  /** Further texts that are shown to nobody. */
  secrets?: () => readonly string[]
  /** The API's `endedReason` for a refusal, where it has one nearer than that of the stage. `said`: the whole answer. */
  endedReason?: (status: number | null, said: string) => string | undefined
}

/**
 * The provider refused: an error status, or an error message in its stream. `said` is what it wrote; of a body of JSON its
 * sentence is told. It may be asked again where the status says so, unless it is `fatal`.
 */
export function providerRefusal(
  context: ErrorContext,
  status: number | null,
  said: string,
  fatal = false,
): VapiError {
  const { vendor, stage } = context
  const endedReason = context.endedReason?.(status, said)
  const named = status === null ? 'an error' : `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const text = withoutKey(saidBy(said), context)
  const [variable] = vendor.keyVariables
  const denied = status === 401 || status === 403
  return new VapiError({
    code: denied
      ? `${stage}-unauthorized`
      : status === 429
        ? `${stage}-rate-limited`
        : status !== null && status < 500
          ? `${stage}-bad-request`
          : `${stage}-server-error`,
    message: `${vendor.label} answered with ${named}${text === '' ? '' : `: ${excerpt(text, 300)}`}`,
    ...(status !== null && { status }),
    ...(endedReason !== undefined && { endedReason }),
    retryable: !fatal && (status === null || status >= 500 || status === 408 || status === 429),
    ...(denied && {
      exit: Exit.notLoggedIn,
      hint:
        variable === undefined
          ? `look at the credential, secret and headers of ${stage}.server`
          : `${keyAdvice(vendor, vendor.keyOrigin)}; vapi provider-key test ${vendor.id} tries it`,
    }),
  })
}

/** The provider's answer cannot be understood, came too late or broke off. It may be asked again unless that was tried. */
export function providerFailure(context: ErrorContext, what: string, retryable = true): VapiError {
  const { vendor, stage } = context
  return new VapiError({
    code: `${stage}-failed`,
    message: `${vendor.label} ${withoutKey(what, context)}`,
    retryable,
  })
}

/** Anything that was thrown on the way to a provider, with its name. */
export function providerError(context: ErrorContext, thrown: unknown): VapiError {
  if (thrown instanceof SocketRefusal) return providerRefusal(context, thrown.status ?? null, thrown.said)
  const error = asVapiError(thrown)
  if (error.code.startsWith(`${context.stage}-`)) return error
  return new VapiError({
    code: error.code,
    message: `${context.vendor.label} failed: ${withoutKey(error.message, context)}`,
    exit: error.exit,
    retryable: error.retryable,
    ...(error.status !== undefined && { status: error.status }),
    ...(error.hint !== undefined && { hint: error.hint }),
    cause: error,
  })
}

/** The sentence in an error body, in any of the forms in use; else the body. */
export function saidBy(body: string): string {
  try {
    const found = sentenceOf(JSON.parse(body))
    if (found !== null) return found
  } catch {
    // No JSON: as it stands.
  }
  return body
}

function sentenceOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return sentenceOf(value[0])
  if (!isObject(value)) return null
  for (const name of ['message', 'err_msg', 'error', 'detail', 'description', 'reason', 'title', 'msg']) {
    const found = sentenceOf(value[name])
    if (found !== null) return found
  }
  return null
}

/** The text with the key and further secrets masked, also where an excerpt ends within one of them. */
export function withoutKey(text: string, { key, secrets }: Pick<ErrorContext, 'key' | 'secrets'>): string {
  return [key ?? '', ...(secrets?.() ?? [])]
    .filter(secret => secret !== '')
    .reduce((masked, secret) => withoutBeginning(masked.replaceAll(secret, '***'), secret), text)
}

/** So much of a secret, in characters, may be told. */
const HARMLESS = 3

function withoutBeginning(text: string, secret: string): string {
  if (!text.includes('…')) return text
  let masked = text
  for (let length = secret.length - 1; length > HARMLESS; length--)
    masked = masked.replaceAll(`${secret.slice(0, length)}…`, '***…')
  return masked
}

/** What nobody is to see of these headers: the values of those that name a secret, and what follows a scheme in them. */
export function secretsIn(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    isSecretName(name) && value !== '' ? [value, ...value.split(' ').slice(1)] : [],
  )
}
