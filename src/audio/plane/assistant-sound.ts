import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** What was played is kept so long: 2 s. */
const KEPT_SAMPLES = 2 * SAMPLE_RATE
/** Devices confirm late by at most so much: half a second. */
const MAXIMUM_LAG_SAMPLES = SAMPLE_RATE / 2

/** What the assistant says at each moment of the call, for those who listen to both sides. */
export interface AssistantSound {
  /** Takes what left the device, by sample since the call began. */
  played(samples: Int16Array, atSample: number): void
  /** The 20 ms from this moment on, in milliseconds since the call began; to be asked in order. */
  during(audioMs: number): Int16Array
}

/**
 * Puts what the device plays beside the customer's frames, without cutting it: a device that confirms late, or frames that
 * leave a moment out, make this side later by as much, up to half a second. What is not known yet is silence.
 */
export function createAssistantSound(): AssistantSound {
  const kept = new Int16Array(KEPT_SAMPLES)
  /** Number of the first sample that was played, and of the one after the last. */
  let begin = 0
  let end = 0
  /** The first that was asked for, and the one to give next. */
  let first: number | null = null
  let next: number | null = null
  return {
    played(samples, atSample) {
      if (end === 0) begin = atSample
      // What a device leaves out was silence.
      for (let at = Math.max(end, atSample - KEPT_SAMPLES); at < atSample; at++) kept[at % KEPT_SAMPLES] = 0
      for (const [index, sample] of samples.entries()) kept[(atSample + index) % KEPT_SAMPLES] = sample
      end = Math.max(end, atSample + samples.length)
    },
    during(audioMs) {
      const frame = new Int16Array(FRAME_SAMPLES)
      const now = Math.round(audioMs * SAMPLES_PER_MS)
      first ??= now
      if (end === 0) return frame
      next = Math.min(Math.max(next ?? Math.max(begin, first), now - MAXIMUM_LAG_SAMPLES), now)
      next = Math.max(next, end - KEPT_SAMPLES)
      const count = Math.min(FRAME_SAMPLES, Math.max(0, end - next))
      for (let index = 0; index < count; index++)
        if (next + index >= begin) frame[index] = kept[(next + index) % KEPT_SAMPLES] ?? 0
      next += count
      return frame
    },
  }
}
