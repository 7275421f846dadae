import { readFile } from 'node:fs/promises'
import type { CallRecipe } from '../../assistant/recipe.ts'
import type { StampedCommand } from '../../engine/commands.ts'
import type { CallStarted, Input } from '../../engine/inputs.ts'
import type { Observation } from '../../engine/observations.ts'
import type { AudioFrame } from '../../engine/ports/audio-input.ts'
import { fileFaultOf, systemCodeOf, usageError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import type { CallStart } from '../ports.ts'
import { CALL_LOG_FORMAT, type CallLogHeader, type CallLogLine, type PlanRenewal } from './format.ts'

/** One input and what it led to. */
export interface LoggedStep {
  input: Input
  commands: readonly StampedCommand[]
  /** The plans of this renewal hold from this input on. */
  renewal: number | null
  /** Where the commands stand in the file, from 1. */
  line: number
}

/** A saved call, read. */
export interface CallLog {
  path: string
  header: CallLogHeader
  start: CallStart
  steps: readonly LoggedStep[]
  renewals: readonly PlanRenewal[]
  /** With the answers that came while the call ran. */
  recipe: CallRecipe
  /** The customer's sound, in pieces without gaps; empty in a call without sound. */
  sound: readonly AudioFrame[]
  /** The program ended in the middle of the call. */
  isCutOff: boolean
}

/**
 * Reads a saved call. A last line that was cut off is passed over. Throws a usage error for a file that is none, is of a
 * newer format, or has a line that cannot be read.
 */
export async function readCallLog(path: string): Promise<CallLog> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const reason = systemCodeOf(error) === 'ENOENT' ? 'there is no such file' : fileFaultOf(error)
    throw usageError(`${path} cannot be read: ${reason}`, 'vapi call local … --save FILE saves a call')
  }
  return parseCallLog(text, path)
}

/** The same of a text; `path` names it in errors. */
export function parseCallLog(text: string, path: string): CallLog {
  const lines = text.split('\n')
  // What comes after the last line end was cut off.
  lines.pop()
  const header = readHeader(lines[0], path)
  const steps: LoggedStep[] = []
  const renewals: PlanRenewal[] = []
  const answers = [...header.recipe.answers]
  const sound: AudioFrame[] = []
  let input: Input | null = null
  for (const [place, source] of lines.entries()) {
    if (place === 0 || source === '') continue
    const line = readLine(source, path, place + 1)
    switch (line.type) {
      case 'input':
        input = line.input
        break
      case 'commands':
        if (input === null)
          throw usageError(`${path}, line ${place + 1}: commands without the input that they follow from`)
        steps.push({ input, commands: line.commands, renewal: line.renewal ?? null, line: place + 1 })
        input = null
        break
      case 'renewal':
        renewals.push(line)
        break
      case 'answer': {
        const { type: _type, ...answer } = line
        answers.push(answer)
        break
      }
      case 'audio':
        sound.push({ audioMs: line.audioMs, samples: samplesOf(line.samples) })
        break
      default:
      // Of a later version that keeps this format.
    }
  }
  return {
    path,
    header,
    start: startOf(steps, path),
    steps,
    renewals,
    recipe: { ...header.recipe, answers },
    sound,
    isCutOff: !steps.some(({ commands }) => commands.some(({ type }) => type === 'call.end')),
  }
}

/** What the call told, in its order: the events of `--json`. */
export function observationsOf({ steps }: Pick<CallLog, 'steps'>): Observation[] {
  return steps.flatMap(({ commands }) =>
    commands.flatMap(command => (command.type === 'observe' ? [command.observation] : [])),
  )
}

/** True for the text of a saved call. */
export function isCallLog(text: string): boolean {
  const header = parseObject(text.slice(0, text.indexOf('\n')))
  return header?.type === 'call' && isObject(header.recipe)
}

function readHeader(source: string | undefined, path: string): CallLogHeader {
  const header = source === undefined ? null : parseObject(source)
  if (header === null || header.type !== 'call' || typeof header.format !== 'number')
    throw usageError(`${path} is not a saved call`, 'vapi call local … --save FILE saves a call')
  if (header.format > CALL_LOG_FORMAT)
    throw usageError(
      `${path} has format ${header.format}, which a newer vapi wrote; this one knows format ${CALL_LOG_FORMAT}`,
      'install the newest version of vapi',
    )
  if (!isObject(header.recipe) || !isObject(header.recipe.configuration))
    throw usageError(`${path} is not a saved call: its first line has no configuration`)
  return header as unknown as CallLogHeader
}

function readLine(source: string, path: string, place: number): CallLogLine {
  const line = parseObject(source)
  const isWhole =
    line !== null &&
    typeof line.type === 'string' &&
    (line.type !== 'input' || isInput(line.input)) &&
    (line.type !== 'commands' || Array.isArray(line.commands))
  if (!isWhole) throw usageError(`${path}, line ${place}: this is no line of a saved call`)
  return line as unknown as CallLogLine
}

function isInput(value: unknown): boolean {
  return isObject(value) && typeof value.type === 'string' && typeof value.atMs === 'number'
}

function parseObject(source: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(source)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function startOf(steps: readonly LoggedStep[], path: string): CallStart {
  const started = steps.find((step): step is LoggedStep & { input: CallStarted } => {
    return step.input.type === 'call.started'
  })
  if (started === undefined) throw usageError(`${path}: the call was cut off before it began`)
  const { seed, epochMs, timeZone } = started.input
  return { seed, epochMs, timeZone }
}

function samplesOf(base64: string): Int16Array {
  const bytes = Buffer.from(base64, 'base64')
  const samples = new Int16Array(bytes.length >> 1)
  for (let place = 0; place < samples.length; place++) samples[place] = bytes.readInt16LE(place * 2)
  return samples
}
