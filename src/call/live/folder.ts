import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf, VapiError } from '../../errors.ts'

/** Where the files of a call go. */
export interface CallFiles {
  folder: string
  recording: string
  report: string
  artifact: string
  events: string
}

/**
 * Makes the call's folder, `.vapi/calls/<id>` of the working directory, which git ignores. Files that were given a
 * path of their own go there instead.
 */
export async function prepareFiles(
  workingDirectory: string,
  id: string,
  own: { recording?: string; report?: string; events?: string },
): Promise<CallFiles> {
  const calls = join(workingDirectory, '.vapi', 'calls')
  const folder = join(calls, id)
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(calls, '.gitignore'), '*\n')
  } catch (error) {
    throw new VapiError({
      code: 'call-folder',
      message: `the folder of the call cannot be made: ${messageOf(error)}`,
      hint: 'run the command in a folder that you may write to',
    })
  }
  const path = (given: string | undefined, name: string) =>
    given === undefined ? join(folder, name) : resolve(workingDirectory, given)
  return {
    folder,
    recording: path(own.recording, 'recording.wav'),
    report: path(own.report, 'report.html'),
    artifact: join(folder, 'artifact.json'),
    events: path(own.events, 'events.jsonl'),
  }
}

/** An id that sorts by time and is unique on a machine: `20260105-090000-4f3a`. */
export function callId(epochMs: number, seed: number): string {
  const stamp = new Date(epochMs).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15)
  return `${stamp}-${(seed & 0xffff).toString(16).padStart(4, '0')}`
}
