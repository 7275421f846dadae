import type { DenoiserKind } from '../../audio/denoise/denoiser.ts'
import { type CallRecording, recordCall } from '../replay/recording.ts'
import type { LiveCall } from './live-call.ts'

/** A file that keeps the call for replay. */
export interface SaveRequest {
  path: string
  denoiser: DenoiserKind
  /** What was chosen in place of the assistants' own, or null. */
  maximumDurationMs: number | null
}

/** Begins to save a live call. Throws VapiError `file-not-written` where the file cannot be made. */
export function saveLiveCall(
  { path, denoiser, maximumDurationMs }: SaveRequest,
  { assistants, members, request, parts, warnings }: LiveCall,
): CallRecording {
  return recordCall(path, {
    source: 'local',
    recipe: assistants.recipe,
    planChanges: {
      warnings,
      maximumDurationMs,
      // Only a sound that cannot be had leaves nothing to say.
      withoutOpening: [...members.entries()].flatMap(([place, { compiled }]) =>
        compiled.plan.firstMessage.type === 'wait' ? [place] : [],
      ),
    },
    request,
    denoiser,
    parts,
  })
}
