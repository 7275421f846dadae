import type { Command } from '../commands.ts'
import { type ControlState, tagOf } from '../control-state.ts'
import type { Fact, TurnTimes } from '../facts.ts'
import type { ControlMessage, ToolResult } from '../inputs.ts'
import { callLanguage } from '../language.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { DestinationPlan } from '../plan.ts'
import { textOf } from './tools/messages.ts'
import { transferStarted } from './tools/transfer.ts'

type Result = Outcome<ControlState>

/**
 * Takes what is posted to a call while it runs (vapi-api.md 2.5): words, messages for the history, muting, transfers,
 * the end. What the plan does not allow is refused with a warning.
 */
export const control: Owner<'control'> = {
  name: 'control',
  on: {
    control: (slice, { message }, surroundings) => {
      const { plan, others, atMs } = surroundings
      const { phase } = others.lifecycle
      // Last words may still be cut short; nothing else has an effect on them.
      const acts = phase === 'live' || (phase === 'speaking-last' && message.type === 'end-call')
      if (!acts) return undefined
      const command = message.type === 'control' ? message.control : message.type
      if (!plan.monitor.controlEnabled)
        return warn(`${command} was refused: monitorPlan.controlEnabled is false`, surroundings)
      const taken = take(slice, message, surroundings)
      const received = observe(atMs, { type: 'control.received', command })
      return { ...taken, commands: [received, ...(taken.commands ?? [])] }
    },

    // While the customer is muted, what the voice does is only remembered.
    'customer.unheard': (slice, { edge }) =>
      edge === null ? undefined : { slice: { ...slice, unheardTalking: edge === 'speech.started' } },

    'tool.done': (slice, { workId, outcome }, surroundings) =>
      slice.transfer?.workId === workId ? found(slice, outcome, surroundings) : undefined,

    'utterance.finished': (slice, { tag }, surroundings) => spoken(slice, tag, surroundings),
    'utterance.dropped': (slice, { tag }, surroundings) => spoken(slice, tag, surroundings),

    'call.ending': slice => abandon(slice),
    'call.closing': slice => abandon(slice),
  },
}

function take(slice: ControlState, message: ControlMessage, surroundings: Surroundings): Result {
  switch (message.type) {
    case 'say':
      return { facts: sayFacts(message) }
    case 'add-message': {
      const { role, content } = message.message
      const facts: Fact[] = [{ type: 'message.added', role, content }]
      // Ruling 6: a system message is silent unless it asks for an answer.
      if (message.triggerResponseEnabled ?? role !== 'system')
        facts.push({ type: 'reply.wanted', times: unasked(surroundings) })
      return { facts }
    }
    case 'control':
      return steer(slice, message.control, surroundings)
    case 'end-call':
      return {
        facts: [
          { type: 'end.wanted', endedReason: 'manually-canceled', message: null, now: true, failure: null },
        ],
      }
    case 'transfer':
    case 'handoff':
      return transfer(slice, message, surroundings)
    case 'send-transport-message': {
      const record = { atMs: surroundings.atMs, message: message.message, dryRun: true as const }
      return {
        slice: { ...slice, transportMessages: [...slice.transportMessages, record] },
        commands: [
          observe(surroundings.atMs, { type: 'transport.message', message: message.message, dryRun: true }),
        ],
      }
    }
  }
}

function sayFacts(message: Extract<ControlMessage, { type: 'say' }>): Fact[] {
  const cuts = message.interruptAssistantEnabled === true
  const said: Fact = {
    type: 'say',
    text: message.content,
    source: 'say',
    interruptible: message.interruptionsEnabled ?? true,
    endsCall: message.endCallAfterSpoken === true ? 'assistant-ended-call-after-message-spoken' : null,
    times: null,
    ...(cuts && { first: true as const }),
  }
  return cuts ? [{ type: 'speech.cut' }, said] : [said]
}

function steer(
  slice: ControlState,
  verb: Extract<ControlMessage, { type: 'control' }>['control'],
  surroundings: Surroundings,
): Result {
  const { atMs } = surroundings
  switch (verb) {
    case 'mute-assistant':
    case 'unmute-assistant': {
      const muted = verb === 'mute-assistant'
      if (muted === slice.assistantMuted) return {}
      return { slice: { ...slice, assistantMuted: muted }, commands: muting('assistant', muted, atMs) }
    }
    case 'mute-customer':
      return slice.mutedSinceMs === null ? muteCustomer(slice, surroundings) : {}
    case 'unmute-customer':
      return slice.mutedSinceMs === null ? {} : unmuteCustomer(slice, slice.mutedSinceMs, atMs)
    case 'say-first-message':
      return { facts: [{ type: 'first-message.wanted' }] }
  }
}

function muting(side: 'assistant' | 'customer', muted: boolean, atMs: number): Command[] {
  return [
    { type: 'line.mute', side, muted },
    observe(atMs, { type: muted ? `${side}.muted` : `${side}.unmuted` }),
  ]
}

/** What the customer is saying ends here for everybody who listens. */
function muteCustomer(slice: ControlState, { others, atMs }: Surroundings): Result {
  const { talking } = others.customer
  return {
    slice: { ...slice, mutedSinceMs: atMs, unheardTalking: talking },
    commands: muting('customer', true, atMs),
    facts: talking ? [{ type: 'speech.stopped', audioMs: atMs, atMs }] : [],
  }
}

/** A customer who is talking begins here for everybody who listens. */
function unmuteCustomer(slice: ControlState, fromMs: number, atMs: number): Result {
  return {
    slice: {
      ...slice,
      mutedSinceMs: null,
      mutedBefore: { fromMs, toMs: atMs },
      unheardTalking: false,
    },
    commands: muting('customer', false, atMs),
    facts: slice.unheardTalking ? [{ type: 'speech.started', audioMs: atMs, atMs }] : [],
  }
}

/** Speaks the words before a transfer while its destination is found; both are waited for. */
function transfer(
  slice: ControlState,
  { type, destination, content = '' }: Extract<ControlMessage, { type: 'transfer' | 'handoff' }>,
  surroundings: Surroundings,
): Result {
  const { tools } = surroundings.others
  const leaving = tools.running.some(({ stage }) =>
    ['leaving', 'leaving-soon', 'transferring'].includes(stage),
  )
  if (slice.transfer !== null || leaving)
    return warn(`${type} was refused: the call is being transferred already`, surroundings)
  const workId = `control-${slice.nextWork}`
  const hasWords = content.trim() !== ''
  return {
    slice: {
      ...slice,
      nextWork: slice.nextWork + 1,
      transfer: { workId, spoken: !hasWords, hasWords, destination: null },
    },
    commands: [
      {
        type: 'tool.run',
        workId,
        call: { id: workId, name: type, arguments: { ...destination } },
        tool: -1,
        purpose: 'join',
      },
    ],
    facts: hasWords ? [words(content, workId)] : [],
  }
}

/** They are heard to their end, as those of a transfer that the model asks for. */
function words(text: string, workId: string): Fact {
  return {
    type: 'say',
    text,
    source: 'say',
    interruptible: false,
    endsCall: null,
    times: null,
    tag: tagOf(workId),
  }
}

function found(slice: ControlState, outcome: ToolResult, surroundings: Surroundings): Result {
  const { transfer: underway } = slice
  if (underway === null) return {}
  if (outcome.type !== 'destination')
    return fail(
      slice,
      outcome.type === 'error' ? outcome.error : 'there is no such destination',
      surroundings,
    )
  const { destination } = outcome
  const fault = faultOf(destination, surroundings)
  if (fault !== null) return fail(slice, fault, surroundings)
  const own =
    destination.message === null
      ? ''
      : textOf(destination.message, callLanguage(surroundings.plan, surroundings.others))
  const next = { ...underway, destination }
  if (!underway.hasWords && own.trim() !== '')
    return { slice: { ...slice, transfer: { ...next, spoken: false } }, facts: [words(own, underway.workId)] }
  return arrive({ ...slice, transfer: next }, surroundings)
}

function spoken(slice: ControlState, tag: string | null, surroundings: Surroundings): Result | undefined {
  const { transfer: underway } = slice
  if (underway === null || tag !== tagOf(underway.workId)) return undefined
  return arrive({ ...slice, transfer: { ...underway, spoken: true } }, surroundings)
}

function faultOf(destination: DestinationPlan, { others }: Surroundings): string | null {
  if (destination.type === 'dynamic') return 'a destination must be named'
  if (destination.type !== 'assistant') return null
  if (destination.member === null) return destination.missing
  return destination.member === others.squad.member ? `the call is with ${destination.name} already` : null
}

/** The destination is known and the words were heard: now the call goes there. */
function arrive(slice: ControlState, surroundings: Surroundings): Result {
  const { transfer: underway } = slice
  if (underway === null || !underway.spoken || underway.destination === null) return { slice }
  const { destination } = underway
  // While the words were spoken, the call may have gone there by another way.
  const fault = faultOf(destination, surroundings)
  if (fault !== null) return fail(slice, fault, surroundings)
  const done = { ...slice, transfer: null }
  if (destination.type === 'dynamic') return { slice: done }
  if (destination.type === 'assistant') {
    const { member, context } = destination
    if (member === null) return { slice: done }
    const times = surroundings.others.customer.unanswered?.times ?? unasked(surroundings)
    const toolCallId = underway.workId
    return { slice: done, facts: [{ type: 'assistant.wanted', member, context, toolCallId, times }] }
  }
  const { atMs, others } = surroundings
  // Last words came before it: they end the call.
  if (others.lifecycle.phase !== 'live') return { slice: done }
  const { mode, configured } = destination.transfer
  const record = { destination: configured, mode, atMs, status: 'completed' as const, dryRun: true as const }
  return {
    slice: done,
    commands: [transferStarted(atMs, destination.transfer)],
    facts: [
      { type: 'transfer.recorded', record },
      { type: 'call.forwarded' },
      {
        type: 'end.wanted',
        endedReason: 'assistant-forwarded-call',
        message: null,
        now: false,
        failure: null,
      },
    ],
  }
}

function fail(slice: ControlState, fault: string, surroundings: Surroundings): Result {
  return {
    slice: { ...slice, transfer: null },
    ...warn(`the call was not transferred: ${fault}`, surroundings),
  }
}

/** Takes back what is still looked for. */
function abandon(slice: ControlState): Result | undefined {
  const { transfer: underway } = slice
  if (underway === null) return undefined
  const commands: Command[] =
    underway.destination === null ? [{ type: 'cancel', workId: underway.workId }] : []
  return { slice: { ...slice, transfer: null }, commands }
}

function warn(message: string, { atMs }: Surroundings): Result {
  return { commands: [observe(atMs, { type: 'warning', message })] }
}

/** Times of what no speech of the customer asked for. */
function unasked({ atMs, others }: Surroundings): TurnTimes {
  return { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
}
