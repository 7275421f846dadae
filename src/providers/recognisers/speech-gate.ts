import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
/** Sound before a start of speech that a recogniser gets: soft first consonants lie before the edge. */
const PRE_ROLL_MS = 300
/** Starts are learned late; older frames than this are not needed again. */
const MEMORY_MS = 1000
/**
 * Quiet that ends a stretch of speech. Voice activity tells of shorter quiet, also between two words, and of a new
 * start some 100 ms late; words that are recognised one by one are recognised badly.
 */
const SETTLED_QUIET_MS = 300
/** Words fade out after the edge; later sound is background only. */
const FADE_OUT_MS = 60
const BACKGROUND_MS = 200

export interface SpeechGateListener {
  /** A frame of speech, or of the short while before and after it. Frames of one stretch are gapless. */
  speech(frame: AudioFrame): void
  /**
   * The stretch is over.
   * @param audioMs When the speech in it ended.
   * @param background Sound after the speech, up to 200 ms; empty where none is known.
   */
  ended(audioMs: number, background: Int16Array): void
}

/** Takes frames and speech edges as a `Transcriber` gets them. */
export interface SpeechGate {
  push(frame: AudioFrame): void
  speech(edge: 'started' | 'stopped', audioMs: number): void
  /** Ends a stretch that is under way. */
  close(): void
}

/** Cuts gapless frames into stretches of speech, with 300 ms before and after them, for a recogniser. */
export function createSpeechGate(listener: SpeechGateListener): SpeechGate {
  const memory: AudioFrame[] = []
  let open = false
  let stoppedMs: number | undefined
  /** End of the last frame that the listener got. */
  let givenUntilMs = Number.NEGATIVE_INFINITY

  return {
    push(frame) {
      memory.push(frame)
      if (memory.length * FRAME_MS > MEMORY_MS) memory.shift()
      if (!open) return
      give(frame)
      if (stoppedMs !== undefined && givenUntilMs - stoppedMs >= SETTLED_QUIET_MS) end(stoppedMs)
    },
    speech(edge, audioMs) {
      if (edge === 'stopped') {
        if (open) stoppedMs = audioMs
        return
      }
      stoppedMs = undefined
      if (open) return
      open = true
      for (const frame of memory) if (frame.audioMs >= audioMs - PRE_ROLL_MS) give(frame)
    },
    close() {
      if (open) end(stoppedMs ?? givenUntilMs)
    },
  }

  function give(frame: AudioFrame): void {
    if (frame.audioMs < givenUntilMs) return
    givenUntilMs = frame.audioMs + FRAME_MS
    listener.speech(frame)
  }

  function end(audioMs: number): void {
    open = false
    stoppedMs = undefined
    const frames = memory
      .filter(frame => frame.audioMs >= audioMs + FADE_OUT_MS)
      .slice(-BACKGROUND_MS / FRAME_MS)
    const background = new Int16Array(frames.length * FRAME_SAMPLES)
    for (const [index, frame] of frames.entries()) background.set(frame.samples, index * FRAME_SAMPLES)
    listener.ended(audioMs, background)
  }
}
