import { createKrispJudge } from '../../src/audio/end-of-turn/judge.ts'
import { findSpeechEnd, type Prosody, prosodyOf } from '../../src/audio/end-of-turn/prosody.ts'
import { createTrack } from '../../src/audio/end-of-turn/track.ts'
import type { Scene } from './scenes.ts'

const SAMPLES_PER_MS = 16
const FRAME_SAMPLES = 320
/** When the detector of voice has noticed the end of speech, in milliseconds after it. */
export const NOTICED_MS = 250

/** What the judge sees of a scene when the end of its speech has been noticed. */
export function prosodyOfScene(scene: Scene): Prosody | null {
  const track = createTrack()
  track.push(scene.samples.subarray(0, Math.round((scene.speechEndMs + NOTICED_MS) * SAMPLES_PER_MS)))
  const found = findSpeechEnd(track, track.steps)
  return found === null ? null : prosodyOf(track, found)
}

export interface Heard {
  complete: boolean
  voice: string
  speechMs: number
  /** Judged when the end of speech was noticed: 0 to 1. */
  finished: number
  /** The first judgement that reaches each threshold, asked every 100 ms, in milliseconds after the end of speech. */
  waitMs(threshold: number): number
}

/** Lets the judge listen to a scene frame by frame, as a call does. */
export function listenTo(scene: Scene): Heard {
  const judge = createKrispJudge()
  const judged: { afterMs: number; finished: number }[] = []
  let nextMs = scene.speechEndMs + NOTICED_MS
  for (let at = 0; at + FRAME_SAMPLES <= scene.samples.length; at += FRAME_SAMPLES) {
    judge.push(scene.samples.subarray(at, at + FRAME_SAMPLES))
    const nowMs = (at + FRAME_SAMPLES) / SAMPLES_PER_MS
    if (nowMs < nextMs) continue
    judged.push({ afterMs: nowMs - scene.speechEndMs, finished: judge.judge(scene.speechEndMs) })
    nextMs += 100
  }
  const lastMs = judged.at(-1)?.afterMs ?? 0
  return {
    complete: scene.complete,
    voice: scene.voice,
    speechMs: scene.speechMs,
    finished: judged[0]?.finished ?? 0,
    // Nobody waits longer than the scene's silence; silence alone decides then.
    waitMs: threshold => judged.find(({ finished }) => finished >= threshold)?.afterMs ?? lastMs,
  }
}
