import type { TurnSettings } from '../engine/ports/transcriber.simulated.ts'
import { defaults } from './defaults.ts'
import type { Assistant } from './schema.ts'

/** Transcribers that drop final transcripts of which they are too unsure (API: `confidenceThreshold`). */
const DROPPING = ['deepgram', 'assembly-ai', 'gladia']

export interface CompiledTurns {
  /** Null where the transcriber has no end of turn of its own. */
  turns: TurnSettings | null
  warnings: string[]
}

/** Transcribers that report the end of a turn: Deepgram Flux and AssemblyAI, with their defaults (rows 13 to 16). */
export function compileTurns(transcriber: Assistant['transcriber']): CompiledTurns {
  const warnings: string[] = []
  if (transcriber?.provider === 'assembly-ai') {
    const {
      endOfTurnConfidenceThreshold: threshold = defaults.assembly.endConfidence,
      minEndOfTurnSilenceWhenConfident: confidentMs = defaults.assembly.confidentSilenceMs,
      maxTurnSilence: maximumMs = defaults.assembly.maximumSilenceMs,
    } = transcriber
    return { turns: { type: 'assembly', threshold, confidentMs, maximumMs }, warnings }
  }
  if (transcriber === undefined || !isFlux(transcriber)) return { turns: null, warnings }
  const hold = (field: 'eotThreshold' | 'eotTimeoutMs', minimum: number, maximum: number, usual: number) => {
    const given = transcriber[field] ?? usual
    const held = Math.min(maximum, Math.max(minimum, given))
    if (held !== given)
      warnings.push(`transcriber.${field} is from ${minimum} to ${maximum}: ${given} counts as ${held}`)
    return held
  }
  const { flux } = defaults
  const threshold = hold('eotThreshold', 0.5, 0.9, flux.eotThreshold)
  const timeoutMs = hold('eotTimeoutMs', 500, 10_000, flux.eotTimeoutMs)
  return { turns: { type: 'flux', threshold, timeoutMs }, warnings }
}

export function isFlux(transcriber: Assistant['transcriber']): boolean {
  return transcriber?.provider === 'deepgram' && transcriber.model?.startsWith('flux') === true
}

/** Final transcripts under this confidence are dropped; 0 where the transcriber drops none. */
export function minimumConfidence(transcriber: Assistant['transcriber']): number {
  if (!DROPPING.includes(transcriber?.provider ?? 'deepgram')) return 0
  return transcriber?.confidenceThreshold ?? defaults.confidenceThreshold
}
