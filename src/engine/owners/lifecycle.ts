import { makeArtifact } from '../artifact.ts'
import type { Fact, TurnTimes } from '../facts.ts'
import { openingText } from '../language.ts'
import type { ObservationBody } from '../observations.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { AssistantPlan, AssistantRequestPlan } from '../plan.ts'
import { speakingSettings } from '../settings.ts'
import type { CallState, LifecycleState } from '../state.ts'

/** Opens the call and ends it: last words first, then everything off, then the artifact. */
export const lifecycle: Owner<'lifecycle'> = {
  name: 'lifecycle',
  on: {
    'call.started': (slice, event, { plan, call, others, atMs }) => ({
      slice: { ...slice, phase: 'live', epochMs: event.epochMs },
      commands: [
        observe(atMs, {
          type: 'call.started',
          assistantName: plan.assistantName,
          settings: speakingSettings(plan),
        }),
        ...(call.request === undefined ? [] : [observe(atMs, requested(call.request))]),
        ...plan.warnings.map(message => observe(atMs, { type: 'warning', message })),
      ],
      facts: call.request?.ends
        ? [{ type: 'end.wanted', now: call.request.ends.message === null, ...call.request.ends }]
        : opening(plan, others, atMs, null),
    }),

    // The assistant that takes over opens as it would open a call; its words answer the turn that led to it.
    'assistant.changed': (slice, event, { plan, others, atMs }) => {
      if (slice.phase !== 'live') return undefined
      const facts = opening(plan, others, atMs, event.times)
      const silent: Fact = { type: 'turn.settled', turn: event.times.turn }
      return { facts: facts.length === 0 ? [silent] : facts }
    },

    'customer.joined': (_slice, _event, { atMs }) => ({
      commands: [observe(atMs, { type: 'customer.joined' })],
    }),

    // Said again, or said now by an assistant that waited: it answers no turn.
    'first-message.wanted': (_slice, _event, surroundings) => {
      const { plan, atMs, others } = surroundings
      const asked = { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
      return plan.firstMessage.type === 'model'
        ? { facts: [{ type: 'reply.wanted', times: asked }] }
        : { facts: opening({ ...plan, opening: plan.firstMessage }, others, atMs, null) }
    },

    'call.hangup': (_slice, event) => ({ facts: [ending(event.endedReason)] }),

    'stage.failed': (_slice, event, { atMs }) => ({
      commands: [observe(atMs, { type: 'warning', message: event.failure.message })],
      facts: [ending('call.in-progress.error-vapifault-worker-died', event.failure)],
    }),

    warning: (_slice, event, { atMs }) => ({
      commands: [observe(atMs, { type: 'warning', message: event.message })],
    }),

    'message.sent': (_slice, { messageType, status }, { atMs }) => ({
      commands: [observe(atMs, { type: 'message.sent', messageType, status })],
    }),

    'end.wanted': (slice, event, surroundings) => {
      if (slice.phase !== 'live' && !(slice.phase === 'speaking-last' && event.now)) return undefined
      const decided = { ...slice, endedReason: event.endedReason, failure: event.failure }
      if (event.now) return finish(decided, surroundings)
      // What is being said is heard to its end, then the last words.
      if (event.message) {
        const { endedReason, message } = event
        return {
          slice: { ...decided, phase: 'speaking-last', lastWordsDue: true },
          facts: [
            {
              type: 'say',
              text: message,
              source: 'ending',
              interruptible: false,
              endsCall: endedReason,
              times: null,
            },
          ],
        }
      }
      return surroundings.others.speaking.queue.length > 0
        ? { slice: { ...decided, phase: 'speaking-last' } }
        : finish(decided, surroundings)
    },

    'utterance.finished': (slice, event, surroundings) => {
      if (slice.phase === 'closing') return slice.isOff ? settle(slice, surroundings) : undefined
      if (slice.phase === 'live' && event.endsCall !== null) {
        return finish({ ...slice, endedReason: event.endsCall }, surroundings)
      }
      if (slice.phase !== 'speaking-last') return undefined
      if (slice.lastWordsDue) return event.source === 'ending' ? finish(slice, surroundings) : undefined
      return surroundings.others.speaking.queue.length === 0 ? finish(slice, surroundings) : undefined
    },

    // Words that will not be heard are waited for no more.
    'utterance.dropped': (slice, _event, surroundings) =>
      slice.phase === 'speaking-last' &&
      !slice.lastWordsDue &&
      surroundings.others.speaking.queue.length === 0
        ? finish(slice, surroundings)
        : undefined,

    // A machine has answered: what follows is the message to it.
    'voicemail.detected': slice =>
      slice.phase === 'live'
        ? { slice: { ...slice, phase: 'speaking-last', lastWordsDue: true, endedReason: 'voicemail' } }
        : undefined,

    'ending.done': (slice, event) => close({ ...slice, endedReason: event.endedReason }),
    'call.closing': (slice, _event, surroundings) => {
      const off = { ...slice, isOff: true }
      return settle(off, surroundings) ?? { slice: off }
    },
  },
}

function requested({ ends: _ends, destination, ...request }: AssistantRequestPlan): ObservationBody {
  const recorded = destination === null ? {} : { destination, dryRun: true as const }
  return { type: 'assistant.requested', ...request, ...recorded }
}

function opening(
  plan: AssistantPlan,
  state: Readonly<CallState>,
  atMs: number,
  times: TurnTimes | null,
): Fact[] {
  const { opening: open, openingInterruptible: interruptible } = plan
  if (open.type === 'wait') return []
  if (open.type === 'model') {
    return [{ type: 'reply.wanted', times: times ?? { turn: 0, speechEndMs: null, turnEndedMs: atMs } }]
  }
  const said = { source: 'first-message', interruptible, endsCall: null, times } as const
  return open.type === 'sound'
    ? [{ type: 'say', text: open.url, sound: true, ...said }]
    : [{ type: 'say', text: openingText(open, plan, state), ...said }]
}

function ending(endedReason: string, failure: LifecycleState['failure'] = null): Fact {
  return { type: 'end.wanted', endedReason, message: null, now: true, failure }
}

/** The call is over but for what hooks on `call.ending` do; without such hooks it is closed. */
function finish(slice: LifecycleState, { plan }: Surroundings): Outcome<LifecycleState> {
  if (!plan.hooks.some(({ event }) => event.on === 'call.ending')) return close(slice)
  const endedReason = slice.endedReason ?? 'customer-ended-call'
  return { slice: { ...slice, phase: 'ending' }, facts: [{ type: 'call.ending', endedReason }] }
}

function close(slice: LifecycleState): Outcome<LifecycleState> {
  return { slice: { ...slice, phase: 'closing' }, facts: [{ type: 'call.closing' }] }
}

/** Ends the call once the sound that was playing is cleared and what was heard of it is known. */
function settle(
  slice: LifecycleState,
  { atMs, others, plan }: Surroundings,
): Outcome<LifecycleState> | undefined {
  if (others.speaking.queue.length > 0) return undefined
  const ended: CallState = { ...others, lifecycle: { ...slice, phase: 'ended' } }
  const endedReason = slice.endedReason ?? 'customer-ended-call'
  const artifact = makeArtifact(plan, ended)
  return {
    slice: ended.lifecycle,
    commands: [
      observe(atMs, {
        type: 'call.ended',
        endedReason,
        ...(slice.failure !== null && { endedMessage: slice.failure.message }),
        artifact,
      }),
      { type: 'call.end' },
    ],
  }
}
