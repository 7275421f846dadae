import type { TurnTimes } from '../../facts.ts'
import type { ToolResult } from '../../inputs.ts'
import type { ToolMessage } from '../../plan.ts'
import type { ToolRun } from '../../tools-state.ts'
import { fittingMessages, messageOfReply, pickVariant, textOf } from './messages.ts'
import {
  drop,
  languageOf,
  type Progress,
  report,
  sayMessage,
  toolOf,
  turnToAnswer,
  warn,
} from './progress.ts'
import { arrive, handOver, leave, passedOn } from './transfer.ts'

/** The longest result that goes into the history, in characters: models take no books. */
const MAXIMUM_RESULT = 100_000

/** Takes the answer of a tool's work. */
export function take(progress: Progress, run: ToolRun, outcome: ToolResult): void {
  for (const message of outcome.warnings ?? []) warn(progress, `tool ${run.call.name}: ${message}`)
  if (outcome.variables !== undefined) {
    const variables = { ...progress.slice.variables, ...outcome.variables }
    progress.slice = { ...progress.slice, variables }
  }
  if (run.stage === 'transferring') {
    passedOn(progress, run, outcome)
    return
  }
  const tool = toolOf(run, progress)
  if (outcome.type === 'client') {
    toldClient(progress, run)
    return
  }
  if (tool?.type === 'transfer' && outcome.type !== 'error') {
    takeDestination(progress, run, outcome, tool.definition)
    return
  }
  const known: ToolResult =
    outcome.type === 'destination'
      ? { type: 'error', error: 'a destination is no answer to this tool' }
      : outcome
  finish(progress, run, known)
}

/** The server has said where the call goes, or the hand-over of the model's choice may happen. */
function takeDestination(
  progress: Progress,
  run: ToolRun,
  outcome: Extract<ToolResult, { type: 'result' | 'destination' }>,
  definition: Readonly<Record<string, unknown>>,
): void {
  const destination = outcome.type === 'destination' ? outcome.destination : run.destination
  if (destination === null || destination.type === 'dynamic')
    finish(progress, run, { type: 'error', error: 'the server named no destination' })
  else if (outcome.type === 'destination')
    leave(progress, { ...run, result: outcome.result ?? null }, destination, outcome.message ?? null)
  else arrive(progress, { ...run, destination, result: defaultResult(definition) })
}

/** Ends a run: its result goes into the history, then its own words are said or the model answers. */
export function finish(
  progress: Progress,
  run: ToolRun,
  outcome: Extract<ToolResult, { type: 'result' | 'error' }>,
): void {
  drop(progress, run)
  const isResult = outcome.type === 'result'
  const text = limited(progress, isResult ? outcome.result : outcome.error, run.call.name)
  const tool = toolOf(run, progress)
  const dryRun = tool?.type === 'function' && tool.dryRun
  const isAsync = tool?.type === 'function' && tool.async
  report(progress, run.call, isResult ? { result: text } : { error: text }, dryRun, !isAsync)
  if (isAsync) return
  const spoken = sayAnswer(progress, run, outcome)
  if (run.quiet) return
  if (!spoken) progress.slice = { ...progress.slice, answerDue: true }
  settle(progress, run.times)
}

/** The words of a tool's end in place of the model's. True where something is said. */
function sayAnswer(
  progress: Progress,
  run: ToolRun,
  outcome: Extract<ToolResult, { type: 'result' | 'error' }>,
): boolean {
  const type: ToolMessage['type'] = outcome.type === 'result' ? 'request-complete' : 'request-failed'
  const configured = fittingMessages(toolOf(run, progress)?.messages ?? [], type, run.call)
  const own = messageOfReply(outcome.message, type)
  const { picked, random } = pickVariant(own === null ? configured : [own], progress.slice.random)
  progress.slice = { ...progress.slice, random }
  if (picked === null) return false
  if (picked.role === 'assistant') return sayMessage(progress, run, picked)
  const content = textOf(picked, languageOf(run, progress))
  if (content !== '') progress.facts.push({ type: 'message.added', role: 'system', content })
  return false
}

/** Goes on once no tool of the batch is waited for: a hand-over comes first, else the model answers if it has to. */
export function settle(progress: Progress, times: TurnTimes): void {
  const { running } = progress.slice
  if (running.some(({ awaited, stage }) => awaited && stage !== 'leaving-soon')) return
  const leaving = running.find(({ stage }) => stage === 'leaving-soon')
  if (leaving !== undefined) {
    handOver(progress, leaving)
    return
  }
  if (!progress.slice.answerDue) return
  progress.slice = { ...progress.slice, answerDue: false }
  progress.facts.push({ type: 'reply.wanted', times: turnToAnswer(progress, times) })
}

/** A tool without a server is the client's: its answer comes as a message, or never. */
function toldClient(progress: Progress, run: ToolRun): void {
  drop(progress, run)
  if (run.quiet) return
  const { running, answerDue } = progress.slice
  if (!answerDue && !running.some(({ awaited }) => awaited))
    progress.facts.push({ type: 'turn.settled', turn: run.times.turn })
  settle(progress, run.times)
}

/** A call that its rejection plan refuses: the model is told, and answers. */
export function reject(progress: Progress, run: ToolRun): void {
  drop(progress, run)
  const error = `the tool ${run.call.name} was not run: the conversation so far rules it out (rejectionPlan)`
  report(progress, run.call, { error }, false)
  if (run.quiet) return
  progress.slice = { ...progress.slice, answerDue: true }
  settle(progress, run.times)
}

/** What a handoff tool tells the model of a hand-over, where that is configured. */
function defaultResult(definition: Readonly<Record<string, unknown>>): string | null {
  return typeof definition.defaultResult === 'string' ? definition.defaultResult : null
}

function limited(progress: Progress, text: string, name: string): string {
  if (text.length <= MAXIMUM_RESULT) return text
  warn(progress, `tool ${name}: its result of ${text.length} characters was cut to ${MAXIMUM_RESULT}`)
  return `${text.slice(0, MAXIMUM_RESULT)} … (cut)`
}
