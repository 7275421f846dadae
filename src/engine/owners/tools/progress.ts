import type { Command } from '../../commands.ts'
import type { Fact, TurnTimes } from '../../facts.ts'
import { callLanguage } from '../../language.ts'
import { type Outcome, observe, type Surroundings } from '../../owner.ts'
import type { AssistantPlan, ToolMessage, ToolPlan } from '../../plan.ts'
import type { ToolCall } from '../../ports/language-model.ts'
import type { ToolRun, ToolsState } from '../../tools-state.ts'
import { textOf } from './messages.ts'

/** What one event makes of the tools: the slice so far, and what goes out. Made for one event and then given up. */
export interface Progress {
  slice: ToolsState
  commands: Command[]
  facts: Fact[]
  surroundings: Surroundings
}

export function beginProgress(slice: ToolsState, surroundings: Surroundings): Progress {
  return { slice, commands: [], facts: [], surroundings }
}

export function outcomeOf({ slice, commands, facts }: Progress): Outcome<ToolsState> {
  return { slice, commands, facts }
}

export function planOf(run: ToolRun, { surroundings }: Progress): AssistantPlan {
  return surroundings.call.members[run.member] ?? surroundings.plan
}

export function toolOf(run: ToolRun, progress: Progress): ToolPlan | undefined {
  return planOf(run, progress).tools[run.tool]
}

/** Puts a run in the place of the one of its name, or at the end. */
export function keep(progress: Progress, run: ToolRun): void {
  const { running } = progress.slice
  const place = running.findIndex(({ workId }) => workId === run.workId)
  const changed = place === -1 ? [...running, run] : running.with(place, run)
  progress.slice = { ...progress.slice, running: changed }
}

/** Takes a run out, with its timers. */
export function drop(progress: Progress, run: ToolRun): void {
  progress.slice = {
    ...progress.slice,
    running: progress.slice.running.filter(({ workId }) => workId !== run.workId),
  }
  for (const delayMs of run.delays)
    progress.commands.push({ type: 'timer.clear', timerId: delayTimer(run.workId, delayMs) })
}

export function delayTimer(workId: string, delayMs: number): string {
  return `tools.delayed/${workId}/${delayMs}`
}

/** Says something of a tool; nothing where the text is empty or the call is ending. True where it is said. */
export function say(
  progress: Progress,
  text: string,
  run: ToolRun,
  more: { endsCall?: string; tag?: string; interruptible?: boolean } = {},
): boolean {
  if (text === '' || progress.surroundings.others.lifecycle.phase !== 'live') return false
  const { endsCall = null, interruptible = true, tag } = more
  progress.facts.push({
    type: 'say',
    text,
    source: 'tool',
    interruptible,
    endsCall,
    // What no model called answers no turn.
    times: run.quiet ? null : run.times,
    ...(tag !== undefined && { tag }),
  })
  return true
}

/** The language of the call for the assistant of a tool. */
export function languageOf(run: ToolRun, progress: Progress): string {
  return callLanguage(planOf(run, progress), progress.surroundings.others)
}

/** Says a message of a tool in the language of the call. */
export function sayMessage(progress: Progress, run: ToolRun, message: ToolMessage, tag?: string): boolean {
  const endsCall = message.endsCall ? 'assistant-ended-call-after-message-spoken' : undefined
  return say(progress, textOf(message, languageOf(run, progress)), run, {
    ...(endsCall !== undefined && { endsCall }),
    ...(tag !== undefined && { tag }),
  })
}

/** Makes the end of a tool public and puts its result into the history. */
export function report(
  progress: Progress,
  call: ToolCall,
  outcome: { result: string } | { error: string },
  dryRun: boolean,
  inHistory = true,
): void {
  progress.commands.push(
    observe(progress.surroundings.atMs, {
      type: 'tool.completed',
      name: call.name,
      toolCallId: call.id,
      ...outcome,
      ...(dryRun && { dryRun: true as const }),
    }),
  )
  const text = 'result' in outcome ? outcome.result : outcome.error
  if (inHistory) progress.facts.push({ type: 'tool.finished', call, text, ...(dryRun && { dryRun }) })
}

/** The turn that the next words answer: a later one than the tool's, where the customer went on while it ran. */
export function turnToAnswer({ surroundings }: Progress, times: TurnTimes): TurnTimes {
  const later = surroundings.others.customer.unanswered?.times
  return later !== undefined && later.turn > times.turn ? later : times
}

export function warn(progress: Progress, message: string): void {
  progress.commands.push(observe(progress.surroundings.atMs, { type: 'warning', message }))
}
