import type { Ora } from 'ora'
import { formatBytes, formatDuration, type Pace, PaceMeter } from './rate.ts'
import type { Streams } from './streams.ts'
import { cut, printable } from './table.ts'

/** A line that shows that something is going on; nothing of it stays on the screen. */
export interface ProgressLine {
  /** Until `stop`. */
  readonly isOpen: boolean
  /** Says something else than at the start. */
  say(text: string): void
  /** How far it is; makes the line a bar. */
  update(progress: { done: number; total?: number }): void
  /** Takes the line off the screen. May be called again. */
  stop(): void
}

export interface ProgressOptions {
  text: string
  /** What `update` counts. */
  unit?: 'bytes' | 'items'
  /** False where nothing is shown: `--quiet`. */
  shown: boolean
  colour: boolean
}

/** Waits that are over sooner show nothing. */
const SHOWN_AFTER_MS = 400
const REDRAWN_EVERY_MS = 80
const LONGEST_BAR = 20
const SHORTEST_BAR = 5

/**
 * Shows a spinner on stderr while something takes longer than 0.4 s, and a bar once `update` tells how far it is.
 * Shows nothing unless stderr is a terminal that can draw a line anew. The spinner's library is loaded when it is first seen.
 */
export function createProgress(streams: Streams, options: ProgressOptions): ProgressLine {
  if (!options.shown || !streams.stderrIsTerminal || streams.canRedraw === false)
    return { isOpen: false, say() {}, update() {}, stop() {} }
  const { unit = 'items', colour } = options
  const meter = new PaceMeter()
  let text = options.text
  let pace: Pace | null = null
  let spinner: Ora | null = null
  let stopped = false
  let drawnAtMs = Number.NEGATIVE_INFINITY

  const line = () => {
    // The spinner takes two columns, and the last one stays free: a line that fills the terminal may wrap.
    const room = streams.columns() - 3
    const said = printable(text)
    const whole = pace === null ? said : `${said}  ${renderPace(pace, unit, room - said.length - 2)}`
    return cut(whole, room, part => part.length)
  }
  const show = async () => {
    const { default: ora } = await import('ora')
    if (stopped) return
    spinner = ora({
      text: line(),
      stream: streams.stderr as NodeJS.WriteStream,
      isEnabled: true,
      discardStdin: false,
      color: colour ? 'cyan' : false,
    }).start()
  }
  const timer = setTimeout(() => void show(), SHOWN_AFTER_MS)
  timer.unref()

  return {
    get isOpen() {
      return !stopped
    },
    say(next) {
      text = next
      if (spinner !== null) spinner.text = line()
    },
    update({ done, total }) {
      const nowMs = performance.now()
      pace = meter.measure(done, total, nowMs)
      if (spinner === null || nowMs - drawnAtMs < REDRAWN_EVERY_MS) return
      drawnAtMs = nowMs
      spinner.text = line()
    },
    stop() {
      if (stopped) return
      stopped = true
      clearTimeout(timer)
      spinner?.stop()
    },
  }
}

/**
 * `███████░░░░░  45 %  12.3 MB of 27.0 MB  3.1 MB/s  5 s left`; what is not known is left out, and the bar is as
 * long as the room (in columns) allows.
 */
export function renderPace(pace: Pace, unit: 'bytes' | 'items', room: number): string {
  const { done, total, perSecond, secondsLeft } = pace
  const amount = unit === 'bytes' ? formatBytes : (count: number) => String(Math.round(count))
  const rate = (value: number) =>
    unit === 'bytes' ? `${formatBytes(value)}/s` : `${value.toFixed(value < 10 ? 1 : 0)}/s`
  const share = total === null || total <= 0 ? null : Math.min(1, done / total)
  const words = [
    ...(share === null ? [] : [`${Math.floor(share * 100)} %`]),
    total === null ? amount(done) : `${amount(done)} of ${amount(total)}`,
    ...(perSecond !== null && perSecond > 0 ? [rate(perSecond)] : []),
    ...(secondsLeft === null ? [] : [`${formatDuration(secondsLeft)} left`]),
  ].join('  ')
  const width = Math.min(LONGEST_BAR, room - words.length - 2)
  if (share === null || width < SHORTEST_BAR) return words
  const full = Math.floor(share * width)
  return `${'█'.repeat(full)}${'░'.repeat(width - full)}  ${words}`
}
