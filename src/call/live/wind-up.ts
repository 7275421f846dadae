import { dirname } from 'node:path'
import type { Observation } from '../../engine/observations.ts'
import { messageOf } from '../../errors.ts'
import { timeLimit } from '../../time-limit.ts'
import { completeArtifact, type FinishedCall, finishCall, type Recordings, reportEvent } from '../after.ts'
import type { CallUsage } from '../costs/meter.ts'
import type { EndedCall, Messenger } from '../messenger.ts'
import type { CallRecord } from '../record.ts'
import type { CallResult } from '../runtime.ts'
import type { LiveCall } from './live-call.ts'
import { keepRecordings } from './outcome.ts'
import { storeCall } from './store.ts'

/** How long messages may still be on their way when everything else is done, in milliseconds. */
const DELIVERY_MS = 30_000

export interface CallToWindUp {
  call: LiveCall
  result: CallResult
  /** Those until now; what happens here is observed too. */
  observations: readonly Observation[]
  observe: (observation: Observation) => void
  usage: CallUsage
  messenger: Messenger
  /** The stereo recording, closed, or null. */
  recording: string | null
}

/**
 * What follows the end of a live call: its files are stored, it is analysed, its costs are estimated, the last messages
 * are delivered, and the files are stored again with all that. The signal skips what takes time.
 */
export async function windUp(ending: CallToWindUp, signal: AbortSignal): Promise<CallRecord> {
  const { call, result, observations, observe, messenger, recording } = ending
  const { outcome, clock, files } = call
  const warn = (message: string): void => observe({ type: 'warning', message, atMs: clock.now() })
  let recordings: Recordings | null = null
  if (recording !== null) {
    try {
      recordings = await keepRecordings(recording, dirname(files.artifact))
    } catch (error) {
      warn(messageOf(error))
    }
  }
  const finished: FinishedCall = {
    members: call.members.map(({ compiled }) => compiled),
    result,
    observations,
    epochMs: call.epochMs,
    analyst: outcome.analystOf(result.member, result.model),
    usage: ending.usage,
    prices: outcome.prices,
    transcribers: outcome.transcribers,
    recording: recordings,
  }
  // Whole from here on, whatever becomes of the rest.
  const before = { artifact: completeArtifact(finished), analysis: {}, costs: null }
  await storeCall(call, result, observations, recording, before)

  const aftermath = await finishCall(finished, signal)
  for (const message of aftermath.warnings) warn(message)
  observe(reportEvent(aftermath, clock.now()))
  const { artifact, analysis, costs } = aftermath
  const { ended, member } = result
  const at: EndedCall = {
    atMs: clock.now(),
    endedAtMs: ended.atMs,
    endedReason: ended.endedReason,
    member,
    artifact: { ...artifact },
  }
  messenger.report(at, { cost: costs?.cost ?? 0, costs: costs?.costs ?? [], analysis })
  const record = await storeCall(call, result, observations, recording, aftermath)
  messenger.uploaded(at, stored(recordings))
  const limit = timeLimit(signal, DELIVERY_MS)
  await messenger.close(limit.signal).finally(() => limit.release())
  return record
}

function stored(recordings: Recordings | null): { type: string; success: boolean }[] {
  const sounds = ['recording-stereo', 'recording-mono', 'recording-assistant', 'recording-customer']
  const kept = recordings === null ? [] : sounds
  return ['end-of-call-report', ...kept, 'log'].map(type => ({ type, success: true }))
}
