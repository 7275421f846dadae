import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { isObject } from '../../is-object.ts'

/** Old objects may grow by so many percent before the engine looks through them again: memory stays flat. */
const CALM_PERCENT = 40
/** The same while large bodies come one upon the other. */
const BUSY_PERCENT = 400
/** So many times within a second is too often. */
const OFTEN = 3
const OFTEN_MS = 1000
const BUSY_MS = 30_000

/**
 * Gives the engine room for bodies while it needs it. It counts the bytes of buffers that are about to be thrown away to its
 * old objects, of which a listener has few: with many large bodies it would look through all of these with every hundred
 * events of 200 kB, which costs a third of the relaying, and with the journal half of it. Returns how to end it.
 */
export function makeRoomForBodies(): () => void {
  let recentMs: number[] = []
  let calm: NodeJS.Timeout | undefined
  const allow = (percent: number) => setFlagsFromString(`--heap-growing-percent=${percent}`)
  const observer = new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (!isWhole(entry)) continue
      const { startTime } = entry
      recentMs = [...recentMs.filter(ms => startTime - ms < OFTEN_MS), startTime]
      if (recentMs.length < OFTEN || calm !== undefined) continue
      allow(BUSY_PERCENT)
      calm = setTimeout(() => {
        calm = undefined
        allow(CALM_PERCENT)
      }, BUSY_MS).unref()
    }
  })
  allow(CALM_PERCENT)
  observer.observe({ entryTypes: ['gc'] })
  return () => {
    observer.disconnect()
    clearTimeout(calm)
  }
}

/** The collection went through all objects, not only the young ones. */
function isWhole(entry: PerformanceEntry & { detail?: unknown }): boolean {
  return isObject(entry.detail) && entry.detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
