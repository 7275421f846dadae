import type { Command } from '../../commands.ts'
import type { Outcome } from '../../owner.ts'
import type { AnsweredBy, VoicemailPlan } from '../../plan.ts'
import type { VoicemailState } from '../../voicemail-state.ts'

type Settings = Extract<VoicemailPlan, { method: 'speech' }>
type Result = Outcome<VoicemailState>

/** The first speech has lasted longer than people speak who answer. */
const LONG_TIMER = 'voicemail.long'
/** The first speech is over. */
const END_TIMER = 'voicemail.end'
/** Nobody has spoken. */
const SILENCE_TIMER = 'voicemail.silence'
/** It took too long to find out. */
const LIMIT_TIMER = 'voicemail.limit'

export const LENGTH_TIMERS: readonly string[] = [LONG_TIMER, END_TIMER, SILENCE_TIMER, LIMIT_TIMER]

/**
 * Tells machines from people by the length of the first speech, as Twilio's answering machine detection does with the
 * same settings: people say a word or two, machines have a greeting.
 */
export const bySpeech = {
  begin: (slice: VoicemailState, { silenceMs, maximumMs }: Settings, atMs: number): Result => ({
    slice,
    commands: [set(SILENCE_TIMER, atMs + silenceMs), set(LIMIT_TIMER, atMs + maximumMs)],
  }),

  started: (slice: VoicemailState, { longMs }: Settings, audioMs: number): Result => {
    const startMs = slice.speechStartMs ?? audioMs
    const commands: Command[] = [SILENCE_TIMER, END_TIMER].map(timerId => ({ type: 'timer.clear', timerId }))
    if (!slice.machine) commands.push(set(LONG_TIMER, startMs + longMs))
    return { slice: { ...slice, speechStartMs: startMs }, commands }
  },

  stopped: (_slice: VoicemailState, { endMs }: Settings, audioMs: number): Result => ({
    commands: [set(END_TIMER, audioMs + endMs)],
  }),

  /** What a timer says; null where it is none of these, or says nothing. */
  fired: ({ machine }: VoicemailState, timerId: string, isTalking: boolean): AnsweredBy | null => {
    switch (timerId) {
      case LONG_TIMER:
        return isTalking ? 'machine_start' : null
      case END_TIMER:
        return machine ? 'machine_end_silence' : 'human'
      case SILENCE_TIMER:
        return 'unknown'
      case LIMIT_TIMER:
        return machine ? 'machine_end_other' : 'unknown'
      default:
        return null
    }
  },

  /** True where nothing more is to be found out. */
  isFinal: (answer: AnsweredBy): boolean => answer !== 'machine_start',
}

function set(timerId: string, atMs: number): Command {
  return { type: 'timer.set', timerId, atMs }
}
