import { STATUS_CODES } from 'node:http'
import { asVapiError, Exit, type ExitCode, VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { excerpt } from '../../net/reply.ts'
import { type KeyOrigin, keyAdvice, placeOf } from '../key-origin.ts'
import { withoutKey } from '../provider-error.ts'
import type { ModelVendor } from './vendor.ts'

/** What the errors of one model have in common. */
export interface ModelErrorContext {
  vendor: ModelVendor
  model: string
  baseUrl: string
  key: string | null
  keyOrigin?: KeyOrigin
  /** Further texts that are shown to nobody. */
  secrets?: () => readonly string[]
}

/** What a provider says about an error, wherever in its answer it says it. */
export interface ReportedError {
  message: string
  /** The provider's own name of the error, or empty. */
  code: string
  status: number | null
}

/** Statuses that have a name of their own among the `endedReason` values. */
const STATUS_SUFFIXES: Readonly<Record<number, string>> = {
  400: '400-bad-request-validation-failed',
  401: '401-unauthorized',
  403: '403-model-access-denied',
  429: '429-exceeded-quota',
  500: '500-server-error',
  503: '503-server-overloaded-error',
}

/**
 * The `endedReason` of a failed request: faults of the asking side (4xx) are `vapifault`, of the answering side, the
 * network included, `providerfault`; what has no name of its own is `llm-failed`.
 */
export function modelEndedReason(
  vendor: Pick<ModelVendor, 'endedReasonName' | 'errorSuffixes'>,
  status: number | null,
  code = '',
): string {
  const suffix = vendor.errorSuffixes[code] ?? STATUS_SUFFIXES[status ?? 0] ?? 'llm-failed'
  const fault = suffix.startsWith('4') ? 'vapifault' : 'providerfault'
  return `call.in-progress.error-${fault}-${vendor.endedReasonName}-${suffix}`
}

/** The provider answered with an error status, or sent an error object in a stream. */
export function refusalError(context: ModelErrorContext, reported: ReportedError): VapiError {
  const { vendor } = context
  const { status } = reported
  const named = status === null ? 'an error' : `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const said = reported.message ? `: ${excerpt(withoutKey(reported.message, context), 300)}` : ''
  return new VapiError({
    ...kindOf(context, status),
    message: `${vendor.label} answered ${context.model} with ${named}${said}`,
    status: status ?? undefined,
    endedReason: modelEndedReason(vendor, status, reported.code),
  })
}

/** The answer cannot be understood, or ended too early. */
export function garbageError(context: ModelErrorContext, what: string, hint?: string): VapiError {
  return new VapiError({
    code: 'model-garbage',
    message: `${context.vendor.label} ${withoutKey(what, context)}`,
    retryable: true,
    endedReason: modelEndedReason(context.vendor, null),
    hint: hint ?? `check that ${context.baseUrl} is the base URL of ${context.vendor.speaks}`,
  })
}

/** The provider will not answer this conversation: a filter stopped it. Asking again does not help. */
export function blockedError(context: ModelErrorContext, what: string): VapiError {
  return new VapiError({
    code: 'model-refused',
    message: `${context.vendor.label} ${withoutKey(what, context)}`,
    endedReason: modelEndedReason(context.vendor, null),
    hint: 'look at the conversation and at the instructions, or try another model',
  })
}

/** No token came in time. */
export function lateError(context: ModelErrorContext, what: string): VapiError {
  return new VapiError({
    code: 'model-timeout',
    message: `${context.vendor.label} ${what}`,
    retryable: true,
    endedReason: modelEndedReason(context.vendor, null),
  })
}

/** Anything that was thrown on the way, with the provider's name and an `endedReason`. */
export function modelError(context: ModelErrorContext, thrown: unknown): VapiError {
  const error = asVapiError(thrown)
  if (error.endedReason !== undefined) return error
  const { vendor } = context
  return new VapiError({
    code: error.code,
    message: `${vendor.label} failed: ${withoutKey(error.message, context)}`,
    exit: error.exit,
    retryable: error.retryable,
    status: error.status,
    endedReason: modelEndedReason(vendor, null),
    hint: (error.code === 'connection-refused' && vendor.startHint) || error.hint,
    cause: error,
  })
}

/** Reads the error forms in use: `{error: {message, code}}`, `{error: "…"}`, `{message}`, `{detail}`, plain text. */
export function readReportedError(body: unknown, status: number | null): ReportedError {
  if (typeof body === 'string') return { message: body, code: '', status }
  const outer = isObject(body) ? body : {}
  const error = isObject(outer.error) ? outer.error : outer
  const texts = [error.message, outer.error, outer.message, outer.detail, error.detail]
  const message = texts.find(text => typeof text === 'string') ?? JSON.stringify(body) ?? ''
  const codes = [error.status, error.code, error.status_code].map(Number)
  const reportedStatus = codes.find(code => Number.isInteger(code) && code >= 400 && code < 600)
  return {
    message: String(message),
    code: typeof error.code === 'string' ? error.code : '',
    status: status ?? reportedStatus ?? null,
  }
}

/** The value of a JSON text; undefined where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function kindOf(
  { vendor, model, baseUrl, keyOrigin }: ModelErrorContext,
  status: number | null,
): { code: string; exit?: ExitCode; retryable: boolean; hint?: string } {
  switch (status) {
    case 401:
    case 403:
      return {
        code: status === 401 ? 'model-unauthorized' : 'model-forbidden',
        exit: Exit.notLoggedIn,
        retryable: false,
        hint:
          status === 401
            ? keyAdvice(vendor, keyOrigin)
            : `check that the key in ${keyOrigin === undefined ? vendor.keyVariables[0] : placeOf(keyOrigin)} may use ${model}`,
      }
    case 404:
      return {
        code: 'model-not-found',
        retryable: false,
        hint:
          vendor.id === 'ollama'
            ? `fetch the model: ollama pull ${model}`
            : `check the model's name, and that ${baseUrl} is the right base URL`,
      }
    case 408:
    case 429:
      return { code: status === 429 ? 'model-rate-limited' : 'model-timeout', retryable: true }
  }
  if (status !== null && status >= 300 && status < 400)
    return {
      code: 'model-moved',
      retryable: false,
      hint: `set the base URL to the address that ${baseUrl} names`,
    }
  if (status !== null && status < 500) return { code: 'model-bad-request', retryable: false }
  return { code: 'model-server-error', retryable: true }
}
