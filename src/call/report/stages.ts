import type { TurnLatency } from '../../engine/observations.ts'
import type { Stage, StageName } from './story.ts'

/** When the work on an answer passed from one stage to the next; null where it did not get there. */
export interface Moments {
  speechEndMs: number | null
  /** The turn ended and the work began. */
  workMs: number | null
  voiceMs: number | null
  readyMs: number | null
  /** The answer sounded or was given up. */
  answerMs: number | null
}

export function answerMoments(): Moments {
  return { speechEndMs: null, workMs: null, voiceMs: null, readyMs: null, answerMs: null }
}

/** The stages as the engine measured them; without a measurement, as far as the work went. */
export function stagesOf(moments: Moments, latency: TurnLatency | null, lengthMs: number): Stage[] {
  const { speechEndMs, workMs, voiceMs, readyMs } = moments
  const answerMs = moments.answerMs ?? lengthMs
  if (latency !== null) {
    const fromMs = answerMs - latency.totalMs
    const workFromMs = fromMs + latency.endpointingMs
    const voiceFromMs = workFromMs + latency.modelMs
    const waitFromMs = voiceFromMs + latency.voiceMs
    return chain(
      [
        ['endpointing', fromMs],
        ['model', workFromMs],
        ['voice', voiceFromMs],
        ['wait', waitFromMs],
      ],
      answerMs,
    )
  }
  return chain(
    [
      ['endpointing', workMs === null ? null : speechEndMs],
      ['model', workMs],
      ['voice', voiceMs],
      ['wait', readyMs],
    ],
    answerMs,
  )
}

/** Each stage lasts until the next one begins; those that begin after the end, or last no time, are left out. */
function chain(begins: readonly (readonly [StageName, number | null])[], endMs: number): Stage[] {
  const known = begins.filter((begin): begin is readonly [StageName, number] => begin[1] !== null)
  return known
    .map(([name, fromMs], place) => ({ name, fromMs, toMs: Math.min(known[place + 1]?.[1] ?? endMs, endMs) }))
    .filter(({ fromMs, toMs }) => toMs > fromMs)
}
