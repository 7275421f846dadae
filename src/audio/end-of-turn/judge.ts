import { findSpeechEnd, PROSODY_KEYS, type Prosody, prosodyOf } from './prosody.ts'
import { createTrack, STEP_MS } from './track.ts'
import { BIAS, WEIGHTS } from './weights.ts'

/** Judges from sound alone whether the speaker's turn is over. One for each stream of sound. */
export interface KrispJudge {
  /** Takes the next samples, 16 kHz mono; frames of 20 ms or any other length. */
  push(samples: Int16Array): void
  /**
   * The probability (0: still speaking, 1: certainly over) at the end of what was pushed. It depends on how the last
   * speech ended and grows with the silence after it; 0 before anybody spoke.
   * @param speechEndMs Where a voice activity detector saw the speech end, in milliseconds of pushed sound; without it the
   *   level tells.
   */
  judge(speechEndMs?: number): number
}

/** Silence after which the odds stand as the sound alone gives them; silence shorter than that lowers them. */
const USUAL_SILENCE_MS = 250
/** In so much further silence the odds grow by e: pauses inside a turn become rarer at about this pace. An assumption. */
const PAUSE_SCALE_MS = 600
/** No way to end is surer than this, in logits, so that silence decides sooner or later. */
const MOST_LOGIT = 4
const EDGE_LATENESS_STEPS = 10
/** From here on it is certain. */
const CERTAIN = 0.995

export function createKrispJudge(): KrispJudge {
  const track = createTrack()
  return {
    push: samples => track.push(samples),
    judge(speechEndMs) {
      const now = track.steps
      // The detector's edge is right to some 100 ms; the level says where exactly.
      const until =
        speechEndMs === undefined
          ? now
          : Math.min(now, Math.ceil(speechEndMs / STEP_MS) + EDGE_LATENESS_STEPS)
      const found = findSpeechEnd(track, until)
      if (found !== null) return afterSilence(scoreOf(prosodyOf(track, found)), (now - found.end) * STEP_MS)
      // Speech that is too faint to look at: silence alone decides.
      return speechEndMs === undefined ? 0 : afterSilence(0, now * STEP_MS - speechEndMs)
    },
  }
}

/** What the end of the speech alone says, in logits: 0 is even. */
export function scoreOf(prosody: Prosody): number {
  const sum = PROSODY_KEYS.reduce((total, key) => {
    const { weight, mean, spread } = WEIGHTS[key]
    return total + (weight * (prosody[key] - mean)) / spread
  }, BIAS)
  return Math.max(-MOST_LOGIT, Math.min(MOST_LOGIT, sum))
}

/** The probability after a silence: who goes on would have gone on more and more likely by now. */
export function afterSilence(score: number, silenceMs: number): number {
  const probability = 1 / (1 + Math.exp(-(score + (silenceMs - USUAL_SILENCE_MS) / PAUSE_SCALE_MS)))
  return probability > CERTAIN ? 1 : probability
}
