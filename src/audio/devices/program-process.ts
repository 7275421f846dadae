import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { SoundProgram } from './programs.ts'

/** As much of a process's stderr as is kept for the reason of its end. */
const STDERR_CHARACTERS = 2000

/** Starts a recorder or player with piped stdin and stdout. `ended` is called once, however it ends. */
export function startProgram(program: SoundProgram, ended: (error: Error) => void): ChildProcess {
  const child = spawn(program.command, program.args, {
    env: { ...process.env, LC_ALL: 'C' },
    // Its own process group: Ctrl-C of the terminal must not end it before the call is over.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: 'pipe',
  })
  const lastLine = keepLastLine(child.stderr)
  child.stdin.on('error', () => {})
  child.on('error', ended)
  child.on('close', () => ended(new Error(lastLine() || `${program.engine} ended`)))
  return child
}

/** Reads a process's stderr to its end; gives its last line, or an empty text. */
export function keepLastLine(stderr: Readable | null): () => string {
  let text = ''
  stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-STDERR_CHARACTERS)
  })
  return () =>
    text
      .trim()
      .split(/[\r\n]+/)
      .at(-1) ?? ''
}
