import { STATUS_CODES } from 'node:http'
import { asVapiError, Exit, VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import { excerpt } from '../net/reply.ts'
import type { Vendor } from './vendors.ts'

export type Stage = 'transcriber' | 'voice'

/** Whose errors these are. */
export interface ErrorContext {
  vendor: Vendor
  stage: Stage
  key: string | null
}

/** The provider refused: an error status, or an error message in its stream. `said` is what it wrote, without the key. */
export function providerRefusal(context: ErrorContext, status: number | null, said: string): VapiError {
  const { vendor, stage, key } = context
  const named = status === null ? 'an error' : `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const text = key === null ? said : said.replaceAll(key, '***')
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
    retryable: status === null || status >= 500 || status === 429,
    ...(denied && {
      exit: Exit.notLoggedIn,
      hint: `set ${variable} to a key that ${vendor.label} accepts; vapi provider-key test ${vendor.id} tries it`,
    }),
  })
}

/** The provider's answer cannot be understood, came too late or broke off. */
export function providerFailure({ vendor, stage }: ErrorContext, what: string): VapiError {
  return new VapiError({
    code: `${stage}-failed`,
    message: `${vendor.label} ${what}`,
    retryable: true,
  })
}

/** Anything that was thrown on the way to a provider, with its name. */
export function providerError(context: ErrorContext, thrown: unknown): VapiError {
  const error = asVapiError(thrown)
  if (error.code.startsWith(`${context.stage}-`)) return error
  if (error.code === 'socket-refused') return providerRefusal(context, error.status ?? null, error.message)
  return new VapiError({
    code: error.code,
    message: `${context.vendor.label} failed: ${error.message}`,
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
