import type { CustomerChoice } from '../call/live/prepare.ts'
import type { Context } from '../cli/context.ts'
import { usageError } from '../errors.ts'
import { type LineSource, openLines } from '../output/line-editor.ts'

/** Who `--in` names, with the keyboard opened where the customer types, unless nobody is going to. */
export function chooseCustomer(
  input: string,
  microphone: string | null,
  { output }: Context,
  opens = true,
): { choice: CustomerChoice; typed: LineSource | null } {
  if (microphone !== null && input !== 'mic') throw usageError('--microphone needs --in mic')
  if (input === 'mic') return { choice: { type: 'microphone', device: microphone }, typed: null }
  if (input === '-') return { choice: { type: 'pipe', stream: output.streams.stdin }, typed: null }
  if (input !== 'text') return { choice: { type: 'file', path: input }, typed: null }
  if (!opens) return { choice: { type: 'typed', lines: noLines(), takeTurns: true }, typed: null }
  const typed = openLines(output.streams, '> ')
  const note = (text: string) => {
    typed.hide()
    output.note(text)
    typed.show()
  }
  const takeTurns = !output.streams.stdinIsTerminal
  return { choice: { type: 'typed', lines: typed.lines, takeTurns, note }, typed }
}

async function* noLines(): AsyncGenerator<string> {}
