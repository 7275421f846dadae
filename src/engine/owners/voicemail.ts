import type { Command } from '../commands.ts'
import type { VoicemailDetected } from '../observations.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import type { VoicemailPlan } from '../plan.ts'
import { segmentText } from '../state.ts'
import { machineWords } from '../text/machine.ts'
import type { VoicemailState } from '../voicemail-state.ts'
import { bySpeech, LENGTH_TIMERS } from './voicemail/speech.ts'

/** Fires when it is looked once more whether a machine has answered. */
const CHECK_TIMER = 'voicemail.check'
/** Fires when the beep was waited for long enough. */
const BEEP_TIMER = 'voicemail.beep'

type Result = Outcome<VoicemailState> | undefined

/**
 * Finds out whether a machine has answered, and leaves it the voicemail message (API: voicemailDetection). Either the
 * words so far are judged every few seconds, or the length of the first speech is; then the beep is waited for.
 */
export const voicemail: Owner<'voicemail'> = {
  name: 'voicemail',
  on: {
    'customer.joined': (slice, _event, { plan, atMs, others }) => {
      const { voicemail: settings } = plan
      if (settings === null || others.lifecycle.phase !== 'live') return undefined
      const listening = { ...slice, stage: 'listening' as const }
      if (settings.method === 'speech') return bySpeech.begin(listening, settings, atMs)
      return { slice: listening, commands: [timer(CHECK_TIMER, atMs + settings.startMs)] }
    },

    'speech.started': (slice, event, surroundings) =>
      ofSpeech(slice, surroundings, settings => bySpeech.started(slice, settings, event.audioMs)),
    'speech.stopped': (slice, event, surroundings) =>
      ofSpeech(slice, surroundings, settings => bySpeech.stopped(slice, settings, event.audioMs)),

    'machine.heard': (slice, event, surroundings) => {
      const { settings } = found(surroundings)
      if (event.what === 'voice') return { slice: { ...slice, voiceHeard: true } }
      const heard = { ...slice, beepHeard: true }
      if (slice.stage === 'waiting') return leaveMessage(heard, surroundings)
      if (slice.stage !== 'listening' || settings?.method !== 'speech') return { slice: heard }
      return answeredBy(heard, 'machine_end_beep', surroundings)
    },

    timer: (slice, { timerId }, surroundings) => {
      if (timerId === BEEP_TIMER && slice.stage === 'waiting') return leaveMessage(slice, surroundings)
      if (slice.stage !== 'listening') return undefined
      if (timerId === CHECK_TIMER) return check(slice, surroundings)
      return ofSpeech(slice, surroundings, () => {
        const result = bySpeech.fired(slice, timerId, surroundings.others.customer.talking)
        return result === null ? undefined : answeredBy(slice, result, surroundings)
      })
    },

    'call.ending': slice => close(slice),
    'call.closing': slice => close(slice),
  },
}

/** Looks at what was heard so far; a machine that is not found in so many looks is none. */
function check(slice: VoicemailState, surroundings: Surroundings): Result {
  const { settings, isLive } = found(surroundings)
  if (settings?.method !== 'words' || !isLive) return { slice: { ...slice, stage: 'off' } }
  const seen = { ...slice, checks: slice.checks + 1 }
  const sign = signOf(seen, settings, surroundings)
  if (sign !== null) return detect(seen, sign, surroundings)
  if (seen.checks >= settings.maximumChecks) return { slice: { ...seen, stage: 'off' } }
  return { slice: seen, commands: [timer(CHECK_TIMER, surroundings.atMs + settings.frequencyMs)] }
}

function signOf(
  { beepHeard, voiceHeard }: VoicemailState,
  { listensToSound }: Extract<VoicemailPlan, { method: 'words' }>,
  { others }: Surroundings,
): VoicemailDetected | null {
  const words = machineWords(wordsOf(others))
  if (words !== null) return { by: 'words', detail: words }
  if (!listensToSound) return null
  if (voiceHeard) return { by: 'voice', detail: 'the sound of a machine' }
  return beepHeard ? { by: 'beep', detail: 'a beep' } : null
}

/** Everything that the other side has said. */
function wordsOf({ history, customer }: Surroundings['others']): string {
  const said = history.entries.flatMap(entry => (entry.role === 'user' ? [entry.message] : []))
  return [...said, ...customer.finals.slice(customer.unanswered?.finals.length ?? 0), segmentText(customer)]
    .join(' ')
    .trim()
}

/** What the length of the first speech says (Twilio's answers). */
function answeredBy(
  slice: VoicemailState,
  answer: Parameters<typeof bySpeech.isFinal>[0],
  surroundings: Surroundings,
): Result {
  const { settings, isLive } = found(surroundings)
  if (settings?.method !== 'speech' || !isLive) return close(slice)
  const judged = { ...slice, machine: slice.machine || answer === 'machine_start' }
  if (settings.answers.includes(answer)) return detect(judged, { by: 'speech', detail: answer }, surroundings)
  return bySpeech.isFinal(answer) ? close(judged) : { slice: judged }
}

/** A machine has answered: what was being said or thought of is void; it gets the message, or the call ends. */
function detect(slice: VoicemailState, sign: VoicemailDetected, surroundings: Surroundings): Result {
  const { settings } = found(surroundings)
  const { atMs } = surroundings
  const commands: Command[] = [...clearTimers(), observe(atMs, { type: 'voicemail.detected', ...sign })]
  if (settings === null || settings.message === null) {
    return {
      slice: { ...slice, stage: 'off' },
      commands,
      facts: [{ type: 'end.wanted', endedReason: 'voicemail', message: null, now: true, failure: null }],
    }
  }
  const silenced = { type: 'voicemail.detected' } as const
  if (slice.beepHeard || atMs >= settings.beepMaximumMs) {
    const left = leaveMessage(slice, surroundings)
    return { ...left, commands, facts: [silenced, ...(left?.facts ?? [])] }
  }
  return {
    slice: { ...slice, stage: 'waiting' },
    commands: [...commands, timer(BEEP_TIMER, settings.beepMaximumMs)],
    facts: [silenced],
  }
}

function leaveMessage(slice: VoicemailState, surroundings: Surroundings): Result {
  const { settings } = found(surroundings)
  return {
    slice: { ...slice, stage: 'off' },
    commands: [{ type: 'timer.clear', timerId: BEEP_TIMER }],
    facts: [
      {
        type: 'say',
        text: settings?.message ?? '',
        source: 'ending',
        interruptible: false,
        endsCall: 'voicemail',
        times: null,
      },
    ],
  }
}

function ofSpeech(
  slice: VoicemailState,
  surroundings: Surroundings,
  go: (settings: Extract<VoicemailPlan, { method: 'speech' }>) => Result,
): Result {
  const { settings } = found(surroundings)
  return slice.stage === 'listening' && settings?.method === 'speech' ? go(settings) : undefined
}

function found({ plan, others }: Surroundings) {
  return { settings: plan.voicemail, isLive: others.lifecycle.phase === 'live' }
}

function close(slice: VoicemailState): Result {
  return slice.stage === 'off' ? undefined : { slice: { ...slice, stage: 'off' }, commands: clearTimers() }
}

function clearTimers(): Command[] {
  return [CHECK_TIMER, BEEP_TIMER, ...LENGTH_TIMERS].map(timerId => ({ type: 'timer.clear', timerId }))
}

function timer(timerId: string, atMs: number): Command {
  return { type: 'timer.set', timerId, atMs }
}
