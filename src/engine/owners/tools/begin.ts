import type { TurnTimes } from '../../facts.ts'
import { modelMessages } from '../../messages.ts'
import { observe } from '../../owner.ts'
import type { ToolPlan } from '../../plan.ts'
import type { ToolCall } from '../../ports/language-model.ts'
import type { HistoryEntry } from '../../state.ts'
import type { ToolRun } from '../../tools-state.ts'
import { finish, settle } from './finish.ts'
import { fittingMessages, pickFiller, pickVariant, textOf } from './messages.ts'
import {
  delayTimer,
  drop,
  keep,
  languageOf,
  type Progress,
  planOf,
  report,
  say,
  sayMessage,
  toolOf,
} from './progress.ts'
import { leave, resolveDestination } from './transfer.ts'

/** What a model, a hook or the control port calls. */
export interface Calling {
  call: ToolCall
  /** Place of the tool in the plan; -1 where there is none of that name. */
  tool: number
  times: TurnTimes
  /** Nobody is asked to answer it. */
  quiet: boolean
  /** The reply has words of its own, which need no filler. */
  hasWords: boolean
}

/** Begins one call of a tool: it is judged, announced and run, each where it has to be. */
export function begin(progress: Progress, calling: Calling): void {
  const { surroundings } = progress
  const { plan, others, atMs } = surroundings
  const tool = plan.tools[calling.tool]
  const made = { ...calling.call, id: uniqueId(calling.call.id, others.history.entries, progress) }
  const call = { ...made, arguments: { ...made.arguments, ...tool?.fixedArguments } }
  progress.commands.push(
    observe(atMs, {
      type: 'tool.called',
      name: call.name,
      toolCallId: call.id,
      arguments: call.arguments,
      ...(isDryRun(tool) && { dryRun: true }),
    }),
  )
  progress.facts.push({ type: 'tool.started', call: made })
  if (tool === undefined) {
    report(progress, call, { error: `there is no tool named ${call.name}` }, false)
    if (!calling.quiet) progress.slice = { ...progress.slice, answerDue: true }
    return
  }
  const run: ToolRun = {
    workId: `tool-${progress.slice.nextWork}`,
    call,
    tool: calling.tool,
    member: others.squad.member,
    times: calling.times,
    awaited: !calling.quiet,
    quiet: calling.quiet,
    stage: 'judging',
    delays: [],
    destination: null,
    result: null,
  }
  progress.slice = { ...progress.slice, nextWork: progress.slice.nextWork + 1 }
  if (!tool.judged) {
    proceed(progress, run, calling.hasWords)
    return
  }
  keep(progress, run)
  progress.commands.push({
    type: 'judge',
    workId: run.workId,
    tool: run.tool,
    messages: modelMessages(others.history),
    nowMs: others.lifecycle.epochMs + atMs,
    member: run.member,
  })
}

/** Goes on with a call that was not rejected. */
export function proceed(progress: Progress, run: ToolRun, hasWords: boolean): void {
  const tool = toolOf(run, progress)
  if (tool === undefined) return
  if (tool.type === 'endCall' || tool.type === 'voicemail') {
    endCall(progress, run, tool)
    return
  }
  let ready = run
  if (tool.type === 'transfer') {
    const found = resolveDestination(tool, run.call)
    if (typeof found === 'string') {
      keep(progress, run)
      finish(progress, run, { type: 'error', error: found })
      return
    }
    ready = { ...run, destination: found }
    if (tool.kind === 'transferCall' && found.type !== 'dynamic') {
      leave(progress, ready, found, null)
      return
    }
  }
  if (tool.type === 'function' && tool.async) {
    runAlone(progress, ready)
    return
  }
  const tag = `start/${ready.workId}`
  if (announceStart(progress, ready, hasWords, tag)) keep(progress, { ...ready, stage: 'announcing' })
  else runNow(progress, ready)
}

/** Nobody waits for an async tool: it is answered at once. */
function runAlone(progress: Progress, run: ToolRun): void {
  runNow(progress, { ...run, awaited: false })
  progress.facts.push({ type: 'tool.finished', call: run.call, text: 'Success.' })
  if (run.quiet) return
  const complete = pickVariant(
    fittingMessages(toolOf(run, progress)?.messages ?? [], 'request-complete', run.call),
    progress.slice.random,
  )
  progress.slice = { ...progress.slice, random: complete.random }
  const spoken = complete.picked?.role === 'assistant' && sayMessage(progress, run, complete.picked)
  if (!spoken) progress.slice = { ...progress.slice, answerDue: true }
}

/** Starts the work of a run, and the timers of what is said if it takes long. */
export function runNow(progress: Progress, run: ToolRun): void {
  const { others, atMs } = progress.surroundings
  const tool = toolOf(run, progress)
  const waiting = tool?.type === 'function' && tool.async ? [] : (tool?.messages ?? [])
  const delayed = fittingMessages(waiting, 'request-response-delayed', run.call)
  const delays = [...new Set(delayed.map(({ delayMs }) => delayMs))]
  for (const delayMs of delays) {
    const timerId = delayTimer(run.workId, delayMs)
    progress.commands.push({ type: 'timer.set', timerId, atMs: atMs + delayMs })
  }
  keep(progress, { ...run, stage: 'running', delays })
  progress.commands.push({
    type: 'tool.run',
    workId: run.workId,
    call: run.call,
    tool: run.tool,
    member: run.member,
    ...(run.destination?.type === 'dynamic' && { purpose: 'destination' as const }),
    ...(tool?.type === 'function' && tool.takesMessages && { messages: modelMessages(others.history) }),
  })
}

/** Says the start message. True where the tool has to wait until it was heard. */
function announceStart(progress: Progress, run: ToolRun, hasWords: boolean, tag: string): boolean {
  const messages = fittingMessages(toolOf(run, progress)?.messages ?? [], 'request-start', run.call)
  const chosen = pickVariant(messages, progress.slice.random)
  progress.slice = { ...progress.slice, random: chosen.random }
  if (chosen.picked !== null) {
    const { blocking } = chosen.picked
    return (
      sayMessage(progress, run, { ...chosen.picked, endsCall: false }, blocking ? tag : undefined) && blocking
    )
  }
  // A reply with words of its own needs no filler, and nobody waits for what a hook runs.
  const filler = pickFiller(progress.slice.random)
  progress.slice = { ...progress.slice, random: filler.random }
  if (!hasWords && !run.quiet) say(progress, filler.picked, run)
  return false
}

function endCall(progress: Progress, run: ToolRun, tool: ToolPlan): void {
  const plan = planOf(run, progress)
  const start = pickVariant(fittingMessages(tool.messages, 'request-start', run.call), progress.slice.random)
  progress.slice = { ...progress.slice, random: start.random }
  const otherwise = tool.type === 'voicemail' ? tool.message : plan.endCallMessage
  const message = start.picked === null ? otherwise : textOf(start.picked, languageOf(run, progress))
  progress.commands.push(
    observe(progress.surroundings.atMs, {
      type: 'tool.completed',
      name: run.call.name,
      toolCallId: run.call.id,
      result: 'ended',
    }),
  )
  progress.facts.push(
    { type: 'tool.finished', call: run.call, text: 'Success.' },
    {
      type: 'end.wanted',
      endedReason: tool.type === 'voicemail' ? 'voicemail' : 'assistant-ended-call',
      message,
      now: false,
      failure: null,
    },
  )
  drop(progress, run)
}

/** The customer went on before the tool had begun: with the answer its tools are taken back. */
export function takeBack(progress: Progress, run: ToolRun): void {
  drop(progress, run)
  report(progress, run.call, { error: 'the customer went on speaking, so this was not done' }, false)
  settle(progress, run.times)
}

/** Models need ids that differ; some repeat theirs, or give none. */
function uniqueId(id: string, entries: readonly HistoryEntry[], progress: Progress): string {
  const taken = new Set([
    ...entries.flatMap(entry => (entry.role === 'tool_calls' ? entry.calls.map(call => call.id) : [])),
    ...progress.facts.flatMap(fact => (fact.type === 'tool.started' ? [fact.call.id] : [])),
  ])
  const base = id === '' ? 'call' : id
  let unique = id === '' ? 'call-1' : id
  for (let count = 2; taken.has(unique); count++) unique = `${base}-${count}`
  return unique
}

function isDryRun(tool: ToolPlan | undefined): boolean {
  return tool?.type === 'function' && tool.dryRun
}
