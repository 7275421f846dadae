import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileFaultOf, systemCodeOf, VapiError } from '../../../errors.ts'
import type { CallRequest } from '../prepare.ts'

/** A file that the call would write, by the option that names it. */
export interface WrittenFile {
  option: string
  path: string
}

/** The files that the user named for the call, but for the assistant's sound. */
export function writtenFiles({ files, save = null }: CallRequest): WrittenFile[] {
  const named = {
    record: files.recording,
    report: files.report,
    events: files.events,
    save: save ?? undefined,
  }
  return Object.entries(named).flatMap(([name, path]) =>
    path === undefined ? [] : [{ option: `--${name}`, path }],
  )
}

/** Throws VapiError `file-not-written` where the file could not be made or replaced. Nothing is written. */
export async function requireWritable(path: string): Promise<void> {
  try {
    const found = await stat(path).catch(error => {
      if (systemCodeOf(error) === 'ENOENT') return null
      throw error
    })
    if (found?.isDirectory()) throw new VapiError(refusal(path, 'it is a folder', 'give the name of a file'))
    await access(found === null ? dirname(path) : path, constants.W_OK)
  } catch (error) {
    if (error instanceof VapiError) throw error
    const isMissing = systemCodeOf(error) === 'ENOENT'
    throw new VapiError(
      isMissing
        ? refusal(path, 'the folder does not exist', 'make the folder first')
        : refusal(path, fileFaultOf(error), 'choose a place that you may write to'),
    )
  }
}

/** Throws VapiError `call-folder` where the folder of calls could not be made. */
export async function requireCallFolder(workingDirectory: string): Promise<void> {
  const root = resolve(workingDirectory)
  for (const folder of [join(root, '.vapi', 'calls'), join(root, '.vapi'), root]) {
    const code = await access(folder, constants.W_OK).then(() => null, systemCodeOf)
    if (code === null) return
    if (code === 'ENOENT') continue
    throw new VapiError({
      code: 'call-folder',
      message: `the folder of the call cannot be made: ${folder} cannot be written to`,
      hint: 'run the command in a folder that you may write to',
    })
  }
}

function refusal(path: string, reason: string, hint: string) {
  return { code: 'file-not-written', message: `cannot write ${path}: ${reason}`, hint }
}
