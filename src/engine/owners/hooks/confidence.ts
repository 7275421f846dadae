import type { Surroundings } from '../../owner.ts'

/** The hooks, by their places, that deal with a turn of which the transcriber was this unsure; none in a sure one. */
export function hooksForUnclearTurn({ plan, others }: Surroundings): number[] {
  const { confidences } = others.hooks
  if (confidences.length === 0 || others.lifecycle.phase !== 'live') return []
  const mean = confidences.reduce((sum, confidence) => sum + confidence, 0) / confidences.length
  return plan.hooks.flatMap(({ event }, place) =>
    event.on === 'assistant.transcriber.endpointedSpeechLowConfidence' &&
    mean >= event.minimum &&
    mean < event.maximum
      ? [place]
      : [],
  )
}
