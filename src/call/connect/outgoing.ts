import { levelDb } from '../../audio/level.ts'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Cancel, Clock } from '../../engine/ports/clock.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
const FRAME_MS = FRAME_SAMPLES / SAMPLES_PER_MS
/** A source may be so late before silence is sent in its place. */
const PATIENCE_MS = 60
/** Sound that is so far ahead of the time, after a source made up for a stall, is left out. */
const LONGEST_LEAD_MS = 2000
/** What is quieter may be left out to make up for silence that was put in. */
const QUIET_DB = -50

/** The customer's sound on its way out: never a gap, whatever its source does. */
export interface Outgoing {
  /** Sound of the source, as it comes, and what is sent in its place; dropped before `start`. */
  take(captured: Int16Array, sent?: Int16Array): void
  start(): void
  /** Silence goes out in place of the source's sound, or no more. */
  mute(muted: boolean): void
  stop(): void
}

/**
 * Gives the source's frames on at once. Where it is late, silence keeps the pace of the clock; where it brings that sound
 * after all, as much of its own silence is left out, so that the call does not come to lag behind.
 */
export function createOutgoing(
  clock: Clock,
  give: (sent: Int16Array, captured: Int16Array) => void,
): Outgoing {
  let startMs: number | null = null
  let sent = 0
  /** Silence that was put in, in samples. */
  let owed = 0
  let muted = false
  let cancel: Cancel = () => {}

  const due = (at: number) => (clock.now() - at) * SAMPLES_PER_MS

  function send(captured: Int16Array, samples = captured): void {
    sent += captured.length
    const silence = new Int16Array(captured.length)
    if (muted) give(silence, silence)
    else give(samples, captured)
  }

  function fill(at: number): void {
    while (startMs !== null && due(at) - sent > PATIENCE_MS * SAMPLES_PER_MS) {
      owed += FRAME_SAMPLES
      send(new Int16Array(FRAME_SAMPLES))
    }
  }

  function tick(at: number): void {
    // Sound that arrived while the program was busy comes first.
    setImmediate(fill, at)
    cancel = clock.at(clock.now() + FRAME_MS, () => tick(at))
  }

  return {
    take(captured, samples) {
      if (startMs === null) return
      const lead = sent - due(startMs)
      if (lead > LONGEST_LEAD_MS * SAMPLES_PER_MS) return
      if (owed > 0 && lead > 0 && levelDb(captured) < QUIET_DB) {
        owed -= captured.length
        return
      }
      send(captured, samples)
    },
    start() {
      startMs = clock.now()
      tick(startMs)
    },
    mute: value => {
      muted = value
    },
    stop() {
      startMs = null
      cancel()
    },
  }
}
