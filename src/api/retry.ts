import { Exit, VapiError } from '../errors.ts'
import { NetworkError } from '../net/network-error.ts'
import { ApiError } from './errors.ts'

/** Time as retries need it; tests bring their own. */
export interface RetryClock {
  /** Epoch milliseconds. */
  now(): number
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>
}

/** A request is about to be sent again. */
export interface RetryNotice {
  /** The first repetition is 1. */
  retry: number
  /** How many there may be. */
  of: number
  waitMs: number
  error: VapiError
}

export interface RetryPolicy {
  retries: number
  clock: RetryClock
  /** 0 to below 1. */
  random: () => number
  onRetry: ((notice: RetryNotice) => void) | undefined
  signal: AbortSignal | undefined
  /** Repeating the request does no harm, even when it was done already. */
  isSafe: boolean
  /** False where a refused connection is no passing fault: nothing runs on that port of this machine. */
  repeatRefused: boolean
  /** Limit of one try in milliseconds; all time lost to network faults counts against it. 0 is none. */
  timeoutMs: number
}

const FIRST_WAIT_MS = 500
const MAXIMUM_WAIT_MS = 8000
/** A server that wants us to wait longer than this gets an error instead: nobody sits before a terminal that long. */
export const MAXIMUM_SERVER_WAIT_MS = 60_000
const PASSING_STATUS = [429, 502, 503, 504]

/**
 * Runs `attempt` until it succeeds or repeating it makes no sense. `attempt` gets the limit of this try. A request that
 * changes something is repeated only where it cannot have been done: it was never sent, or refused with 429. That holds
 * for PATCH, PUT and DELETE too, although they are idempotent by HTTP: a second PATCH or PUT makes another version of an
 * assistant, and a second DELETE would report a thing as missing that the first one deleted.
 */
export async function withRetries<T>(
  policy: RetryPolicy,
  attempt: (limitMs: number) => Promise<T>,
): Promise<T> {
  const { retries, clock, random, onRetry, signal, timeoutMs } = policy
  let lostMs = 0
  for (let retry = 1; ; retry++) {
    const startedAt = clock.now()
    try {
      return await attempt(timeoutMs === 0 ? 0 : timeoutMs - lostMs)
    } catch (error) {
      if (!(error instanceof VapiError) || signal?.aborted || error.exit === Exit.interrupted) throw error
      if (!(error instanceof ApiError)) lostMs += Math.max(0, clock.now() - startedAt)
      const isLate = timeoutMs > 0 && lostMs > timeoutMs * 0.9
      const waitMs =
        retry > retries || isLate || !mayRepeat(error, policy) ? null : waitOf(error, retry, random)
      if (waitMs === null) {
        if (retry > 1) error.message += ` (tried ${retry} times)`
        throw error
      }
      onRetry?.({ retry, of: retries, waitMs, error })
      await clock.sleep(waitMs, signal)
    }
  }
}

function mayRepeat(error: VapiError, { isSafe, repeatRefused }: RetryPolicy): boolean {
  if (error instanceof ApiError) {
    const { status = 0 } = error
    return status === 429 || (isSafe && PASSING_STATUS.includes(status))
  }
  if (!(error instanceof NetworkError) || !error.retryable) return false
  if (error.code === 'connection-refused' && !repeatRefused) return false
  return isSafe || !error.sent
}

/** Null where the server asks for more patience than we have. */
function waitOf(error: VapiError, retry: number, random: () => number): number | null {
  const asked = error instanceof ApiError ? error.retryAfterMs : null
  // A little more than asked for, so that parallel requests do not come back at the same moment.
  if (asked !== null) return asked > MAXIMUM_SERVER_WAIT_MS ? null : Math.round(asked * (1 + random() * 0.1))
  const base = Math.min(FIRST_WAIT_MS * 2 ** (retry - 1), MAXIMUM_WAIT_MS)
  return Math.round(base * (0.5 + random() * 0.5))
}
