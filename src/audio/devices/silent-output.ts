import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Cancel, Clock } from '../../engine/ports/clock.ts'
import type { OutputDevice, OutputSource } from './output-device.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
const FRAME_MS = FRAME_SAMPLES / SAMPLES_PER_MS

/**
 * A device without sound that keeps the time of `clock`: it pulls 20 ms every 20 ms and reports what time has
 * played. It does not drift: pulls that a stall delayed are made up for. For `--out none`, files and tests.
 */
export function createSilentOutput(options: { clock: Clock }): OutputDevice {
  const { clock } = options
  let source: OutputSource | undefined
  let cancel: Cancel = () => {}
  /** Playing began, or went on after a drop, at `sinceMs` with `base` samples played before it. */
  let sinceMs = 0
  let base = 0
  let pulled = 0

  const playedNow = () => Math.min(pulled, base + Math.floor((clock.now() - sinceMs) * SAMPLES_PER_MS))
  const dueMs = () => sinceMs + ((pulled - base) / FRAME_SAMPLES) * FRAME_MS

  function tick(): void {
    while (source && dueMs() <= clock.now()) {
      if (pulled > base) source.played(pulled)
      source?.pull(FRAME_SAMPLES)
      pulled += FRAME_SAMPLES
    }
    if (source) cancel = clock.at(dueMs(), tick)
  }

  /** Pulls from now on, but not before the caller has gone on. */
  function start(): void {
    cancel()
    sinceMs = clock.now()
    base = pulled
    cancel = clock.at(sinceMs, tick)
  }

  return {
    name: 'no sound',
    async open(to) {
      source = to
      start()
    },
    async drop() {
      const played = playedNow()
      pulled = played
      start()
      return played
    },
    async close() {
      cancel()
      source = undefined
    },
  }
}
