/** Time as the call sees it: milliseconds since the call began. The only source of time in `call/`. */
export interface Clock {
  now(): number
  /** Runs `action` once when `atMs` is reached (at once, but never re-entrantly, when it has passed). */
  at(atMs: number, action: () => void): Cancel
  /**
   * Says that work outside the clock's control (a network request, a worker) is under way. A virtual clock does
   * not advance before the returned function was called; a real clock ignores it.
   */
  hold(): () => void
}

export type Cancel = () => void
