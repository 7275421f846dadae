import type { Command } from '../../commands.ts'
import type { ToolResult } from '../../inputs.ts'
import { observe } from '../../owner.ts'
import type { DestinationPlan, ToolPlan, TransferSettings } from '../../plan.ts'
import type { ToolCall } from '../../ports/language-model.ts'
import type { ToolRun } from '../../tools-state.ts'
import { finish, settle } from './finish.ts'
import { fittingMessages, messageOfReply, pickVariant, textOf } from './messages.ts'
import {
  drop,
  keep,
  languageOf,
  type Progress,
  report,
  say,
  sayMessage,
  toolOf,
  turnToAnswer,
} from './progress.ts'

type TransferTool = Extract<ToolPlan, { type: 'transfer' }>

/** Said before a transfer where nothing else is configured (API: TransferDestination.message). */
const TRANSFER_WORDS = 'Transferring the call now'

/** Assistants that pass a call on to each other without end are stopped after so many hand-overs in one turn. */
const MAXIMUM_HANDOVERS = 10

/** The destination that the model chose by name, or what is wrong with its choice. */
export function resolveDestination(tool: TransferTool, call: ToolCall): DestinationPlan | string {
  const { destinations } = tool
  const dynamic = destinations.find(({ type }) => type === 'dynamic')
  const [only] = destinations
  if (only === undefined) return { type: 'dynamic', name: 'dynamic', description: null, message: null }
  const asked = call.arguments.destination
  if (asked === undefined && destinations.length === 1) return only
  const name = typeof asked === 'string' ? asked.trim() : ''
  const found =
    destinations.find(destination => destination.name === name) ??
    destinations.find(destination => destination.name.toLowerCase() === name.toLowerCase()) ??
    dynamic
  if (found !== undefined) return found
  const names = destinations.map(destination => destination.name).join(', ')
  return name === ''
    ? `no destination was given; there are ${names}`
    : `there is no destination ${name}; there are ${names}`
}

/** Says what comes before a transfer; the transfer follows once that was heard. */
export function leave(
  progress: Progress,
  run: ToolRun,
  destination: DestinationPlan,
  replyMessage: Readonly<Record<string, unknown>> | null,
): void {
  const leaving = { ...run, destination, awaited: !run.quiet }
  keep(progress, leaving)
  const fault = faultOf(progress, leaving, destination)
  if (fault !== null) {
    finish(progress, leaving, { type: 'error', error: fault })
    return
  }
  const tag = `leave/${run.workId}`
  const text = wordsBefore(progress, run, destination, replyMessage)
  const said = say(progress, text, run, { tag, interruptible: false })
  if (said) keep(progress, { ...leaving, stage: 'leaving' })
  else arrive(progress, leaving)
}

function wordsBefore(
  progress: Progress,
  run: ToolRun,
  destination: DestinationPlan,
  replyMessage: Readonly<Record<string, unknown>> | null,
): string {
  const tool = toolOf(run, progress)
  const language = languageOf(run, progress)
  const own =
    replyMessage === null ? null : messageOfReply({ ...replyMessage, type: 'request-start' }, 'request-start')
  const given = own ?? destination.message
  if (given !== null) return textOf(given, language)
  if (tool?.type === 'transfer' && tool.kind === 'handoff') return ''
  const starts = fittingMessages(tool?.messages ?? [], 'request-start', run.call)
  // A server was asked for the destination: the start message was said before that.
  if (run.stage === 'running' && starts.length > 0) return ''
  const { picked, random } = pickVariant(starts, progress.slice.random)
  progress.slice = { ...progress.slice, random }
  return picked === null ? TRANSFER_WORDS : textOf(picked, language)
}

function faultOf(progress: Progress, run: ToolRun, destination: DestinationPlan): string | null {
  const other = progress.slice.running.find(
    ({ workId, stage }) =>
      workId !== run.workId && ['leaving', 'leaving-soon', 'transferring'].includes(stage),
  )
  if (other !== undefined) return 'the call is being transferred already'
  if (destination.type !== 'assistant') return null
  const { member } = destination
  const { others } = progress.surroundings
  if (member === null) return destination.missing
  if (member === others.squad.member) return `the call is with ${destination.name} already`
  if (others.squad.handovers >= MAXIMUM_HANDOVERS)
    return `the call was handed over ${MAXIMUM_HANDOVERS} times without a word of the customer; answer the customer now`
  return null
}

/** Tells that the call would be passed on now: by telephone nothing leaves this machine. */
export function transferStarted(atMs: number, transfer: TransferSettings): Command {
  const { mode, operatorMessage, configured } = transfer
  return observe(atMs, {
    type: 'transfer.started',
    destination: { ...configured },
    mode,
    ...(operatorMessage !== null && { operatorMessage }),
    dryRun: true,
  })
}

/** The words before the transfer were heard: now it happens. */
export function arrive(progress: Progress, run: ToolRun): void {
  const { destination } = run
  if (destination === null || destination.type === 'dynamic') return
  const fault = faultOf(progress, run, destination)
  if (fault !== null) {
    finish(progress, run, { type: 'error', error: fault })
    return
  }
  if (destination.type === 'assistant') {
    keep(progress, { ...run, stage: 'leaving-soon' })
    if (run.quiet) handOver(progress, run)
    else settle(progress, run.times)
    return
  }
  progress.commands.push(transferStarted(progress.surroundings.atMs, destination.transfer))
  keep(progress, { ...run, stage: 'transferring' })
  progress.commands.push({
    type: 'tool.run',
    workId: run.workId,
    call: run.call,
    tool: run.tool,
    member: run.member,
    purpose: 'transfer',
  })
}

/** Gives the call to another assistant. */
export function handOver(progress: Progress, run: ToolRun): void {
  const { destination } = run
  if (destination?.type !== 'assistant' || destination.member === null) return
  drop(progress, run)
  progress.slice = { ...progress.slice, answerDue: false }
  const result = run.result ?? `Handed over to ${destination.name}.`
  report(progress, run.call, { result }, false)
  const complete = pickVariant(
    fittingMessages(toolOf(run, progress)?.messages ?? [], 'request-complete', run.call),
    progress.slice.random,
  )
  progress.slice = { ...progress.slice, random: complete.random }
  if (complete.picked?.role === 'assistant') sayMessage(progress, run, complete.picked)
  if (complete.picked?.role === 'system') {
    const content = textOf(complete.picked, languageOf(run, progress))
    progress.facts.push({ type: 'message.added', role: 'system', content })
  }
  progress.facts.push({
    type: 'assistant.wanted',
    member: destination.member,
    context: destination.context,
    toolCallId: run.call.id,
    times: turnToAnswer(progress, run.times),
  })
}

/** The end of a transfer by telephone: the call is over for us, or the transfer failed and the fallback counts. */
export function passedOn(progress: Progress, run: ToolRun, outcome: ToolResult): void {
  const { destination } = run
  if (destination === null || destination.type === 'assistant' || destination.type === 'dynamic') return
  const { atMs } = progress.surroundings
  const { mode, fallback, configured } = destination.transfer
  const failed = outcome.type === 'error'
  const status = failed ? ('failed' as const) : ('completed' as const)
  const record = { destination: configured, mode, atMs, status, dryRun: true as const }
  progress.slice = { ...progress.slice, transfers: [...progress.slice.transfers, record] }
  if (!failed) {
    drop(progress, run)
    report(progress, run.call, { result: `Transferred to ${destination.address} (dry run).` }, true)
    if (progress.surroundings.others.lifecycle.phase === 'live')
      progress.facts.push({ type: 'call.forwarded' })
    progress.facts.push({
      type: 'end.wanted',
      endedReason: 'assistant-forwarded-call',
      message: null,
      now: false,
      failure: null,
    })
    return
  }
  progress.commands.push(
    observe(atMs, {
      type: 'transfer.failed',
      destination: { ...configured },
      message: outcome.error,
      dryRun: true,
    }),
  )
  if (fallback === null) {
    finish(progress, run, outcome)
    return
  }
  drop(progress, run)
  report(progress, run.call, { error: outcome.error }, true)
  if (!fallback.endsCall) {
    say(progress, fallback.message, run)
    return
  }
  progress.facts.push({
    type: 'end.wanted',
    endedReason: 'call.in-progress.error-transfer-failed',
    message: fallback.message,
    now: false,
    failure: null,
  })
}
