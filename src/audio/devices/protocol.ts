import type { SoundProgram } from './programs.ts'

/**
 * The messages between the program and the child processes that own a device (`microphone.worker.ts`,
 * `speaker.worker.ts`). A device lives in a child of its own because the native libraries block, hang with a hung
 * sound server (a worker thread could then not even be ended), crash, print to stderr, and read the real environment.
 */

/** How a child reaches its device: through an installed program, or (without one) through its native library. */
export interface Opening {
  program?: SoundProgram
  /** The library's index of the device; without it the default one. */
  index?: number
}

export type ToMicrophone =
  | ({ type: 'open' } & Opening)
  /** Asks for `devices`; the child then ends. */
  | { type: 'list' }
  /** So many samples in total were taken over; of those that were not the child holds 2 s. */
  | { type: 'received'; samples: number }

export type FromMicrophone =
  /**
   * One frame. `lost`: samples that were dropped just before it. `heardAtMs`: when its first sample was heard, on the
   * monotonic clock of the machine, which all processes share.
   */
  | { type: 'sound'; samples: Int16Array; lost: number; heardAtMs: number }
  | { type: 'devices'; names: string[]; defaultName: string | undefined }
  | { type: 'failed'; message: string }

export type ToSpeaker =
  | ({ type: 'open' } & Opening)
  | { type: 'sound'; samples: Int16Array }
  | { type: 'drop' }

export type FromSpeaker =
  /** The device plays; it takes about so many samples at a time. */
  | { type: 'opened'; stretch: number }
  /** Totals of the source's samples: `taken` left the child's queue, `played` left the device. */
  | { type: 'position'; taken: number; played: number }
  /** The answer to `drop`: the total really played. */
  | { type: 'dropped'; played: number }
  | { type: 'failed'; message: string }

/** Milliseconds of the machine's monotonic clock, comparable between processes. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
