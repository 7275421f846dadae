/**
 * What the API answers when it refuses or fails, as one readable error.
 *
 * Exit codes (design.md section 2): a refused key is 4 and a missing thing 5. A body or query that the API's validation
 * refuses is 2, "invalid input", the same as where our own checks find the fault before sending: what must change is
 * what the user gave. Everything else, also a 400 that tells a state (no credit, too many calls), is 1.
 */
import { Exit, VapiError, type VapiErrorDetails } from '../errors.ts'
import { type HttpReply, sameOrigin } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import { describeBody, type ErrorBody, pathOf, readErrorBody } from './error-body.ts'
import { retryDelayOf } from './retry-after.ts'

/** A status from 300 on. */
export class ApiError extends VapiError {
  /** How long the server wants us to wait, in milliseconds; null where it does not say. */
  readonly retryAfterMs: number | null

  constructor(details: VapiErrorDetails, retryAfterMs: number | null = null) {
    super(details)
    this.retryAfterMs = retryAfterMs
  }
}

/** What an error's text needs to know about the request. */
export interface ErrorContext {
  /** `GET /assistant/1`, without the query. */
  request: string
  /** The origin of the base URL; empty where the request did not go to the API. */
  origin: string
  key: string
  /** The key in words that tell where it comes from: `the key in VAPI_API_KEY`. */
  keyLabel: string | undefined
  /** Epoch milliseconds. */
  now: number
}

const MAXIMUM_ERROR_BYTES = 65_536

/** Reads the reply's body, as far as it is of use, and makes the error of its status. */
export async function errorFromReply(reply: HttpReply, context: ErrorContext): Promise<ApiError> {
  const { status, headers } = reply
  // A body that cannot be read must not hide the status. Masked before it is cut, so that no half of a key stays.
  const text = withoutKey(await reply.text(MAXIMUM_ERROR_BYTES).catch(() => ''), context.key)
  const retryAfterMs = retryDelayOf(headers, status, context.now)
  const answered = new URL(reply.url)
  const isApi = context.origin !== '' && sameOrigin(new URL(context.origin), answered)
  const details = isApi
    ? detailsOf(status, readErrorBody(text), headers, context)
    : elsewhere(status, answered.origin, context)
  const message = withoutKey(details.message, context.key)
  const hint = details.hint === undefined ? undefined : withoutKey(details.hint, context.key)
  return new ApiError({ ...details, message, hint, status }, retryAfterMs)
}

/** The text without the key, in whatever form a server may have echoed it. */
export function withoutKey(text: string, key: string): string {
  const forms = new Set([key, encodeURIComponent(key), JSON.stringify(key).slice(1, -1)])
  let masked = text
  for (const form of forms) if (form !== '') masked = masked.replaceAll(form, '***')
  return masked.replace(/\bBearer\s+(?!\*{3})[^\s"',;]+/gi, 'Bearer ***')
}

function detailsOf(
  status: number,
  body: ErrorBody,
  headers: HttpReply['headers'],
  context: ErrorContext,
): VapiErrorDetails {
  const said = describeBody(body)
  const because = said === '' ? '' : `: ${said}`
  const { keyLabel = 'the key' } = context
  switch (status) {
    case 401:
      return {
        code: 'key-refused',
        message: `the API refused ${keyLabel}${because}`,
        exit: Exit.notLoggedIn,
        hint: 'vapi login, or check where the key comes from with: vapi auth status',
      }
    case 403:
      return {
        code: 'forbidden',
        message: `${keyLabel} may not do this${because}`,
        exit: Exit.notLoggedIn,
        hint: 'use a private key of this organisation (a public one reaches web calls only): vapi auth status',
      }
    case 402:
      return {
        code: 'payment-required',
        message: `the organisation cannot pay for this${because}`,
        hint: PAYMENT_HINTS[body.reason ?? ''] ?? 'look at the billing page of the dashboard',
      }
    case 404:
      return missing(said, context)
    case 400:
    case 422:
      return refused(status, body, said, context)
    case 409:
      return conflict(body, said)
    case 413:
      return { code: 'too-large', message: `what was sent is too large for the API${because}` }
    case 429:
      return {
        code: 'rate-limited',
        message: `the API takes no more requests for the moment${because}`,
        retryable: true,
        hint: 'wait a while, or send fewer requests at once',
      }
  }
  if (status < 400)
    return {
      code: 'redirected',
      message: `${context.request} is sent elsewhere (${status}): ${originOf(headers.location)}`,
      hint: 'check the address of the API: --base-url, VAPI_API_BASE_URL',
    }
  if (status >= 500)
    return {
      code: status === 504 ? 'api-timeout' : 'api-failed',
      message: `the API failed on ${context.request} (${status})${because}`,
      retryable: true,
      hint: 'try again in a while; if it goes on, see status.vapi.ai',
    }
  return { code: 'api-error', message: `the API refused ${context.request} (${status})${because}` }
}

const PAYMENT_HINTS: Readonly<Record<string, string>> = {
  wallet_missing: 'set up billing on the dashboard',
  subscription_frozen: 'the subscription is frozen: settle it on the billing page of the dashboard',
  payment_method_missing: 'add a payment method on the billing page of the dashboard',
  insufficient_credits: 'add credits on the billing page of the dashboard',
  billing_limit: 'raise the billing limit on the billing page of the dashboard',
  initial_payment_missing: 'complete the first payment on the billing page of the dashboard',
}

function missing(said: string, { request, origin }: ErrorContext): VapiErrorDetails {
  // The API's framework answers so for a path that it does not know at all.
  if (/^Cannot (GET|POST|PUT|PATCH|DELETE) \//.test(said))
    return {
      code: 'no-endpoint',
      message: `${origin} has no endpoint ${request}`,
      exit: Exit.notFound,
      hint: 'check the path, and the address of the API (--base-url, VAPI_API_BASE_URL)',
    }
  return {
    code: 'not-found',
    message: `${request}: not found in this organisation${said === '' ? '' : `: ${said}`}`,
    exit: Exit.notFound,
    hint: 'check the id, and that the right account is in use: vapi auth status',
  }
}

function refused(status: number, body: ErrorBody, said: string, { request }: ErrorContext): VapiErrorDetails {
  if (/concurrency limit/i.test(said))
    return {
      code: 'concurrency-limit',
      message: 'the organisation has as many calls running as it may have',
      retryable: true,
      hint: 'wait until a call ends (vapi call list), or raise the limit on the dashboard',
    }
  const isInvalid = body.isList || status === 422 || body.messages.some(message => pathOf(message) !== null)
  return {
    code: isInvalid ? 'invalid-request' : 'refused',
    message: `the API refused ${request}: ${said || `status ${status} without a reason`}`,
    exit: isInvalid ? Exit.usage : Exit.failed,
    hint: isInvalid ? 'correct these fields and send it again' : undefined,
  }
}

function conflict(body: ErrorBody, said: string): VapiErrorDetails {
  if (body.existingDraftId !== null)
    return {
      code: 'draft-conflict',
      message: `a draft stands in the way (${body.existingDraftId})${said === '' ? '' : `: ${said}`}`,
      hint: 'publish or discard that draft on the dashboard first',
    }
  const isPinned = body.error === 'assistant_pinned' || body.error === 'version_pinned'
  if (isPinned)
    return {
      code: body.error.replace('_', '-'),
      message: `it is in use${body.pinnedBy === '' ? '' : ` by ${body.pinnedBy}`}${said === '' ? '' : `: ${said}`}`,
      hint: 'take it out of what uses it first',
    }
  return { code: 'conflict', message: `this conflicts with the present state: ${said || 'no reason given'}` }
}

/** The API sent us on to another host, which has the file: its answer says nothing about the key. */
function elsewhere(status: number, origin: string, { request }: ErrorContext): VapiErrorDetails {
  if (status === 404 || status === 410)
    return {
      code: 'not-found',
      message: `${request}: the file is not at ${origin} (any more)`,
      exit: Exit.notFound,
      hint: 'artifacts are kept for a limited time',
    }
  return {
    code: status === 416 ? 'range-refused' : 'storage-refused',
    message: `${request}: ${origin} refused to hand over the file (${status})`,
    retryable: status !== 401,
    hint: 'such links are short-lived: try again, and check the clock of this machine',
  }
}

function originOf(location: string | undefined): string {
  if (location === undefined) return 'it does not say where'
  return URL.canParse(location) ? new URL(location).origin : excerpt(location.split('?')[0] ?? '')
}
