/**
 * The one error type of the program. It is made where the cause is known and carries everything that a reader
 * further out needs: the exit code, whether trying again can help, and the next thing to type.
 */

/** Exit codes of every command. 130 is given by an interrupt (Ctrl-C). */
export const Exit = {
  done: 0,
  failed: 1,
  usage: 2,
  checkFailed: 3,
  notLoggedIn: 4,
  notFound: 5,
  interrupted: 130,
} as const
export type ExitCode = (typeof Exit)[keyof typeof Exit]

export interface VapiErrorDetails {
  /** Stable machine name, kebab-case: `model-unauthorized`, `invalid-wav`. */
  code: string
  /** One sentence that says what happened, without a full stop at its end. */
  message: string
  exit?: ExitCode
  /** True where the same request may succeed later (429, 5xx, a dropped connection). */
  retryable?: boolean
  /** What the call's `endedReason` becomes when this error ends a call (API enum). */
  endedReason?: string
  /** HTTP status of the peer, where one answered. */
  status?: number
  /** The next command or setting to try. */
  hint?: string
  cause?: unknown
}

export class VapiError extends Error {
  readonly code: string
  readonly exit: ExitCode
  readonly retryable: boolean
  readonly endedReason: string | undefined
  readonly status: number | undefined
  readonly hint: string | undefined

  constructor(details: VapiErrorDetails) {
    super(details.message, { cause: details.cause })
    this.name = 'VapiError'
    this.code = details.code
    this.exit = details.exit ?? Exit.failed
    this.retryable = details.retryable ?? false
    this.endedReason = details.endedReason
    this.status = details.status
    this.hint = details.hint
  }
}

/** A wrong flag, argument or input file: exit code 2. */
export function usageError(message: string, hint?: string): VapiError {
  return new VapiError({ code: 'usage', message, exit: Exit.usage, hint })
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The system's code of an error (`ENOENT`, `ECONNREFUSED` …), also from a wrapped cause. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code
  return 'cause' in thrown ? systemCodeOf(thrown.cause) : undefined
}

/** Why a file cannot be read or written, in plain words where the system's code is a common one. */
export function fileFaultOf(thrown: unknown): string {
  const code = systemCodeOf(thrown) ?? ''
  const known: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or folder',
    EISDIR: 'it is a folder',
    ENOTDIR: 'a part of the path is no folder',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'it cannot be written to',
    ENOSPC: 'the disk is full',
  }
  return known[code] ?? messageOf(thrown)
}

/** Any thrown thing as a VapiError; unknown causes become `internal`. */
export function asVapiError(thrown: unknown): VapiError {
  if (thrown instanceof VapiError) return thrown
  return new VapiError({
    code: systemCodeOf(thrown) ?? 'internal',
    message: messageOf(thrown),
    cause: thrown,
  })
}
