/**
 * How a transcriber with an end of turn of its own was told to find it. Times in milliseconds of silence after the speech,
 * confidences from 0 to 1.
 */
export type TurnSettings =
  /** Deepgram Flux: at once where it is sure enough, else after the time limit (API: `eotThreshold`, `eotTimeoutMs`). */
  | { type: 'flux'; threshold: number; timeoutMs: number }
  /**
   * AssemblyAI (API: `endOfTurnConfidenceThreshold`, `minEndOfTurnSilenceWhenConfident`, `maxTurnSilence`): after the
   * shorter silence where it is sure enough, after the longer one whatever it thinks.
   */
  | { type: 'assembly'; threshold: number; confidentMs: number; maximumMs: number }

/** A stretch of the customer's speech, and when the next one began, if it has. */
export interface SpeechEdges {
  endMs: number
  nextStartMs: number | null
}

/**
 * When a transcriber with these settings reports the end of the turn, in the time of the sound; null where the customer
 * goes on before that. `finished`: how sure it is that the turn is over.
 */
export function turnEndMs(settings: TurnSettings, finished: number, speech: SpeechEdges): number | null {
  const reportMs = speech.endMs + silenceMs(settings, finished)
  return speech.nextStartMs !== null && speech.nextStartMs < reportMs ? null : reportMs
}

function silenceMs(settings: TurnSettings, finished: number): number {
  const sure = finished >= settings.threshold
  if (settings.type === 'flux') return sure ? 0 : settings.timeoutMs
  return sure ? Math.min(settings.confidentMs, settings.maximumMs) : settings.maximumMs
}
