import type { Command } from '../commands.ts'
import type { TurnTimes } from '../facts.ts'
import { modelMessages, withExamples } from '../messages.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { ModelMessage } from '../ports/language-model.ts'
import type { ReplyState } from '../state.ts'
import { TRANSCRIPT_LIMIT_MS } from './endpointing.ts'
import { hooksForUnclearTurn } from './hooks/confidence.ts'

/** Fires when no transcript of the customer's last sound has come. */
const HELD_TIMER = 'reply.held'

/** Asks the language model, one request at a time, and passes its text and tool calls on. */
export const reply: Owner<'reply'> = {
  name: 'reply',
  on: {
    // A turn that was not understood is left to the hooks for it.
    'turn.ended': (slice, event, surroundings) =>
      hooksForUnclearTurn(surroundings).length > 0 ? undefined : request(slice, event.times, surroundings),

    // An answer that no turn asks for waits for the customer's words, and for the reply before it.
    'reply.wanted': (slice, event, surroundings) => {
      const { talking, finals } = surroundings.others.customer
      const busy = talking || finals.length > 0 || slice.active !== null
      return busy ? { slice: { ...slice, held: event.times } } : request(slice, event.times, surroundings)
    },

    'speech.stopped': (slice, _event, { atMs }) =>
      slice.held === null
        ? undefined
        : { commands: [{ type: 'timer.set', timerId: HELD_TIMER, atMs: atMs + TRANSCRIPT_LIMIT_MS }] },

    // The customer's sound had no words: nobody else will ask for the answer.
    timer: (slice, event, surroundings) => {
      const { talking, finals } = surroundings.others.customer
      if (event.timerId !== HELD_TIMER || slice.held === null || talking || finals.length > 0)
        return undefined
      return request(slice, slice.held, surroundings)
    },

    'model.text': (slice, event, { atMs }) => {
      const { active } = slice
      if (active === null || active.workId !== event.workId) return undefined
      return {
        slice: { ...slice, active: { ...active, text: active.text + event.text, firstTokenSeen: true } },
        commands: active.firstTokenSeen
          ? []
          : [observe(atMs, { type: 'model.first-token', turn: active.times.turn })],
        facts: [{ type: 'reply.text', replyId: event.workId, text: event.text }],
      }
    },

    'model.done': (slice, event, { atMs }) => {
      const { active } = slice
      if (active === null || active.workId !== event.workId) return undefined
      const { text, times } = active
      const { toolCalls } = event
      return {
        slice: { ...slice, active: null, held: null },
        commands: [observe(atMs, { type: 'model.completed', turn: times.turn, text, toolCalls })],
        facts: [
          { type: 'reply.completed', replyId: event.workId, text, toolCalls, times },
          ...(slice.held === null ? [] : [{ type: 'reply.wanted', times: slice.held } as const]),
        ],
      }
    },

    'model.failed': (slice, event, { atMs, plan }) => {
      const { active } = slice
      if (active === null || active.workId !== event.workId) return undefined
      const { code, message, endedReason } = event.failure
      return {
        slice: { ...slice, active: null },
        commands: [observe(atMs, { type: 'model.failed', turn: active.times.turn, code, message })],
        facts: [
          {
            type: 'end.wanted',
            endedReason:
              endedReason ??
              `call.in-progress.error-providerfault-${plan.model.name.split('/')[0]}-llm-failed`,
            message: null,
            now: true,
            failure: event.failure,
          },
        ],
      }
    },

    // What the assistant before was about to say is nobody's any more.
    'assistant.changed': slice => {
      const cancelled = cancel(slice)
      return { ...cancelled, slice: { ...(cancelled?.slice ?? slice), held: null } }
    },

    'turn.reopened': slice => cancel(slice),
    interrupted: slice => cancel(slice),
    'call.ending': slice => stop(slice),
    'call.closing': slice => stop(slice),
  },
}

/** The conversation as the model of the assistant that speaks gets it. */
export function conversation({ plan, others }: Surroundings): ModelMessage[] {
  return withExamples(modelMessages(others.history), plan.model.examples)
}

function request(
  slice: ReplyState,
  times: TurnTimes,
  surroundings: Surroundings,
): Outcome<ReplyState> | undefined {
  const { plan, atMs, others } = surroundings
  if (others.lifecycle.phase !== 'live') return undefined
  const cancelled = cancel(slice)
  const workId = `model-${slice.nextWork}`
  const messages = conversation(surroundings)
  const active = { workId, text: '', times, requestedMs: atMs, firstTokenSeen: false }
  return {
    slice: { nextWork: slice.nextWork + 1, held: null, active },
    commands: [
      ...(cancelled?.commands ?? []),
      { type: 'timer.clear', timerId: HELD_TIMER },
      observe(atMs, { type: 'model.requested', turn: times.turn, messageCount: messages.length }),
      { type: 'model.request', workId, messages, tools: plan.model.tools },
    ],
    facts: [{ type: 'reply.started', replyId: workId, times, requestedMs: atMs }],
  }
}

/** Asks nothing more. */
function stop(slice: ReplyState): Outcome<ReplyState> {
  return {
    slice: { ...slice, held: null, active: null },
    commands: [...(cancel(slice)?.commands ?? []), { type: 'timer.clear', timerId: HELD_TIMER }],
  }
}

function cancel(slice: ReplyState): Outcome<ReplyState> | undefined {
  if (slice.active === null) return undefined
  const commands: Command[] = [{ type: 'cancel', workId: slice.active.workId }]
  return { slice: { ...slice, active: null }, commands }
}
