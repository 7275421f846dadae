import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { assign } from '../api/body.ts'
import type { JsonObject } from '../api/types.ts'
import type { Json } from '../assistant/overrides.ts'
import { type ExactReplay, replayExactly } from '../call/replay/exact.ts'
import { type CallLog, readCallLog } from '../call/replay/read.ts'
import { versions } from '../call/replay/versions.ts'
import { documentOf, type WhatIf, whatIf } from '../call/replay/what-if.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, usageError } from '../errors.ts'
import { type Row, rowsOf, tellDifference } from './call-replay-view.ts'
import { setAssignments } from './resource/body.ts'

export default defineCommand(
  {
    name: 'call replay',
    summary: 'run a saved call again: exactly, or as it would be with other settings',
    description:
      'Without --set, every input of the call is taken again and what the engine asks for is compared: exit 3 at the first difference. With --set, the call is played again on a virtual clock with the changed configuration: the customer says the same at the same distance to the assistant’s speech, providers that are asked the same answer as they did, and turns that differ stand side by side. Where something is asked that was not asked before, this turn and the later ones are diverged and not compared; exit 3 when anything differs.',
    args: [{ name: 'call', summary: 'a file of vapi call local … --save', required: true }],
    options: {
      set: {
        type: 'list',
        placeholder: 'PATH=VALUE',
        summary:
          'change a setting of the assistant (startSpeakingPlan.waitSeconds=0.8; of a squad members[0].assistant.…); @FILE is a file’s content',
      },
    },
    formats: ['table', 'json', 'yaml', 'tsv'],
    examples: [
      { command: 'vapi call replay call.vapicall', does: 'check that this version answers as then' },
      {
        command: 'vapi call replay call.vapicall --set startSpeakingPlan.waitSeconds=0',
        does: 'what another wait would have made of it',
      },
      {
        command: 'vapi call replay call.vapicall --set stopSpeakingPlan.numWords=2 --json',
        does: 'all turns, before and after',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [file], options }, context) => {
    const log = await readCallLog(await findSaved(file, context))
    if (log.isCutOff) context.output.note('the record was cut off before the end of the call')
    const exact = await replayExactly(log)
    return options.set.length === 0
      ? reportExact(file, log, exact, context)
      : reportChange(file, log, exact, options.set, context)
  },
)

/** The file, or the one saved call of a folder: a path, or the id of a local call. */
async function findSaved(named: string, { workingDirectory }: Context): Promise<string> {
  const path = resolve(workingDirectory, named)
  for (const folder of [path, join(workingDirectory, '.vapi', 'calls', named)]) {
    const names = await readdir(folder).catch(() => null)
    if (names === null) continue
    const saved = names.filter(name => name.endsWith('.vapicall'))
    const [first, ...others] = saved
    if (first !== undefined && others.length === 0) return join(folder, first)
    throw usageError(
      saved.length === 0
        ? `${named} is a folder without a saved call (.vapicall)`
        : `${named} is a folder with several saved calls: ${saved.join(', ')}`,
      saved.length === 0 ? 'vapi call local … --save FILE saves a call' : 'name one of them',
    )
  }
  return path
}

async function reportExact(
  file: string,
  log: CallLog,
  { inputs, commands, difference }: ExactReplay,
  { output }: Context,
): Promise<ExitCode> {
  const identical = difference === null
  if (wantsDocument(output.options.format, output.isJson)) {
    const call = { file, cutOff: log.isCutOff, ...versionsOf(log) }
    await output.document({ ...call, identical, inputs, commands, difference })
  } else if (identical) output.text(`identical: ${inputs} inputs gave the same ${commands} commands\n`)
  else tellDifference(difference, log, output)
  return identical ? Exit.done : Exit.checkFailed
}

async function reportChange(
  file: string,
  log: CallLog,
  exact: ExactReplay,
  set: readonly string[],
  context: Context,
): Promise<ExitCode> {
  const { output } = context
  const assignments = await readAssignments(log, set, context)
  const change = (document: Json): Json => assign(document as JsonObject, assignments)
  const { warnings, ...comparison } = await whatIf(log, change)
  if (exact.difference !== null)
    warnings.unshift(
      'this program answers the saved call otherwise than the one that took it (call replay without --set shows where); both sides are played by this one',
    )
  for (const warning of warnings) output.warning(warning)
  if (wantsDocument(output.options.format, output.isJson))
    await output.document({ file, ...versionsOf(log), set: assignments, ...comparison, warnings })
  else {
    const columns = (['turn', 'part', 'before', 'after', 'difference'] as const).map(heading => ({
      heading,
      value: (row: Row) => row[heading],
    }))
    await output.list(rowsOf(comparison), columns, ({ turn }) => turn)
    summarise(comparison, context)
  }
  return comparison.differs ? Exit.checkFailed : Exit.done
}

function wantsDocument(format: string | null, isJson: boolean): boolean {
  return isJson || format === 'yaml'
}

/** The assignments of `--set`, typed by the API's schema. Throws a usage error for a path that leads to no setting. */
async function readAssignments({ recipe }: CallLog, set: readonly string[], context: Context) {
  const { loadSchema, schemasAt, schemaTypeAt } = await import('../assistant/validate/schema.ts')
  const { type } = documentOf(recipe)
  const schema = await loadSchema(`${type}.create`)
  const assignments = await setAssignments({ set: [...set] }, path => schemaTypeAt(schema, path), context)
  for (const { path } of assignments) {
    const isMember = /^members(?:\[\d+\]|\.\d+)\.(?:assistant|assistantDestinations)\b/.test(path)
    if (type === 'squad' ? !isMember : schemasAt(schema, path).length === 0)
      throw usageError(
        `--set ${path}: there is no such setting of ${type === 'squad' ? 'the squad' : 'an assistant'}`,
        type === 'squad'
          ? 'for example --set members[0].assistant.startSpeakingPlan.waitSeconds=0.8'
          : 'for example --set startSpeakingPlan.waitSeconds=0.8',
      )
    if (type === 'squad' && schemasAt(schema, path).length === 0)
      throw usageError(`--set ${path}: there is no such setting of an assistant`)
  }
  return assignments
}

function versionsOf({ header }: CallLog) {
  const now = versions()
  return {
    program: { recorded: header.program, now: now.program },
    node: { recorded: header.node, now: now.node },
  }
}

function summarise(
  { turns, diverged, unrecorded, ended }: Omit<WhatIf, 'warnings'>,
  { output }: Context,
): void {
  const different = turns.filter(({ status }) => status === 'differs').length
  const compared = turns.filter(({ status }) => status === 'differs' || status === 'same').length
  output.note(
    compared === 0 ? 'no turn could be compared' : `${different} of ${compared} compared turns differ`,
  )
  if (diverged !== null)
    output.note(
      `diverged from turn ${diverged.turn} on, at ${seconds(diverged.atMs)}: ${diverged.reason}${differenceText(diverged.difference)}`,
    )
  if (unrecorded !== null) output.note(`not compared from turn ${unrecorded.turn} on: ${unrecorded.reason}`)
  const [before, after] = [ended.before?.endedReason, ended.after?.endedReason]
  if (before !== undefined && after !== undefined && before !== after)
    output.note(`the call ended otherwise: ${before}, now ${after}`)
}

/** Longer values are cut to where they differ. */
const SHOWN = 60

function differenceText(difference: NonNullable<WhatIf['diverged']>['difference']): string {
  if (difference === undefined) return ''
  const { path, before, after } = difference
  const [was, is] = [before, after].map(value =>
    value === undefined ? 'nothing' : JSON.stringify(value),
  ) as [string, string]
  let same = 0
  while (same < was.length && was[same] === is[same]) same++
  const from = was.length > SHOWN || is.length > SHOWN ? Math.max(0, same - 20) : 0
  const shown = (text: string) =>
    `${from > 0 ? '… ' : ''}${text.slice(from, from + SHOWN)}${text.length > from + SHOWN ? ' …' : ''}`
  return `; ${path}: ${shown(was)} before, ${shown(is)} now`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`
}
