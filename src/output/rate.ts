/** How far something is, and how fast. */
export interface Pace {
  done: number
  total: number | null
  /** Units a second over the last seconds; null before there is anything to tell it from. */
  perSecond: number | null
  secondsLeft: number | null
}

/** The rate is that of the last five seconds: a stall shows soon, single bursts do not. */
const WINDOW_MS = 5_000
const SAMPLE_EVERY_MS = 100

/** Follows the progress of a download or a batch. What was there at the start (a resumed download) is no work done. */
export class PaceMeter {
  private readonly samples: { atMs: number; done: number }[] = []

  /** `nowMs`: a clock that never goes back, in milliseconds. */
  measure(done: number, total: number | undefined, nowMs: number): Pace {
    const { samples } = this
    if (nowMs - (samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= SAMPLE_EVERY_MS) {
      samples.push({ atMs: nowMs, done })
      while (samples.length > 2 && nowMs - (samples[1]?.atMs ?? 0) >= WINDOW_MS) samples.shift()
    }
    const first = samples[0]
    const elapsedMs = nowMs - (first?.atMs ?? nowMs)
    const perSecond = elapsedMs > 0 ? ((done - (first?.done ?? 0)) * 1000) / elapsedMs : null
    const left = total === undefined ? null : Math.max(0, total - done)
    return {
      done,
      total: total ?? null,
      perSecond,
      secondsLeft: left === null || perSecond === null || perSecond <= 0 ? null : left / perSecond,
    }
  }
}

/** `12.3 MB`. Decimal units, as download pages have them. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}

/** `8 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
