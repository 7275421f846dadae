import type { Command } from '../commands.ts'
import { type Outcome, type Owner, observe } from '../owner.ts'
import type { HangState } from '../state.ts'

const HANG_TIMER = 'hang'
/** How long an answer may be awaited before it is told, in milliseconds. The documents give no number. */
export const HANG_MS = 5000

/** Tells once for each answer that it takes long: model, tool or voice are slow (API: the message `hang`). */
export const hang: Owner<'hang'> = {
  name: 'hang',
  on: {
    'turn.ended': (_slice, event, { atMs, others }) =>
      others.lifecycle.phase === 'live' ? awaitAnswer(event.times.turn, atMs) : undefined,
    'reply.wanted': (slice, event, { atMs }) =>
      slice.turn === null ? awaitAnswer(event.times.turn, atMs) : undefined,
    'reply.completed': (_slice, event) =>
      event.text.trim() === '' && event.toolCalls.length === 0 ? settle() : undefined,
    'utterance.started': () => settle(),
    'turn.reopened': () => settle(),
    interrupted: () => settle(),
    'voicemail.detected': () => settle(),
    'call.forwarded': () => settle(),
    'call.ending': () => settle(),
    'call.closing': () => settle(),

    timer: (slice, event, { atMs }) => {
      if (event.timerId !== HANG_TIMER || slice.turn === null) return undefined
      return {
        slice: { turn: null },
        commands: [observe(atMs, { type: 'assistant.hanging', turn: slice.turn, waitedMs: HANG_MS })],
      }
    },
  },
}

function awaitAnswer(turn: number, atMs: number): Outcome<HangState> {
  const timer: Command = { type: 'timer.set', timerId: HANG_TIMER, atMs: atMs + HANG_MS }
  return { slice: { turn }, commands: [timer] }
}

function settle(): Outcome<HangState> {
  return { slice: { turn: null }, commands: [{ type: 'timer.clear', timerId: HANG_TIMER }] }
}
