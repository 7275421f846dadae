import type { Readable, Writable } from 'node:stream'

/** The process's streams as the program uses them; tests pass their own. */
export interface Streams {
  stdout: Writable
  stderr: Writable
  stdin: Readable
  stdoutIsTerminal: boolean
  stderrIsTerminal: boolean
  stdinIsTerminal: boolean
  /** False for a terminal whose lines cannot be drawn anew: it knows no escape codes, or has no size. True unless given. */
  canRedraw?: boolean
  /** Width of the terminal in columns; 80 where there is none. */
  columns(): number
}

/**
 * The streams of this process. `onLost` is called when stdout cannot be written any more: with null where its reader
 * went away (`vapi … | head`), else with the reason (a full disk). What cannot be said on stderr is left out.
 */
export function processStreams(onLost: (reason: Error | null) => void): Streams {
  const { stdout, stderr, stdin } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    onLost(error.code === 'EPIPE' ? null : error)
  })
  stderr.on('error', () => {})
  return {
    stdout,
    stderr,
    stdin,
    stdoutIsTerminal: stdout.isTTY === true,
    stderrIsTerminal: stderr.isTTY === true,
    stdinIsTerminal: stdin.isTTY === true,
    // Where nobody told a pseudo-terminal its size, it has 0 columns.
    canRedraw: process.env.TERM !== 'dumb' && stderr.columns !== 0,
    columns: () => stdout.columns || stderr.columns || 80,
  }
}
