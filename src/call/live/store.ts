import { writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, relative, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Observation } from '../../engine/observations.ts'
import { messageOf, VapiError } from '../../errors.ts'
import type { Aftermath } from '../after.ts'
import { type CallRecord, RECORD_FORMAT } from '../record.ts'
import { renderReport } from '../report/report.ts'
import type { CallResult } from '../runtime.ts'
import type { LiveCall } from './live-call.ts'

/**
 * Writes the record of a call and its report page, with what is known by now. Throws VapiError `file-not-written`.
 */
export async function storeCall(
  call: LiveCall,
  result: CallResult,
  observations: readonly Observation[],
  recording: string | null,
  { artifact, analysis, costs }: Omit<Aftermath, 'warnings'>,
): Promise<CallRecord> {
  const { files } = call
  const { ended } = result
  const record: CallRecord = {
    format: RECORD_FORMAT,
    id: call.id,
    type: 'localCall',
    status: 'ended',
    startedAt: new Date(call.epochMs).toISOString(),
    endedAt: new Date(call.epochMs + ended.atMs).toISOString(),
    endedReason: ended.endedReason,
    ...(ended.endedMessage !== undefined && { endedMessage: ended.endedMessage }),
    assistant: { name: call.members[0]?.compiled.plan.assistantName ?? null },
    parts: call.parts,
    artifact,
    ...(Object.keys(analysis).length > 0 && { analysis }),
    ...costs,
  }
  const reportedRecording = recording === null ? null : relativeUrl(dirname(files.report), recording)
  try {
    await writeFile(files.artifact, `${JSON.stringify(record, null, 2)}\n`)
    await writeFile(files.report, renderReport({ record, observations, recording: reportedRecording }))
  } catch (error) {
    throw new VapiError({
      code: 'file-not-written',
      message: `the call's files cannot be written: ${messageOf(error)}`,
    })
  }
  return record
}

/** The way from a folder to a file, as a page in the folder names it. */
function relativeUrl(folder: string, file: string): string {
  const path = relative(folder, file)
  if (isAbsolute(path)) return pathToFileURL(file).href
  return path.split(sep).map(encodeURIComponent).join('/')
}
