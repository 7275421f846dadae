import { STATUS_CODES } from 'node:http'
import { asVapiError } from '../errors.ts'
import type { HttpClient } from '../net/http.ts'
import { excerpt } from '../net/reply.ts'
import { type ModelVendor, resolveModelAccess } from './models/vendor.ts'
import { saidBy, withoutKey } from './provider-error.ts'
import { type Access, type Environment, resolveAccess, type Vendor } from './vendors.ts'

/**
 * What came of trying a key: `accepted`; `restricted` (it is known, but may not do what was asked for the trial);
 * `refused`; `failed` (no answer, or one that tells nothing of the key); `untested` (no such request is known).
 */
export type KeyTestOutcome = 'accepted' | 'restricted' | 'refused' | 'failed' | 'untested'

export interface KeyTestResult {
  outcome: KeyTestOutcome
  /** HTTP status of the answer; null where none came. */
  status: number | null
  /** What the vendor wrote, or why no answer came; without the key. Null where it accepted. */
  said: string | null
}

/** Limits of the request, in milliseconds, and of what is read of a refusal, in bytes. */
const LIMITS = { connectMs: 10_000, firstByteMs: 20_000, idleMs: 10_000 }
const LONGEST_ANSWER = 65_536

/** Some answer 400 to a key that they do not know. */
const NAMES_KEY = /api.?key|unauthori[sz]ed|unauthenticated|credential|invalid.{0,12}(token|key)/i
const NAMES_PERMISSION =
  /(missing|insufficient|lacks?|without).{0,24}(permission|scope)|(permission|scope)s? (is |are )?missing/i

/** Makes the vendor's one cheap request with this key. Rejects only with the reason of the signal. */
export async function testKey(
  vendor: Vendor,
  access: Access,
  http: HttpClient,
  signal: AbortSignal,
): Promise<KeyTestResult> {
  if (vendor.keyTest === undefined) return { outcome: 'untested', status: null, said: null }
  const shown = (text: string): string => excerpt(withoutKey(text, access), 300)
  try {
    const reply = await http.request({ limits: LIMITS, ...vendor.keyTest(access), signal })
    const { status } = reply
    if (status >= 200 && status < 300) {
      reply.cancel()
      return { outcome: 'accepted', status, said: null }
    }
    const body = await reply.text(LONGEST_ANSWER).catch(() => '')
    signal.throwIfAborted()
    const said = saidBy(body).trim() || (STATUS_CODES[status] ?? 'nothing')
    return { outcome: judge(status, said), status, said: shown(said) }
  } catch (error) {
    signal.throwIfAborted()
    return { outcome: 'failed', status: null, said: shown(asVapiError(error).message) }
  }
}

function judge(status: number, said: string): KeyTestOutcome {
  if (status === 401 || status === 403) return NAMES_PERMISSION.test(said) ? 'restricted' : 'refused'
  return status === 400 && NAMES_KEY.test(said) ? 'refused' : 'failed'
}

/**
 * Where the vendor is and the key to it, by the environment; `address` in place of a language model's usual one. Throws as
 * `resolveAccess` does.
 */
export function keyAccess(vendor: Vendor, environment: Environment, address?: string): Access {
  return isModelVendor(vendor)
    ? resolveModelAccess(vendor, environment, address)
    : resolveAccess(vendor, environment)
}

/** Its row stands with the adapters of language models, whose addresses have rules of their own. */
export function isModelVendor(vendor: Vendor): vendor is ModelVendor {
  return 'endedReasonName' in vendor
}
