import type { HookFilter } from '../../plan.ts'

/** In this key's value, entries of a filter are looked for. */
const ENDED_REASON = 'call.endedReason'

/** The catch-all of pipeline faults, and what the newer spellings of such a fault begin with (ruling 7). */
const PIPELINE_ERROR = 'pipeline-error'
const faults = ['call.in-progress.error-vapifault-', 'call.in-progress.error-providerfault-']

/** True where all filters fit. `endedReason` is null while the call is not ending. */
export function filtersFit(filters: readonly HookFilter[], endedReason: string | null): boolean {
  return filters.every(
    ({ key, oneOf }) =>
      key === ENDED_REASON && endedReason !== null && oneOf.some(entry => fits(entry, endedReason)),
  )
}

/** An entry fits where it is a part of the reason. */
function fits(entry: string, endedReason: string): boolean {
  if (endedReason.includes(entry)) return true
  return entry === PIPELINE_ERROR && faults.some(fault => endedReason.startsWith(fault))
}
