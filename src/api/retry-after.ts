/**
 * How long the server asks us to wait, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110), or on 429
 * `X-RateLimit-Reset` in seconds (from now, or since 1970). Null where it does not say. `now`, in epoch milliseconds, counts
 * where the server does not tell its own time: this machine's clock may be wrong.
 */
export function retryDelayOf(
  headers: Readonly<Record<string, string | undefined>>,
  status: number,
  now: number,
): number | null {
  const told = Date.parse(headers.date ?? '')
  const serverNow = Number.isNaN(told) ? now : told
  const after = headers['retry-after']?.trim()
  if (after) {
    if (/^\d+(\.\d+)?$/.test(after)) return Number(after) * 1000
    const at = Date.parse(after)
    if (!Number.isNaN(at)) return Math.max(0, at - serverNow)
  }
  const reset = status === 429 ? headers['x-ratelimit-reset']?.trim() : undefined
  if (!reset || !/^\d+(\.\d+)?$/.test(reset)) return null
  const seconds = Number(reset)
  return seconds < SECONDS_OF_2001 ? seconds * 1000 : Math.max(0, seconds * 1000 - serverNow)
}

/** Anything beyond is a moment and not a duration. */
const SECONDS_OF_2001 = 1_000_000_000
