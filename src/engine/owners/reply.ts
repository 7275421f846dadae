import type { Command } from '../commands.ts'
import type { TurnTimes } from '../facts.ts'
import { chatMessages } from '../messages.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { ReplyState } from '../state.ts'

/** Asks the language model, one request at a time, and passes its text and tool calls on. */
export const reply: Owner<'reply'> = {
  name: 'reply',
  on: {
    'turn.ended': (slice, event, surroundings) => request(slice, event.times, surroundings),
    'reply.wanted': (slice, event, surroundings) => request(slice, event.times, surroundings),

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
        slice: { ...slice, active: null },
        commands: [observe(atMs, { type: 'model.completed', turn: times.turn, text, toolCalls })],
        facts: [{ type: 'reply.completed', replyId: event.workId, text, toolCalls, times }],
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

    'turn.reopened': slice => cancel(slice),
    interrupted: slice => cancel(slice),
    'call.closing': slice => cancel(slice),
  },
}

function request(
  slice: ReplyState,
  times: TurnTimes,
  { plan, atMs, others }: Surroundings,
): Outcome<ReplyState> | undefined {
  if (others.lifecycle.phase !== 'live') return undefined
  const cancelled = cancel(slice)
  const workId = `model-${slice.nextWork}`
  const messages = chatMessages(others.history.entries)
  const active = { workId, text: '', times, requestedMs: atMs, firstTokenSeen: false }
  return {
    slice: { nextWork: slice.nextWork + 1, active },
    commands: [
      ...(cancelled?.commands ?? []),
      observe(atMs, { type: 'model.requested', turn: times.turn, messageCount: messages.length }),
      { type: 'model.request', workId, messages, tools: plan.model.tools },
    ],
    facts: [{ type: 'reply.started', replyId: workId, times, requestedMs: atMs }],
  }
}

function cancel(slice: ReplyState): Outcome<ReplyState> | undefined {
  if (slice.active === null) return undefined
  const commands: Command[] = [{ type: 'cancel', workId: slice.active.workId }]
  return { slice: { ...slice, active: null }, commands }
}
