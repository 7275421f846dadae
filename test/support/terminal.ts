import { stripVTControlCharacters } from 'node:util'
import { type IPty, spawn } from '@lydell/node-pty'
import { packageFile } from '../../src/package-root.ts'
import { cleanEnvironment, temporaryFolder } from './program.ts'

export interface TerminalOptions {
  cwd?: string
  /** Laid over an environment without keys and model servers. */
  env?: NodeJS.ProcessEnv
  columns?: number
  rows?: number
  /** The program that is started by Node, in place of the built `vapi`. */
  program?: string
  /** Started itself, in place of Node: a shell. */
  command?: string
}

const keys = {
  enter: '\r',
  tab: '\t',
  space: ' ',
  escape: '\u001b',
  backspace: '\u007f',
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  'ctrl-c': '\u0003',
  'ctrl-d': '\u0004',
  'ctrl-u': '\u0015',
  'ctrl-z': '\u001a',
} as const

export type Key = keyof typeof keys

export interface TerminalRun {
  pty: IPty
  /**
   * Resolves when what was printed after the last match has the text or fits the pattern, escape codes left out.
   * Rejects when the program ends without it.
   */
  waitFor(pattern: string | RegExp): Promise<void>
  type(text: string): void
  press(...keys: Key[]): void
  /** All that was printed, without escape codes. */
  text(): string
  /** All that was printed. */
  raw(): string
  finished: Promise<{ code: number; signal: number | undefined }>
}

/** Starts the built program in a real pseudo-terminal: its input, output and errors are the terminal. */
export function startInTerminal(args: readonly string[], options: TerminalOptions = {}): TerminalRun {
  const { columns = 100, rows = 40, program = packageFile('bin', 'vapi.js') } = options
  const { command = process.execPath } = options
  const pty = spawn(command, options.command === undefined ? [program, ...args] : [...args], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd: options.cwd ?? temporaryFolder(),
    env: { ...cleanEnvironment({ TERM: 'xterm-256color', ...options.env }) },
  })
  let raw = ''
  let taken = 0
  let ended = false
  const waiting = new Set<() => void>()
  const changed = () => {
    for (const check of waiting) check()
  }
  pty.onData(data => {
    raw += data
    changed()
  })
  const finished = new Promise<{ code: number; signal: number | undefined }>(resolve => {
    pty.onExit(({ exitCode, signal }) => {
      ended = true
      changed()
      resolve({ code: exitCode, signal })
    })
  })
  const text = () => stripVTControlCharacters(raw)
  return {
    pty,
    finished,
    text,
    raw: () => raw,
    type: input => pty.write(input),
    press: (...pressed) => {
      for (const key of pressed) pty.write(keys[key])
    },
    waitFor: pattern =>
      new Promise((resolve, reject) => {
        const check = () => {
          const all = text()
          const end = endOfMatch(all.slice(taken), pattern)
          if (end !== null) {
            taken += end
            waiting.delete(check)
            resolve()
          } else if (ended) {
            waiting.delete(check)
            reject(new Error(`the program ended without ${pattern}:\n${all}`))
          }
        }
        waiting.add(check)
        check()
      }),
  }
}

function endOfMatch(text: string, pattern: string | RegExp): number | null {
  if (typeof pattern === 'string') {
    const place = text.indexOf(pattern)
    return place === -1 ? null : place + pattern.length
  }
  const match = pattern.exec(text)
  return match === null ? null : match.index + match[0].length
}
