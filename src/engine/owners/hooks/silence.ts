import type { HookEvent } from '../../plan.ts'
import type { CallState } from '../../state.ts'
import { type Draft, tellSkipped } from './draft.ts'

/** Fires when the next timeout hook is due. */
export const SILENCE_TIMER = 'hooks.silence'

type TimeoutEvent = Extract<HookEvent, { on: 'customer.speech.timeout' }>

/** The customer speaks: there is no silence, and counts begin again where they do. */
export function endSilence(draft: Draft): void {
  const { plan, others } = draft.surroundings
  const counts = { ...draft.slice.counts }
  for (const { place, event } of timeouts(draft)) {
    if (event.resetOnSpeech) delete counts[countKey(others.squad.member, place)]
  }
  draft.slice = {
    ...draft.slice,
    counts,
    silence: { startMs: null, pausedMs: null, restarts: false, next: {} },
  }
  if (plan.hooks.length > 0) draft.commands.push({ type: 'timer.clear', timerId: SILENCE_TIMER })
}

/** The clock starts, at zero; what is over for this silence stays so unless it is a new one. */
export function startClock(draft: Draft, startMs: number, fresh: boolean): void {
  const { silence, openCalls } = draft.slice
  const { phase } = draft.surroundings.others.lifecycle
  if (phase !== 'live' && phase !== 'idle') return
  const over = Object.entries(silence.next).filter(([, dueMs]) => dueMs === null)
  const next = fresh ? {} : Object.fromEntries(over)
  const pausedMs = openCalls.length > 0 ? startMs : null
  draft.slice = { ...draft.slice, silence: { startMs, pausedMs, restarts: false, next } }
  setTimer(draft)
}

/** A tool call or a transfer begins: the clock stands. */
export function pauseClock(draft: Draft): void {
  const { silence } = draft.slice
  if (silence.startMs === null || silence.pausedMs !== null) return
  draft.slice = { ...draft.slice, silence: { ...silence, pausedMs: draft.surroundings.atMs } }
  setTimer(draft)
}

/** None runs any more: the clock goes on from where it stood. */
export function continueClock(draft: Draft): void {
  const { silence } = draft.slice
  if (silence.startMs === null || silence.pausedMs === null) return
  const startMs = silence.startMs + draft.surroundings.atMs - silence.pausedMs
  draft.slice = { ...draft.slice, silence: { ...silence, startMs, pausedMs: null } }
  setTimer(draft)
}

/** Starts the clock anew once the speech is over that a hook would have talked into. */
export function restartWhenQuiet(draft: Draft): void {
  const { others, atMs } = draft.surroundings
  if (draft.slice.silence.restarts && !isAnswering(others)) startClock(draft, atMs, false)
}

/**
 * The hooks that are due and may be triggered, by their places. While an answer is prepared or spoken none is: the
 * clock starts anew after it.
 */
export function takeDueHooks(draft: Draft): number[] {
  const { others, atMs } = draft.surroundings
  const { silence } = draft.slice
  if (silence.startMs === null || silence.pausedMs !== null || silence.restarts) return []
  if (isAnswering(others)) {
    draft.slice = { ...draft.slice, silence: { ...silence, restarts: true } }
    return []
  }
  const elapsedMs = atMs - silence.startMs
  const due = timeouts(draft).filter(({ place, event }) => {
    const dueMs = dueOf(draft, place, event)
    return dueMs !== null && dueMs <= elapsedMs && fires(draft, place, event, dueMs)
  })
  setTimer(draft)
  return due.map(({ place }) => place)
}

function fires(draft: Draft, place: number, event: TimeoutEvent, dueMs: number): boolean {
  const { plan, others } = draft.surroundings
  const { member } = others.squad
  const hook = plan.hooks[place]
  // Still at its last message: it is armed anew from the end of that.
  const busy = draft.slice.runs.some(run => run.member === member && run.hook === place)
  setDue(draft, place, event.repeats && !busy ? dueMs + event.timeoutMs : null)
  if (busy || hook === undefined) return false
  const key = countKey(member, place)
  const count = draft.slice.counts[key] ?? 0
  if (count >= event.maximumCount) {
    tellSkipped(draft, hook, 'triggerMaxCount reached')
    return false
  }
  draft.slice = { ...draft.slice, counts: { ...draft.slice.counts, [key]: count + 1 } }
  return true
}

/** A hook has done all it does; one that came due meanwhile waits its time from here. */
export function rearm(draft: Draft, member: number, place: number): void {
  const { plan, others, atMs } = draft.surroundings
  const event = plan.hooks[place]?.event
  const { startMs, pausedMs } = draft.slice.silence
  if (member !== others.squad.member || event?.on !== 'customer.speech.timeout' || startMs === null) return
  if (!event.repeats || draft.slice.silence.next[place] !== null) return
  setDue(draft, place, (pausedMs ?? atMs) - startMs + event.timeoutMs)
  setTimer(draft)
}

function setDue(draft: Draft, place: number, dueMs: number | null): void {
  const { silence } = draft.slice
  draft.slice = {
    ...draft.slice,
    silence: { ...silence, next: { ...silence.next, [place]: dueMs } },
  }
}

/** Sets the timer for the first hook that comes due while the clock goes. */
function setTimer(draft: Draft): void {
  const { silence } = draft.slice
  const hooks = timeouts(draft)
  if (hooks.length === 0) return
  const due = hooks.flatMap(({ place, event }) => dueOf(draft, place, event) ?? [])
  const stands = silence.startMs === null || silence.pausedMs !== null || silence.restarts
  draft.commands.push(
    stands || due.length === 0
      ? { type: 'timer.clear', timerId: SILENCE_TIMER }
      : { type: 'timer.set', timerId: SILENCE_TIMER, atMs: (silence.startMs ?? 0) + Math.min(...due) },
  )
}

/** When a hook is due, in milliseconds since the clock's start; null where it is not any more. */
function dueOf(draft: Draft, place: number, event: TimeoutEvent): number | null {
  const dueMs = draft.slice.silence.next[place]
  return dueMs === undefined ? event.timeoutMs : dueMs
}

function timeouts(draft: Draft): { place: number; event: TimeoutEvent }[] {
  return draft.surroundings.plan.hooks.flatMap(({ event }, place) =>
    event.on === 'customer.speech.timeout' ? [{ place, event }] : [],
  )
}

function countKey(member: number, place: number): string {
  return `${member}.${place}`
}

/** True while the customer's words are judged, or an answer is prepared or spoken. Messages of hooks are no answers. */
function isAnswering({ customer, endpointing, interruption, reply, speaking }: CallState): boolean {
  return (
    customer.talking ||
    customer.finals.length > 0 ||
    customer.unanswered !== null ||
    endpointing.stage !== 'idle' ||
    interruption.inBackoff ||
    reply.active !== null ||
    reply.held !== null ||
    speaking.queue.some(({ source }) => source !== 'hook' && source !== 'idle')
  )
}
