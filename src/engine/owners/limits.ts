import type { Command } from '../commands.ts'
import type { Outcome, Owner, Surroundings } from '../owner.ts'
import { audibleUtterance, type LimitsState } from '../state.ts'

const SILENCE_TIMER = 'limits.silence'
const DURATION_TIMER = 'limits.duration'

/**
 * Ends calls that have gone on, or been silent, for too long. The duration counts from the first sound of either
 * side; silence counts while nobody speaks.
 */
export const limits: Owner<'limits'> = {
  name: 'limits',
  on: {
    'call.started': (_slice, _event, surroundings) => ({ commands: [silence(surroundings)] }),
    'speech.started': (slice, event, surroundings) => sound(slice, event.audioMs, surroundings),
    'utterance.started': (slice, _event, surroundings) => sound(slice, surroundings.atMs, surroundings),

    'speech.stopped': (_slice, _event, surroundings) =>
      audibleUtterance(surroundings.others) === null ? { commands: [silence(surroundings)] } : undefined,
    'utterance.finished': (_slice, _event, surroundings) =>
      surroundings.others.customer.talking ? undefined : { commands: [silence(surroundings)] },

    timer: (_slice, event) => {
      if (event.timerId === SILENCE_TIMER) return end('silence-timed-out')
      return event.timerId === DURATION_TIMER ? end('exceeded-max-duration') : undefined
    },

    'call.closing': () => ({
      commands: [
        { type: 'timer.clear', timerId: SILENCE_TIMER },
        { type: 'timer.clear', timerId: DURATION_TIMER },
      ],
    }),
  },
}

function silence({ plan, atMs }: Surroundings): Command {
  return { type: 'timer.set', timerId: SILENCE_TIMER, atMs: atMs + plan.silenceTimeoutMs }
}

function sound(slice: LimitsState, fromMs: number, { plan }: Surroundings): Outcome<LimitsState> {
  const quiet: Command = { type: 'timer.clear', timerId: SILENCE_TIMER }
  if (slice.durationStarted) return { commands: [quiet] }
  const duration: Command = {
    type: 'timer.set',
    timerId: DURATION_TIMER,
    atMs: fromMs + plan.maximumDurationMs,
  }
  return { slice: { durationStarted: true }, commands: [quiet, duration] }
}

function end(endedReason: string): Outcome<LimitsState> {
  return { facts: [{ type: 'end.wanted', endedReason, message: null, now: true, failure: null }] }
}
