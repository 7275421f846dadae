import { spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import type { ReadStream } from 'node:tty'
import { interruptProcess } from './line-editor.ts'
import type { Streams } from './streams.ts'

/** Keys that are read one by one while something runs. */
export interface KeyReader {
  /** The terminal is as it was. May be called again. */
  close(): void
}

/**
 * Reads single keys from the terminal, which does not show them: `pressed` gets each as its character. Ctrl-C stays Ctrl-C. The terminal is
 * restored by `close`, at the end of the process however it comes, and (where there is a shell) after a kill that no program hears of.
 * Null where standard input is no terminal, or has ended.
 */
export function readKeys(streams: Streams, pressed: (key: string) => void): KeyReader | null {
  const stdin = streams.stdin as ReadStream
  if (!streams.stdinIsTerminal || stdin.destroyed || stdin.readableEnded) return null
  if (typeof stdin.setRawMode !== 'function') return null
  const saved = settings()
  const take = (data: Buffer | string) => {
    const text = data.toString()
    // Arrows and the like come as a sequence.
    if (text.startsWith('\u001b')) return
    for (const key of text) key === '\u0003' ? interruptProcess() : pressed(key)
  }
  let isOpen = true
  const close = () => {
    if (!isOpen) return
    isOpen = false
    process.off('exit', close)
    stdin.off('data', take)
    watcher?.stop()
    try {
      if (!stdin.destroyed) stdin.setRawMode(false)
    } catch {
      // The terminal is gone.
    }
    stdin.pause()
  }
  stdin.setRawMode(true)
  stdin.on('data', take)
  stdin.resume()
  process.once('exit', close)
  const watcher = watchTerminal(saved)
  return { close }
}

/** Restores the terminal when its input ends, unless somebody (the user's shell) has done so before. */
const WATCH = 'read -r line; [ "$(stty -g <&3)" = "$2" ] && stty "$1" <&3'

/** A small shell that outlives this process if it is killed; null where there is none. `saved`: the terminal before. */
function watchTerminal(saved: string | null): { stop(): void } | null {
  const raw = settings()
  if (saved === null || raw === null) return null
  return withTerminal(terminal => {
    const shell = spawn('/bin/sh', ['-c', WATCH, 'sh', saved, raw], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore', terminal],
    })
    shell.on('error', () => {})
    shell.stdin?.on('error', () => {})
    shell.unref()
    return { stop: () => void shell.kill('SIGKILL') }
  })
}

/** The terminal's settings, in its own writing. */
function settings(): string | null {
  if (process.platform === 'win32') return null
  return withTerminal(terminal => {
    const { status, stdout } = spawnSync('stty', ['-g'], {
      stdio: [terminal, 'pipe', 'ignore'],
      encoding: 'utf8',
    })
    return status === 0 ? stdout.trim() : null
  })
}

function withTerminal<Result>(work: (terminal: number) => Result): Result | null {
  let terminal: number | null = null
  try {
    terminal = openSync('/dev/tty', 'r+')
    return work(terminal)
  } catch {
    return null
  } finally {
    if (terminal !== null) closeSync(terminal)
  }
}
