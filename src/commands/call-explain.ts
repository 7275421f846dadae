import { addAbortSignal } from 'node:stream'
import type { ChalkInstance } from 'chalk'
import { explainCall } from '../call/explain/explain.ts'
import type { CallExplanation } from '../call/explain/explanation.ts'
import { openRecord } from '../call/explain/open-record.ts'
import { type ReadLog, readLog } from '../call/explain/read-log.ts'
import { explanationBlocks, type TextLine } from '../call/explain/render-model.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, usageError } from '../errors.ts'
import type { Output } from '../output/output.ts'
import { printable } from '../output/table.ts'

/** Text is wrapped on a terminal, at this width at most. */
const WIDEST = 100
const INDENT = '  '

export default defineCommand(
  {
    name: 'call explain',
    summary: 'tell turn by turn why the assistant spoke when it did, and what would be faster',
    description:
      'Reads what call local and call simulate tell of a call and says who decided the end of each turn, what was waited for, where the time went, and which settings would save how much of it. What it computes holds for this call as it went.',
    args: [
      {
        name: 'call',
        summary:
          'a file of events (JSON lines of --json, or a saved .vapicall; - is standard input), or the folder or id of a local call (default: the last one in .vapi/calls)',
        required: false,
      },
    ],
    options: {
      turn: { type: 'number', placeholder: 'N', minimum: 0, summary: 'this turn alone; 0 is the opening' },
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi call explain', does: 'the last local call' },
      { command: 'vapi call explain events.jsonl --turn 3', does: 'one turn of a call' },
      {
        command: 'vapi call simulate appointment.yaml --json | vapi call explain -',
        does: 'a simulated call, to the millisecond',
      },
      {
        command: "vapi call explain --jq '.advice[] | {setting, to}'",
        does: 'the settings that would make it faster',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [target], options }, context) => {
    const { output, workingDirectory, signal } = context
    const only = options.turn ?? null
    if (only !== null && !Number.isInteger(only)) throw usageError(`--turn ${only} is not a whole number`)
    const { stdin } = output.streams
    const { name, pieces } = await openRecord(
      target,
      workingDirectory,
      target === '-' ? addAbortSignal(signal, stdin) : stdin,
    )
    const log = await readUntil(pieces, context)
    if (log === null) return Exit.interrupted
    tellWhatWasLeftOut(log, name, output)
    const calls = log.calls.map(explainCall)
    requireTurn(calls, only, name)
    const print = output.isJson ? printJson : await textPrinter(output)
    for (const [place, call] of calls.entries()) await print(call, only, place, output)
    return undefined
  },
)

/** Null where the user stopped it. */
async function readUntil(
  pieces: AsyncIterable<Uint8Array | string>,
  { signal }: Context,
): Promise<ReadLog | null> {
  try {
    return await readLog(pieces)
  } catch (error) {
    if (signal.aborted) return null
    throw error
  }
}

/** Warns of lines that could not be used. Throws a usage error where nothing of a call is left. */
function tellWhatWasLeftOut(log: ReadLog, name: string, output: Output): void {
  if (log.newerFormat !== null)
    throw usageError(
      `${name} was saved by a newer vapi (format ${log.newerFormat})`,
      'install the newest version of vapi',
    )
  if (log.calls.length === 0)
    throw usageError(
      `${name} holds no events of a call`,
      'vapi call local … --json and vapi call simulate … --json print them; a local call keeps them in its folder',
    )
  if (log.torn) output.warning(`the last line of ${name} broke off and is left out`)
  const lines = log.foreignLines + log.brokenLines
  if (lines > 0)
    output.warning(
      `${countOf(lines, 'line')} of ${name} cannot be read and ${lines === 1 ? 'is' : 'are'} left out`,
    )
  const unknown = log.calls.flatMap(({ unknownEvents }) => Object.entries(unknownEvents))
  const events = unknown.reduce((sum, [, count]) => sum + count, 0)
  if (events > 0) {
    const types = [...new Set(unknown.map(([type]) => type))].slice(0, 5).join(', ')
    output.note(
      `${countOf(events, 'event')} of types that this vapi does not know ${events === 1 ? 'is' : 'are'} left out: ${types}`,
    )
  }
}

function countOf(count: number, what: string): string {
  return count === 1 ? `one ${what}` : `${count} ${what}s`
}

function requireTurn(calls: readonly CallExplanation[], only: number | null, name: string): void {
  if (only === null) return
  const known = calls.flatMap(({ turns }) => turns.map(({ turn }) => turn))
  if (known.includes(only)) return
  const last = known.reduce((most, turn) => Math.max(most, turn), 0)
  throw usageError(`${name} has no turn ${only}`, `its turns go from 0 (the opening) to ${last}`)
}

async function printJson(
  call: CallExplanation,
  only: number | null,
  _place: number,
  output: Output,
): Promise<void> {
  const turns = call.turns.filter(({ turn }) => only === null || turn === only)
  const advice = call.advice.filter(({ saves }) => only === null || saves.some(({ turn }) => turn === only))
  await output.event({ ...call, turns, advice })
}

async function textPrinter(output: Output) {
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: output.options.colour.stdout ? 1 : 0 })
  const width = output.streams.stdoutIsTerminal
    ? Math.min(WIDEST, output.streams.columns()) - 1
    : Number.POSITIVE_INFINITY
  return async (call: CallExplanation, only: number | null, place: number): Promise<void> => {
    const blocks = explanationBlocks(call, only).map(({ heading, aside, lines }) => {
      const title = paint.bold(wrap(printable(heading), width, '').join('\n'))
      const beside = aside === '' ? '' : `  ${paint.dim(printable(aside))}`
      return [`${title}${beside}`, ...lines.flatMap(line => textLines(line, width, paint))].join('\n')
    })
    output.text(`${place === 0 ? '' : '\n'}${blocks.join('\n\n')}\n`)
  }
}

function textLines({ kind, text }: TextLine, width: number, paint: ChalkInstance): string[] {
  const lines = wrap(printable(text), width, INDENT)
  if (kind === 'sum') return lines.map(line => paint.cyan(line))
  return kind === 'quote' || kind === 'remark' ? lines.map(line => paint.dim(line)) : lines
}

/** Lines of so many columns at most, but for words that are longer. */
function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = indent
  for (const word of text.split(' ')) {
    if (line !== indent && line.length + 1 + word.length > width) {
      lines.push(line)
      line = indent
    }
    line += line === indent ? word : ` ${word}`
  }
  return [...lines, line]
}
