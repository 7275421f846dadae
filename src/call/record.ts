import type { CallArtifact } from '../engine/artifact.ts'
import type { Observation } from '../engine/observations.ts'
import type { Aftermath, CompleteArtifact } from './after.ts'
import type { CallCosts } from './costs/estimate.ts'

/** Version of the stored form; a newer one is refused. */
export const RECORD_FORMAT = 1

/** What took part in a call, as it is told to people: `embedded/slt`, `openai/gpt-4o`, `the microphone`. */
export interface CallParts {
  input: string
  transcriber: string
  model: string
  voice: string
  output: string
}

/**
 * What is stored of a local call (`artifact.json`); `artifact`, `analysis` and costs have the API's shapes. Times are
 * ISO 8601. Costs are estimates, as `costEstimate` says.
 */
export interface CallRecord extends Partial<CallCosts> {
  format: typeof RECORD_FORMAT
  id: string
  type: 'localCall'
  status: 'ended'
  startedAt: string
  endedAt: string
  endedReason: string
  endedMessage?: string
  assistant: { name: string | null }
  parts: CallParts
  /** `recording.stereoUrl` is a `file:` URL; absent where the call had no sound. */
  artifact: CallArtifact & Partial<CompleteArtifact>
  analysis?: Aftermath['analysis']
}

/** A call as the report shows it. */
export interface ReportedCall {
  record: CallRecord
  observations: readonly Observation[]
  /** Where the page finds the recording: a relative path or URL; null without one. */
  recording: string | null
}
