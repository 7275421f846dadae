import { createInterface } from 'node:readline'
import type { Streams } from './streams.ts'

/** Lines that the user types, or that a pipe gives. */
export interface LineSource {
  lines: AsyncIterable<string>
  /** Takes the prompt off the screen before something is printed. */
  hide(): void
  /** Puts the prompt, with what was typed behind it, on the screen; the first time too. */
  show(): void
  close(): void
}

/**
 * Reads lines from standard input; on a terminal with a prompt and editing, where Ctrl-C is the process's own unless
 * `onInterrupt` takes it.
 */
export function openLines(
  streams: Streams,
  prompt: string,
  onInterrupt: () => void = interruptProcess,
): LineSource {
  const terminal = streams.stdinIsTerminal && streams.stdoutIsTerminal
  const editor = createInterface({
    input: streams.stdin,
    ...(terminal && { output: streams.stdout, prompt }),
    terminal,
    crlfDelay: Number.POSITIVE_INFINITY,
  })
  // Made at once: lines that come before somebody asks for them would be lost.
  const iterator = editor[Symbol.asyncIterator]()
  let open = true
  editor.on('close', () => {
    open = false
  })
  // The editor reads keys raw, so that the terminal makes no signal of Ctrl-C.
  editor.on('SIGINT', onInterrupt)
  return {
    lines: { [Symbol.asyncIterator]: () => iterator },
    hide: () => {
      if (!terminal || !open) return
      // A long line fills several rows: the cursor goes up to the prompt's, and all from there on is cleared.
      const { rows } = editor.getCursorPos()
      streams.stdout.write(`${rows > 0 ? `\u001b[${rows}A` : ''}\r\u001b[J`)
    },
    show: () => {
      if (terminal && open) editor.prompt(true)
    },
    close: () => editor.close(),
  }
}

/** What a terminal does at Ctrl-C. */
export function interruptProcess(): void {
  process.kill(process.pid, 'SIGINT')
}
