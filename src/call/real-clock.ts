import type { Cancel, Clock } from '../engine/ports/clock.ts'

/** The wall's pace: milliseconds since the clock was started, whole. */
export function createRealClock(): Clock {
  let originMs: number | null = null
  const now = () => (originMs === null ? 0 : Math.round(performance.now() - originMs))

  function at(atMs: number, action: () => void): Cancel {
    let handle = setTimeout(fire, Math.max(0, atMs - now()))
    // Node's timers may be up to a millisecond early.
    function fire() {
      if (now() >= atMs) action()
      else handle = setTimeout(fire, 1)
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
