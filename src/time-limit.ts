/** A signal that aborts with another one or when its time is over. */
export interface TimeLimit {
  signal: AbortSignal
  /** To be called when what was limited is over: stops the timer. */
  release(): void
}

/**
 * Limits the time of something that can be aborted. Not `AbortSignal.any` with `AbortSignal.timeout`: nothing holds
 * that timer, and Node 20 may collect it while somebody waits.
 */
export function timeLimit(signal: AbortSignal, limitMs: number): TimeLimit {
  const limit = new AbortController()
  const abort = () => limit.abort(signal.reason)
  const timer = setTimeout(() => limit.abort(new DOMException('the time is over', 'TimeoutError')), limitMs)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return {
    signal: limit.signal,
    release() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}
