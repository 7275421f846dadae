import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import { audibleUtterance, type InterruptionState, segmentText } from '../state.ts'
import { beginsPhrase, countWords, findPhrase, isPhrase } from '../text/phrases.ts'

/** Fires when voice activity has lasted for `voiceSeconds`. */
const VOICE_TIMER = 'interruption.voice'
const BACKOFF_TIMER = 'interruption.backoff'

type Result = Outcome<InterruptionState> | undefined
type Cause = 'vad' | 'words' | 'phrase' | 'key'

/**
 * Decides when the customer stops the assistant (stop-speaking plan). A speech segment interrupts by an interruption
 * phrase at once, else by lasting for `voiceSeconds` (no words asked for) or by its number of words; an utterance
 * that is an acknowledgement as a whole never does (ruling 4).
 */
export const interruption: Owner<'interruption'> = {
  name: 'interruption',
  on: {
    'speech.started': (slice, event, surroundings) => {
      const fresh = { ...slice, voiced: false, settled: false, listeningFromMs: null }
      if (audibleUtterance(surroundings.others) === null || surroundings.plan.interruption.wordCount > 0) {
        return { slice: fresh }
      }
      return listen(fresh, event.audioMs, surroundings)
    },

    'speech.stopped': (slice, event, surroundings) => {
      const audible = audibleUtterance(surroundings.others)
      const clear = { type: 'timer.clear', timerId: VOICE_TIMER } as const
      const lastedMs = event.audioMs - (slice.listeningFromMs ?? event.audioMs)
      // It has lasted: the timer of this very moment decides.
      if (
        slice.listeningFromMs !== null &&
        lastedMs >= surroundings.plan.interruption.voiceMs &&
        !slice.voiced
      ) {
        return undefined
      }
      if (slice.settled || slice.voiced || audible === null || surroundings.plan.interruption.wordCount > 0) {
        return { commands: [clear] }
      }
      const ignored = ignore(slice, surroundings, 'vad', 'shorter than voiceSeconds')
      return { ...ignored, commands: [clear, ...(ignored.commands ?? [])] }
    },

    // The assistant may begin while the customer is talking already (a forced `say`).
    'utterance.started': (slice, _event, surroundings) => {
      const fresh = { ...slice, voiced: false, settled: false, listeningFromMs: null }
      if (!surroundings.others.customer.talking || surroundings.plan.interruption.wordCount > 0)
        return { slice: fresh }
      return listen(fresh, surroundings.atMs, surroundings)
    },

    timer: (slice, event, surroundings) => {
      if (event.timerId === VOICE_TIMER) return judge({ ...slice, voiced: true }, false, surroundings)
      if (event.timerId !== BACKOFF_TIMER) return undefined
      return {
        slice: { ...slice, inBackoff: false },
        commands: [observe(surroundings.atMs, { type: 'backoff.ended' })],
      }
    },

    'interrupt.pressed': (slice, _event, surroundings) => {
      const audible = audibleUtterance(surroundings.others)
      if (audible === null) return undefined
      return audible.interruptible
        ? interrupt(slice, surroundings, 'key')
        : ignore(slice, surroundings, 'key', 'not interruptible')
    },

    transcript: (slice, event, surroundings) =>
      event.text.trim() === '' ? undefined : judge(slice, event.transcriptType === 'final', surroundings),

    'call.closing': slice => ({
      slice: { ...slice, inBackoff: false },
      commands: [
        { type: 'timer.clear', timerId: VOICE_TIMER },
        { type: 'timer.clear', timerId: BACKOFF_TIMER },
      ],
    }),
  },
}

/** Waits until voice activity that began at `fromMs` has lasted long enough. */
function listen(slice: InterruptionState, fromMs: number, surroundings: Surroundings): Result {
  const atMs = fromMs + surroundings.plan.interruption.voiceMs
  if (atMs <= surroundings.atMs) return judge({ ...slice, voiced: true }, false, surroundings)
  return {
    slice: { ...slice, listeningFromMs: fromMs },
    commands: [{ type: 'timer.set', timerId: VOICE_TIMER, atMs }],
  }
}

function judge(slice: InterruptionState, final: boolean, surroundings: Surroundings): Result {
  const audible = audibleUtterance(surroundings.others)
  if (audible === null) return { slice }
  // Words of speech that was over before this was heard are no interruption of it.
  const { talking, speechEndMs } = surroundings.others.customer
  if (!talking && (speechEndMs ?? 0) <= (audible.startedMs ?? 0)) return { slice }
  const { wordCount, interruptionPhrases, acknowledgementPhrases } = surroundings.plan.interruption
  const words = segmentText(surroundings.others.customer)
  if (isPhrase(words, acknowledgementPhrases)) {
    if (!final) return { slice }
    const ignored = ignore(slice, surroundings, wordCount > 0 ? 'words' : 'vad', 'acknowledgement')
    return {
      ...ignored,
      facts: [{ type: 'acknowledged', text: surroundings.others.customer.finals.at(-1) ?? words }],
    }
  }
  const cause = causeOf()
  if (cause === null) return { slice }
  if (audible.interruptible) return interrupt(slice, surroundings, cause)
  return slice.settled ? { slice } : ignore(slice, surroundings, cause, 'not interruptible')

  function causeOf(): Cause | null {
    if (findPhrase(words, interruptionPhrases) !== null) return 'phrase'
    if (wordCount > 0) {
      // “Got” may still become “got it”.
      const undecided = !final && beginsPhrase(words, acknowledgementPhrases)
      return countWords(words) >= wordCount && !undecided ? 'words' : null
    }
    return slice.voiced ? 'vad' : null
  }
}

function interrupt(slice: InterruptionState, { plan, atMs }: Surroundings, by: Cause): Result {
  const untilMs = atMs + plan.interruption.backoffMs
  return {
    slice: { ...slice, settled: true, inBackoff: true, backoffUntilMs: untilMs },
    commands: [
      observe(atMs, { type: 'interruption', by, ignored: false, reason: '' }),
      observe(atMs, { type: 'backoff.started', untilMs }),
      { type: 'timer.clear', timerId: VOICE_TIMER },
      { type: 'timer.set', timerId: BACKOFF_TIMER, atMs: untilMs },
    ],
    facts: [{ type: 'interrupted' }],
  }
}

function ignore(
  slice: InterruptionState,
  { atMs }: Surroundings,
  by: Cause,
  reason: string,
): Outcome<InterruptionState> {
  return {
    slice: { ...slice, settled: true },
    commands: [observe(atMs, { type: 'interruption', by, ignored: true, reason })],
  }
}
