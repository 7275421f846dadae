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

/** Reads lines from standard input; on a terminal with a prompt and editing. `interrupted` is called on Ctrl-C. */
export function openLines(streams: Streams, prompt: string, interrupted: () => void): LineSource {
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
  editor.on('SIGINT', interrupted)
  return {
    lines: { [Symbol.asyncIterator]: () => iterator },
    hide: () => {
      if (terminal && open) streams.stdout.write('\r\u001b[K')
    },
    show: () => {
      if (terminal && open) editor.prompt(true)
    },
    close: () => editor.close(),
  }
}
