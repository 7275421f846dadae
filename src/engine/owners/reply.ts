import type { Command } from '../commands.ts'
import type { Fact, TurnTimes } from '../facts.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { ToolCall } from '../ports/language-model.ts'
import { isSounding, type ReplyState } from '../state.ts'
import { TRANSCRIPT_LIMIT_MS } from './endpointing.ts'
import { hooksForUnclearTurn } from './hooks/confidence.ts'
import { ask, modelInUse } from './reply/ask.ts'
import { failOverForHook, fallBack } from './reply/fallback.ts'

/** The longest answer, in characters: it takes two hours to speak, and 10,000 tokens, the most of `maxTokens`, are less. */
const MAXIMUM_REPLY = 100_000

type Answer = NonNullable<ReplyState['active']>

/** Fires when no transcript of the customer's last sound has come. */
const HELD_TIMER = 'reply.held'

/**
 * Asks the language model, one request at a time, and passes its text and tool calls on. A model that fails is followed by
 * the next of its fallbacks, which stays for the rest of the call: at once where nothing of the answer was there yet; else
 * what there is of it is the answer, and the next model answers from then on.
 */
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
      if (active.text.length > MAXIMUM_REPLY) return cutOff(slice, active, atMs)
      return {
        slice: { ...slice, active: { ...active, text: active.text + event.text, firstTokenSeen: true } },
        commands: active.firstTokenSeen
          ? []
          : [observe(atMs, { type: 'model.first-token', turn: active.times.turn })],
        facts: [{ type: 'reply.text', replyId: active.replyId, text: event.text }],
      }
    },

    'model.done': (slice, event, { atMs }) => {
      const { active } = slice
      if (active === null || active.workId !== event.workId) return undefined
      return complete(slice, active, event.toolCalls, atMs)
    },

    'model.failed': (slice, event, surroundings) =>
      slice.active?.workId === event.workId
        ? fallBack(slice, slice.active, event, surroundings)
        : failOverForHook(slice, event, surroundings),

    // What the assistant before was about to say is nobody's any more.
    'assistant.changed': slice => {
      const cancelled = cancel(slice)
      return { ...cancelled, slice: { ...(cancelled?.slice ?? slice), held: null } }
    },

    // The reply that is being said goes with it; one that waits behind it stays.
    'speech.cut': (slice, _event, { others }) => {
      const { active } = slice
      const said = others.speaking.queue.find(isSounding)
      if (active === null || said === undefined || said.replyId !== active.replyId) return undefined
      const { held } = slice
      const facts: Fact[] = held === null ? [] : [{ type: 'reply.wanted', times: held }]
      return { ...cancel({ ...slice, held: null }), facts }
    },
    'turn.reopened': slice => cancel(slice),
    interrupted: slice => cancel(slice),
    'voicemail.detected': slice => stop(slice),
    'call.forwarded': slice => stop(slice),
    'call.ending': slice => stop(slice),
    'call.closing': slice => stop(slice),
  },
}

function complete(
  slice: ReplyState,
  { replyId, text, times }: Answer,
  toolCalls: ToolCall[],
  atMs: number,
): Outcome<ReplyState> {
  return {
    slice: { ...slice, active: null, held: null },
    commands: [observe(atMs, { type: 'model.completed', turn: times.turn, text, toolCalls })],
    facts: [
      { type: 'reply.completed', replyId, text, toolCalls, times },
      ...(slice.held === null ? [] : [{ type: 'reply.wanted', times: slice.held } as const]),
    ],
  }
}

/** A model that goes on without end: what it said until now is its answer. */
function cutOff(slice: ReplyState, answer: Answer, atMs: number): Outcome<ReplyState> {
  const completed = complete(slice, answer, [], atMs)
  const message = `the model’s answer had over ${MAXIMUM_REPLY} characters and no end; the rest of it is left out`
  return {
    ...completed,
    commands: [
      { type: 'cancel', workId: answer.workId },
      observe(atMs, { type: 'warning', message }),
      ...(completed.commands ?? []),
    ],
  }
}

function request(
  slice: ReplyState,
  times: TurnTimes,
  surroundings: Surroundings,
): Outcome<ReplyState> | undefined {
  const { atMs, others } = surroundings
  if (others.lifecycle.phase !== 'live') return undefined
  const replyId = `model-${slice.nextWork}`
  const asked = ask({ ...slice, held: null }, { replyId, times }, modelInUse(surroundings), surroundings)
  return {
    slice: asked.slice,
    commands: [
      ...(cancel(slice)?.commands ?? []),
      { type: 'timer.clear', timerId: HELD_TIMER },
      ...asked.commands,
    ],
    facts: [{ type: 'reply.started', replyId, times, requestedMs: atMs }],
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
