import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Environment } from './types.ts'

export interface Program {
  /** Undefined where it could not be started. */
  pid: number | undefined
  /** Resolves when it is gone and its output is read, with how it ended in words. */
  ended: Promise<string>
  /** Ends it and what it started: asks first, and takes no answer after `graceMs`. Resolves when it is gone. */
  end(graceMs: number): Promise<void>
  /** The same at once, for the end of this process. */
  kill(): void
}

/**
 * Starts a program in a process group of its own, so that a Ctrl-C of the terminal comes to us alone, and we say when
 * it ends. Not with execa: it ends a child, not a group, which `lt` behind a shell script of npm needs.
 */
export function startProgram(
  file: string,
  args: readonly string[],
  env: Environment,
  line: (text: string) => void,
): Program {
  const { command, words, verbatim } = onWindows(file, args)
  const child = spawn(command, words, {
    env: { ...env },
    detached: process.platform !== 'win32',
    windowsHide: true,
    windowsVerbatimArguments: verbatim,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', line)
  const ended = new Promise<string>(resolve => {
    let closed = false
    child.on('error', error => {
      if (child.pid === undefined) resolve(`it cannot be started: ${error.message}`)
    })
    child.on('close', (code, signal) => {
      closed = true
      resolve(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`)
    })
    // Something that it started may hold its output open.
    child.on('exit', () => setTimeout(() => closed || destroyOutput(child), 500).unref())
  })
  return {
    pid: child.pid,
    ended,
    async end(graceMs) {
      const isOver = child.exitCode !== null || child.signalCode !== null
      if (child.pid === undefined || (isOver && process.platform === 'win32')) return
      signalGroup(child.pid, 'SIGTERM')
      const killer = setTimeout(() => signalGroup(child.pid as number, 'SIGKILL'), graceMs)
      await ended
      clearTimeout(killer)
      // What it started may not have listened.
      signalGroup(child.pid, 'SIGKILL')
    },
    kill() {
      if (child.pid !== undefined && child.exitCode === null) signalGroup(child.pid, 'SIGTERM')
    },
  }
}

function destroyOutput(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
}

/** Sends a signal to all processes of a group; silently nothing where it is gone. */
export function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => {},
    )
    return
  }
  try {
    process.kill(-pid, signal)
  } catch {
    // It is gone.
  }
}

/** What npm installs is a script of the command processor there, which starts by itself only through it. */
function onWindows(file: string, args: readonly string[]) {
  if (process.platform !== 'win32' || !/\.(cmd|bat)$/i.test(file))
    return { command: file, words: [...args], verbatim: false }
  const line = [file, ...args].map(word => `"${word}"`).join(' ')
  return {
    command: process.env.comspec ?? 'cmd.exe',
    words: ['/d', '/s', '/c', `"${line}"`],
    verbatim: true,
  }
}
