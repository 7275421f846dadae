import type { AudioFrame } from './audio-input.ts'

/** An edge of the customer's speech. `audioMs` is when it happened; it is learned somewhat later. */
export interface SpeechEdge {
  type: 'started' | 'stopped'
  audioMs: number
}

/** Finds speech in gapless frames. Pure: no clock, no I/O; the same frames give the same edges. */
export interface VoiceActivityDetector {
  readonly name: string
  /** Takes a frame, gives the edges learned from it (most often none). */
  process(frame: AudioFrame): SpeechEdge[]
}
