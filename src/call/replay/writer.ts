import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs'
import { fileFaultOf, systemCodeOf, VapiError } from '../../errors.ts'
import type { CallLogHeader, CallLogLine } from './format.ts'

/** Only the user reads what was said in a call. */
const MODE = 0o600

/**
 * Writes a call's log line by line. Each line is with the operating system before the call goes on, so that a killed
 * program loses at most the line that it was writing. A failing disk is remembered and told at the end.
 */
export class CallLogWriter {
  readonly path: string
  private file: number | null
  private problem: VapiError | null = null

  /** Makes the file, or empties the one that is there. Throws VapiError `file-not-written`. */
  constructor(path: string, header: CallLogHeader) {
    this.path = path
    try {
      this.file = openSync(path, 'w', MODE)
      fchmodSync(this.file, MODE)
    } catch (error) {
      throw notWritten(path, error)
    }
    this.append(header)
  }

  write(line: CallLogLine): void {
    this.append(line)
  }

  /** Closes the file; what went wrong since it was made, or null. */
  close(): VapiError | null {
    const { file } = this
    this.file = null
    try {
      if (file !== null) closeSync(file)
    } catch (error) {
      this.problem ??= notWritten(this.path, error)
    }
    return this.problem
  }

  private append(value: object): void {
    if (this.file === null || this.problem !== null) return
    const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
    try {
      for (let from = 0; from < bytes.length; ) from += writeSync(this.file, bytes, from)
    } catch (error) {
      this.problem = notWritten(this.path, error)
    }
  }
}

function notWritten(path: string, error: unknown): VapiError {
  const code = systemCodeOf(error)
  const reason =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'ENOENT'
        ? 'the folder does not exist'
        : code === 'EACCES'
          ? 'permission denied'
          : fileFaultOf(error)
  return new VapiError({
    code: 'file-not-written',
    message: `the call cannot be saved to ${path}: ${reason}`,
    hint: 'choose another place with --save',
    cause: error,
  })
}
