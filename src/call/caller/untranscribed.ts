import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Transcriber } from '../../engine/ports/transcriber.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
/** At most this much is kept, in milliseconds. */
const MAXIMUM_MS = 30_000
/** Sound before a start of speech: it is learned late, and soft first consonants lie before it. */
const BEFORE_SPEECH_MS = 1000
/** Speech that ends so soon after the last final transcript has no further words. */
export const FADE_MS = 200

type Kept = { frame: AudioFrame } | { edge: 'started' | 'stopped'; audioMs: number }

/** The customer's sound since the last final transcript, with its speech edges; without speech, only the last second. */
export interface Untranscribed {
  push(frame: AudioFrame): void
  speech(edge: 'started' | 'stopped', audioMs: number): void
  /** A final transcript covers everything up to here. */
  transcribed(untilMs: number): void
  /** Gives it all to a transcriber; the length of the sound in milliseconds. */
  give(transcriber: Transcriber): number
}

export function createUntranscribed(): Untranscribed {
  let kept: Kept[] = []
  /** What is kept begins within speech. */
  let beginsInSpeech = false
  /** Where speech without a transcript begins; null where there is none. */
  let openFromMs: number | null = null

  /** Drops what lies before a moment. An edge that is dropped says what the rest begins with. */
  function drop(untilMs: number): void {
    const isBefore = (item: Kept) =>
      'frame' in item ? item.frame.audioMs + FRAME_MS <= untilMs : item.audioMs <= untilMs
    for (const item of kept) if ('edge' in item && isBefore(item)) beginsInSpeech = item.edge === 'started'
    kept = kept.filter(item => !isBefore(item))
  }

  return {
    push(frame) {
      kept.push({ frame })
      const from = openFromMs === null ? frame.audioMs : openFromMs
      const keptFromMs = Math.max(from - BEFORE_SPEECH_MS, frame.audioMs - MAXIMUM_MS)
      const [head] = kept
      // In pieces of half a second: dropping looks at everything.
      if (head !== undefined && 'frame' in head && head.frame.audioMs < keptFromMs - 500) drop(keptFromMs)
    },
    speech(edge, audioMs) {
      kept.push({ edge, audioMs })
      if (edge === 'started') openFromMs ??= audioMs
      else if (beginsInSpeech && openFromMs !== null && audioMs - openFromMs <= FADE_MS) {
        drop(audioMs)
        openFromMs = null
      }
    },
    transcribed(untilMs) {
      const next = kept.find(item => 'edge' in item && item.audioMs > untilMs)
      const fades =
        next !== undefined && 'edge' in next && next.edge === 'stopped' && next.audioMs - untilMs <= FADE_MS
      const coveredMs = fades ? next.audioMs : untilMs
      drop(coveredMs)
      const start = kept.find(item => 'edge' in item && item.edge === 'started')
      openFromMs = beginsInSpeech ? coveredMs : start !== undefined && 'edge' in start ? start.audioMs : null
    },
    give(transcriber) {
      let frames = 0
      const first = kept.find(item => 'frame' in item)
      if (beginsInSpeech && first !== undefined && 'frame' in first)
        transcriber.speech('started', first.frame.audioMs)
      for (const item of kept) {
        if ('frame' in item) {
          transcriber.push(item.frame)
          frames++
        } else transcriber.speech(item.edge, item.audioMs)
      }
      return frames * FRAME_MS
    },
  }
}
