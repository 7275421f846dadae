import type { OutputDevice } from '../../audio/devices/output-device.ts'
import { levelDb } from '../../audio/level.ts'
import type { EchoGuard } from '../../audio/plane/echo-guard.ts'
import { createPlayback, type PlayedTap } from '../../audio/plane/playback.ts'
import { joinSamples } from '../../audio/samples.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Cancel, Clock } from '../../engine/ports/clock.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** What is held back for a network that is uneven, at first and at most. */
const FIRST_MARGIN_MS = 60
const LONGEST_MARGIN_MS = 300
const MARGIN_STEP_MS = 40
/** Sound that goes on so soon after it ran dry was late; later it is something new. */
const SAME_SOUND_MS = 600
/** How long is watched whether the sound comes at the pace of the clock and more waits than is needed. */
const WINDOW_MS = 4000
/** Silence quieter than this is left out where too much waits. */
const QUIET_DB = -60
/** So long without a sound is a pause. */
const PAUSE_MS = 400
/** What is louder is a sound. */
const SOUND_DB = -50
/** More sound than this is not kept. */
export const LONGEST_WAITING_MS = 120_000

/** How the assistant's sound came. */
export interface SoundFigures {
  receivedMs: number
  /** Times that it ran dry in the middle, which is heard as a gap. */
  gaps: number
  /** The longest time that the sound was late by, in milliseconds. */
  latestMs: number
  /** What is held back now, beside what the device needs. */
  marginMs: number
  /** Sound that was left out because too much waited. */
  leftOutMs: number
}

/** The assistant's sound on its way to the device. */
export interface Incoming {
  /** Throws VapiError where the device cannot be opened. */
  open(listener: { failed(error: Error): void; warning(message: string): void }): Promise<void>
  take(samples: Int16Array): void
  /** The assistant was interrupted: what waits is not played. */
  interrupt(): void
  /** The same, and what comes is not played either until the next pause. */
  hush(): void
  /** Sound that was not played yet. */
  waitingMs(): number
  figures(): SoundFigures
  close(): Promise<void>
}

/**
 * A play-out buffer. Sound after a silence waits until `aheadMs` (what the device takes at once) and a margin are there, or
 * would be by the clock. Sound that ran dry in the middle goes on as soon as it comes, later than before by as much; the next
 * one waits longer. A server whose clock is faster than the device's
 * loses some of its silence; one that sends faster than it is spoken loses nothing.
 */
export function createIncoming(
  device: OutputDevice,
  aheadMs: number,
  clock: Clock,
  tap: PlayedTap,
  guard: EchoGuard | null = null,
): Incoming {
  const playback = createPlayback(device, tap, null, guard === null ? null : withoutUtterances(guard))
  let utterance = 0
  let held: Int16Array[] | null = []
  let heldMs = 0
  let release: Cancel = () => {}
  /** When what was given to the device will have been played. */
  let endMs = 0
  let excessMs = 0
  /** The last sound that was not played on request; null: all is played. */
  let hushedMs: number | null = null
  let window = { startMs: 0, receivedMs: 0, leastMs: Number.POSITIVE_INFINITY }
  const figures: SoundFigures = {
    receivedMs: 0,
    gaps: 0,
    latestMs: 0,
    marginMs: FIRST_MARGIN_MS,
    leftOutMs: 0,
  }

  const waitingMs = () => playback.bufferedMs() + heldMs

  function append(samples: Int16Array): void {
    const reference = { utteranceId: String(utterance), workId: 'sound' }
    playback.append(reference, { type: 'pcm', samples, sampleRate: SAMPLE_RATE })
    endMs = Math.max(endMs, clock.now()) + samples.length / SAMPLES_PER_MS
  }

  function giveHeld(): void {
    release()
    if (held === null) return
    endMs = clock.now()
    append(joinSamples(held))
    held = null
    heldMs = 0
  }

  function hold(samples: Int16Array): void {
    held ??= []
    const targetMs = aheadMs + figures.marginMs
    if (held.length === 0) release = clock.at(clock.now() + targetMs, giveHeld)
    held.push(samples)
    heldMs += samples.length / SAMPLES_PER_MS
    if (heldMs >= targetMs) giveHeld()
  }

  /** Whether what comes now goes on with what is being played, late or not. */
  function goesOn(): boolean {
    if (held !== null) return false
    // What the device took at once may still be played while nothing more waits here.
    const lateMs = clock.now() - endMs
    if (playback.bufferedMs() > 0 || lateMs <= 0) return true
    if (lateMs > SAME_SOUND_MS) return false
    figures.gaps++
    figures.latestMs = Math.max(figures.latestMs, lateMs)
    figures.marginMs = Math.min(LONGEST_MARGIN_MS, figures.marginMs + MARGIN_STEP_MS)
    return true
  }

  function isHushed(samples: Int16Array): boolean {
    if (hushedMs === null) return false
    const nowMs = clock.now()
    if (nowMs - hushedMs > PAUSE_MS) hushedMs = null
    else if (levelDb(samples) > SOUND_DB) hushedMs = nowMs
    return hushedMs !== null
  }

  function interrupt(): void {
    release()
    held = []
    heldMs = 0
    endMs = 0
    if (playback.bufferedMs() === 0) return
    playback.clear(String(utterance))
    utterance++
    playback.play(String(utterance))
  }

  /** Whether more waits all the time than is needed, while the sound comes at the clock's pace. */
  function watchExcess(lengthMs: number): void {
    const nowMs = clock.now()
    window.receivedMs += lengthMs
    window.leastMs = Math.min(window.leastMs, waitingMs())
    const passedMs = nowMs - window.startMs
    if (passedMs < WINDOW_MS) return
    const pace = window.receivedMs / passedMs
    excessMs = pace > 0.9 && pace < 1.1 ? window.leastMs - figures.marginMs - MARGIN_STEP_MS : 0
    window = { startMs: nowMs, receivedMs: 0, leastMs: Number.POSITIVE_INFINITY }
  }

  return {
    open: async listener => {
      await playback.open({ started: () => {}, drained: () => {}, cleared: () => {}, ...listener })
      playback.play(String(utterance))
    },
    take(samples) {
      const lengthMs = samples.length / SAMPLES_PER_MS
      if (samples.length === 0) return
      figures.receivedMs += lengthMs
      watchExcess(lengthMs)
      if (isHushed(samples)) return
      if (excessMs > 0 && levelDb(samples) < QUIET_DB) {
        excessMs -= lengthMs
        figures.leftOutMs += lengthMs
        return
      }
      const room = Math.max(0, Math.floor((LONGEST_WAITING_MS - waitingMs()) * SAMPLES_PER_MS))
      figures.leftOutMs += Math.max(0, lengthMs - room / SAMPLES_PER_MS)
      const kept = samples.subarray(0, room)
      if (goesOn()) append(kept)
      else hold(kept)
    },
    interrupt,
    hush() {
      hushedMs = clock.now()
      interrupt()
    },
    waitingMs,
    figures: () => ({ ...figures }),
    async close() {
      release()
      await playback.close()
    },
  }
}

/** Nobody knows where an utterance ends in sound that comes over a network: its silences are all that is heard of it. */
function withoutUtterances(guard: EchoGuard): Pick<EchoGuard, 'queued' | 'tell'> {
  return {
    queued: speech => guard.queued(speech),
    tell: event => {
      if (event.type !== 'speaking') guard.tell(event)
    },
  }
}
