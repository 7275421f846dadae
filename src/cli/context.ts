import type { Output } from '../output/output.ts'

/** What every command may use; tests pass twins. */
export interface Context {
  output: Output
  env: Readonly<Record<string, string | undefined>>
  workingDirectory: string
  /** False where nothing may be asked. */
  interactive: boolean
  /** Aborts on Ctrl-C and SIGTERM. A command then winds up; a second Ctrl-C ends the process at once. */
  signal: AbortSignal
}
