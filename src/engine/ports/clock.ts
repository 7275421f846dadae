export type Cancel = () => void

/**
 * Whether inputs may be taken now. `delivering`: more of this moment is being handed over. `held`: work outside the
 * clock's control may still give results for this moment, so that timers must wait. A real clock is always `open`.
 */
export type ClockReadiness = 'open' | 'delivering' | 'held'

/** Time as the call sees it: milliseconds since the call began. The only source of time in `call/`. */
export interface Clock {
  now(): number
  readiness(): ClockReadiness
  /** Runs `action` once, when `atMs` is reached; soon, but not before this returns, when it has passed. */
  at(atMs: number, action: () => void): Cancel
  /** Resolves after `durationMs`, or at once when `signal` aborts. To be awaited within held work. */
  sleep(durationMs: number, signal: AbortSignal): Promise<void>
  /**
   * Says that work is under way. A virtual clock does not advance before the returned function was called, except
   * while that work sleeps on it.
   */
  hold(): () => void
  /** Names what is to run when inputs may be taken again after a moment that was not `open`. */
  attach(whenReady: () => void): void
  /** Begins to run. A virtual clock then advances by itself until nothing is left to happen. */
  start(): void
  stop(): void
}
