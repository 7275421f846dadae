import type { Cancel, Clock } from '../engine/ports/clock.ts'

/** The longest delay that Node's timers take, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1

/** The wall's pace: milliseconds since the clock was started, whole. */
export function createRealClock(): Clock {
  let originMs: number | null = null
  const now = () => (originMs === null ? 0 : Math.round(performance.now() - originMs))

  function at(atMs: number, action: () => void): Cancel {
    let handle = setTimeout(fire, delay())
    // Node's timers may be up to a millisecond early, and reach no further than LONGEST_MS.
    function fire() {
      if (now() >= atMs) action()
      else handle = setTimeout(fire, delay())
    }
    function delay() {
      return Math.min(LONGEST_MS, Math.max(1, atMs - now()))
    }
    return () => clearTimeout(handle)
  }

  return {
    now,
    at,
    readiness: () => 'open',
    sleep: (durationMs, signal) =>
      new Promise(resolve => {
        if (signal.aborted) return resolve()
        const wake = () => {
          cancel()
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const cancel = at(now() + durationMs, wake)
        signal.addEventListener('abort', wake)
      }),
    hold: () => () => {},
    attach: () => {},
    start: () => {
      originMs ??= performance.now()
    },
    stop: () => {},
  }
}
