import type { Clock } from '../../engine/ports/clock.ts'
import { type CallState, isSettled } from '../../engine/state.ts'
import type { Customer, CustomerLine } from '../ports.ts'

export interface TypedOptions {
  /** What is typed, line by line; its end hangs up once everything was answered. */
  lines: AsyncIterable<string>
  /** True where lines wait for their turn (a pipe); a person at a keyboard may type over the assistant. */
  takeTurns: boolean
  /** How long a line counts as speech: just long enough to interrupt, in milliseconds. */
  lastsMs: number
  clock: Clock
  /** Tells the person at the keyboard something that is no part of the call. */
  note?: (text: string) => void
}

/** What a person at the keyboard can do but speak. */
const HELP = 'commands: /keys 42# presses keys of the telephone, /beep is an answering machine’s, /help'

/** A customer at a keyboard. `/keys 42#` presses keys of the telephone, `/beep` is an answering machine's; other words behind a slash are commands that are not known; any other line is an utterance whose words are known at once; turns are taken as in speech. */
export function createTypist(options: TypedOptions): Customer {
  const { clock, lastsMs, note = () => {} } = options
  let line: CustomerLine
  let settled: (() => void) | null = null
  let over = false
  let closed = false

  async function read(): Promise<void> {
    for await (const text of options.lines) {
      if (closed) return
      const typed = text.trim()
      // A beep is no turn: it is what the assistant waits for.
      if (options.takeTurns && typed !== '/beep') await untilSettled()
      const keys = /^\/keys\s+([0-9*#]+)$/.exec(typed)?.[1]
      if (keys !== undefined) line.input({ type: 'keys.pressed', keys })
      else if (typed === '/beep') line.input({ type: 'machine.heard', what: 'beep', audioMs: clock.now() })
      else if (typed === '/help' || typed === '/?') note(HELP)
      else if (/^\/keys\b/.test(typed)) note(`/keys takes digits, * and #: /keys 42#`)
      else if (/^\/[a-z][\w-]*(\s|$)/i.test(typed))
        note(`there is no command ${typed.split(/\s/)[0]}; ${HELP}`)
      else if (typed !== '') await say(typed)
    }
    await untilSettled()
    if (!closed) line.hangUp('customer-ended-call')
  }

  function say(text: string): Promise<void> {
    const startMs = clock.now()
    line.input({ type: 'speech.started', audioMs: startMs })
    give('partial', text, startMs)
    return new Promise(resolve => {
      clock.at(startMs + lastsMs, () => {
        const endMs = clock.now()
        line.input({ type: 'speech.stopped', audioMs: endMs })
        give('final', text, endMs)
        resolve()
      })
    })
  }

  function give(transcriptType: 'partial' | 'final', text: string, audioMs: number): void {
    line.input({
      type: 'transcript',
      transcriptType,
      text,
      audioMs,
      confidence: null,
      language: null,
      endOfTurn: true,
      origin: 'keyboard',
    })
  }

  function untilSettled(): Promise<void> {
    if (over || closed) return Promise.resolve()
    return new Promise(resolve => {
      settled = resolve
      if (current !== null && isSettled(current)) settle()
    })
  }

  function settle(): void {
    settled?.()
    settled = null
  }

  let current: Readonly<CallState> | null = null
  return {
    start: async given => {
      line = given
      void read()
    },
    notice: (_observations, state) => {
      current = state
      over = state.lifecycle.phase === 'ended'
      if (over || isSettled(state)) settle()
    },
    close: async () => {
      closed = true
      settle()
    },
  }
}
