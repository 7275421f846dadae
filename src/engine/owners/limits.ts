import type { Command } from '../commands.ts'
import type { Fact } from '../facts.ts'
import type { Outcome, Owner, Surroundings } from '../owner.ts'
import { audibleUtterance, type LimitsState } from '../state.ts'
import { plainWords } from '../text/phrases.ts'

const SILENCE_TIMER = 'limits.silence'
const DURATION_TIMER = 'limits.duration'
const JOIN_TIMER = 'limits.join'
/** Words that are on their way when the silence has lasted long enough have so much longer to be heard. */
const WORDS_COME_MS = 5000

/**
 * Ends calls that have gone on, or been silent, for too long, whose customer does not join, or in which the assistant
 * says so. The duration counts from the first sound of either side; silence counts while nobody speaks.
 */
export const limits: Owner<'limits'> = {
  name: 'limits',
  on: {
    'call.started': (_slice, _event, surroundings) => {
      const { plan, atMs } = surroundings
      const join: Command = { type: 'timer.set', timerId: JOIN_TIMER, atMs: atMs + plan.joinTimeoutMs }
      return { commands: [silence(surroundings), join] }
    },
    'customer.joined': () => ({ commands: [{ type: 'timer.clear', timerId: JOIN_TIMER }] }),
    'speech.started': (slice, event, surroundings) => sound(slice, event.audioMs, surroundings),
    'utterance.started': (slice, _event, surroundings) => sound(slice, surroundings.atMs, surroundings),

    'speech.stopped': (_slice, _event, surroundings) =>
      audibleUtterance(surroundings.others) === null ? { commands: [silence(surroundings)] } : undefined,
    'utterance.finished': (_slice, event, surroundings) => ({
      commands:
        event.heard && !surroundings.others.customer.talking && !isClosing(surroundings)
          ? [silence(surroundings)]
          : [],
      // What was heard of an interrupted speech counts: the phrase was said, or it was not.
      facts: saysGoodbye(event.spokenText, surroundings)
        ? [ending('assistant-said-end-call-phrase', false)]
        : [],
    }),

    timer: (slice, event, surroundings) => {
      if (event.timerId === SILENCE_TIMER)
        return slice.wordsAwaited || surroundings.others.speaking.queue.length === 0
          ? end('silence-timed-out')
          : { slice: { ...slice, wordsAwaited: true }, commands: [silence(surroundings, WORDS_COME_MS)] }
      if (event.timerId === JOIN_TIMER)
        return end('call.in-progress.error-assistant-did-not-receive-customer-audio')
      return event.timerId === DURATION_TIMER ? end('exceeded-max-duration') : undefined
    },

    'call.closing': () => ({
      commands: [SILENCE_TIMER, DURATION_TIMER, JOIN_TIMER].map(timerId => ({
        type: 'timer.clear',
        timerId,
      })),
    }),
  },
}

/** No timer is set when the call only waits to learn what was heard of its last words. */
function isClosing({ others }: Surroundings): boolean {
  return others.lifecycle.phase === 'closing'
}

function silence({ plan, atMs }: Surroundings, afterMs = plan.silenceTimeoutMs): Command {
  return { type: 'timer.set', timerId: SILENCE_TIMER, atMs: atMs + afterMs }
}

function sound(slice: LimitsState, fromMs: number, { plan }: Surroundings): Outcome<LimitsState> {
  const quiet: Command = { type: 'timer.clear', timerId: SILENCE_TIMER }
  if (slice.durationStarted) return { slice: { ...slice, wordsAwaited: false }, commands: [quiet] }
  const duration: Command = {
    type: 'timer.set',
    timerId: DURATION_TIMER,
    atMs: fromMs + plan.maximumDurationMs,
  }
  return { slice: { durationStarted: true, wordsAwaited: false }, commands: [quiet, duration] }
}

function end(endedReason: string): Outcome<LimitsState> {
  return { facts: [ending(endedReason, true)] }
}

function ending(endedReason: string, now: boolean): Fact {
  return { type: 'end.wanted', endedReason, message: null, now, failure: null }
}

/** True where a phrase that ends the call stands in what was heard, in any case (API: endCallPhrases). */
function saysGoodbye(spokenText: string, { plan }: Surroundings): boolean {
  if (plan.endCallPhrases.length === 0) return false
  const heard = plainWords(spokenText)
  return plan.endCallPhrases.some(phrase => heard.includes(phrase))
}
