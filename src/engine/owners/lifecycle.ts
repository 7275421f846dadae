import { makeArtifact } from '../artifact.ts'
import type { Fact } from '../facts.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { AssistantPlan } from '../plan.ts'
import type { CallState, LifecycleState } from '../state.ts'

/** Opens the call, takes control messages, and ends it: last words first, then everything off, then the artifact. */
export const lifecycle: Owner<'lifecycle'> = {
  name: 'lifecycle',
  on: {
    'call.started': (slice, event, { plan, atMs }) => ({
      slice: { ...slice, phase: 'live', epochMs: event.epochMs },
      commands: [
        observe(atMs, { type: 'call.started', assistantName: plan.assistantName }),
        ...plan.warnings.map(message => observe(atMs, { type: 'warning', message })),
      ],
      facts: opening(plan, atMs),
    }),

    'customer.joined': (_slice, _event, { atMs }) => ({
      commands: [observe(atMs, { type: 'customer.joined' })],
    }),

    control: (slice, { message }, surroundings) => {
      if (slice.phase !== 'live') return undefined
      if (message.type === 'end-call') return { facts: [ending('manually-canceled')] }
      if (message.type === 'say') {
        const endsCall =
          message.endCallAfterSpoken === true ? 'assistant-ended-call-after-message-spoken' : null
        const interruptible = message.interruptionsEnabled ?? true
        return {
          facts: [
            { type: 'say', text: message.content, source: 'say', interruptible, endsCall, times: null },
          ],
        }
      }
      const { role, content } = message.message
      const facts: Fact[] = [{ type: 'message.added', role, content }]
      // Ruling 6: a system message is silent unless it asks for an answer.
      if (message.triggerResponseEnabled ?? role !== 'system') {
        facts.push({ type: 'reply.wanted', times: unasked(surroundings) })
      }
      return { facts }
    },

    'call.hangup': (_slice, event) => ({ facts: [ending(event.endedReason)] }),

    'stage.failed': (_slice, event, { atMs }) => ({
      commands: [observe(atMs, { type: 'warning', message: event.failure.message })],
      facts: [ending('call.in-progress.error-vapifault-worker-died', event.failure)],
    }),

    'transcriber.failed': (_slice, event) => ({
      facts: [
        ending(
          event.failure.endedReason ?? 'call.in-progress.error-vapifault-vapi-transcriber-failed',
          event.failure,
        ),
      ],
    }),

    warning: (_slice, event, { atMs }) => ({
      commands: [observe(atMs, { type: 'warning', message: event.message })],
    }),

    'end.wanted': (slice, event, { others }) => {
      if (slice.phase !== 'live' && !(slice.phase === 'speaking-last' && event.now)) return undefined
      const decided = { ...slice, endedReason: event.endedReason, failure: event.failure }
      if (event.now) return close(decided)
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
      return others.speaking.queue.length > 0
        ? { slice: { ...decided, phase: 'speaking-last' } }
        : close(decided)
    },

    'utterance.finished': (slice, event, surroundings) => {
      if (slice.phase === 'closing') return settle(slice, surroundings)
      if (slice.phase === 'live' && event.endsCall !== null) {
        return close({ ...slice, endedReason: event.endsCall })
      }
      if (slice.phase !== 'speaking-last') return undefined
      if (slice.lastWordsDue) return event.source === 'ending' ? close(slice) : undefined
      return surroundings.others.speaking.queue.length === 0 ? close(slice) : undefined
    },

    'call.closing': (slice, _event, surroundings) => settle(slice, surroundings),
  },
}

function opening(
  { opening: open, openingInterruptible: interruptible }: AssistantPlan,
  atMs: number,
): Fact[] {
  if (open.type === 'wait') return []
  if (open.type === 'model') {
    return [{ type: 'reply.wanted', times: { turn: 0, speechEndMs: null, turnEndedMs: atMs } }]
  }
  return [
    { type: 'say', text: open.text, source: 'first-message', interruptible, endsCall: null, times: null },
  ]
}

/** Times of an answer that no speech of the customer asked for. */
function unasked({ atMs, others }: Surroundings) {
  return { turn: others.customer.turn, speechEndMs: null, turnEndedMs: atMs }
}

function ending(endedReason: string, failure: LifecycleState['failure'] = null): Fact {
  return { type: 'end.wanted', endedReason, message: null, now: true, failure }
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
