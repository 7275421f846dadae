import type { AudioFrame } from '../../engine/ports/audio-input.ts'
import type { SpeechEdge } from '../../engine/ports/voice-activity-detector.ts'
import { createKrispJudge } from './judge.ts'

/** After the end of speech a judgement is given at once, then after every so many frames of silence (100 ms). */
const FRAMES_BETWEEN = 5

/** The judge beside a voice activity detector. */
export interface TurnJudging {
  /**
   * Takes a frame and the edges that were found in it. Gives a new judgement (0 to 1) in the silence after speech, else
   * null; none comes after one that is certain (1) until somebody speaks again.
   */
  process(frame: AudioFrame, edges: readonly SpeechEdge[]): number | null
}

export function createTurnJudging(): TurnJudging {
  const judge = createKrispJudge()
  let startMs: number | null = null
  let speechEndMs: number | null = null
  let frames = 0
  return {
    process(frame, edges) {
      startMs ??= frame.audioMs
      judge.push(frame.samples)
      const edge = edges.at(-1)
      if (edge?.type === 'started') speechEndMs = null
      if (edge?.type === 'stopped') [speechEndMs, frames] = [edge.audioMs, 0]
      if (speechEndMs === null || frames++ % FRAMES_BETWEEN !== 0) return null
      const finished = judge.judge(speechEndMs - startMs)
      if (finished === 1) speechEndMs = null
      return finished
    },
  }
}
