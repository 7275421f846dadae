import type { HooksState } from '../hooks-state.ts'
import type { Outcome, Owner, Surroundings } from '../owner.ts'
import type { AssistantPlan, HookEvent } from '../plan.ts'
import { audibleUtterance, type Utterance } from '../state.ts'
import { LIMIT_TIMER } from './hooks/actions.ts'
import { hooksForUnclearTurn } from './hooks/confidence.ts'
import { type Draft, drafted, tellSkipped, warn } from './hooks/draft.ts'
import { filtersFit } from './hooks/filters.ts'
import {
  askAnew,
  completeAction,
  dropAll,
  endSpeech,
  giveUp,
  NEXT_TIMER,
  nextAction,
  overtake,
  proceed,
  sayWords,
  takeTexts,
  takeWords,
  trigger,
  triggerPostponed,
  waiting,
} from './hooks/runs.ts'
import {
  continueClock,
  endSilence,
  pauseClock,
  restartWhenQuiet,
  SILENCE_TIMER,
  startClock,
  takeDueHooks,
} from './hooks/silence.ts'

/** Fires when so many seconds of the call are over; the hook's place follows. */
const ELAPSED_TIMER = 'hooks.elapsed.'
/** Fires when the model has been silent for too long; the hook's place follows. */
const MODEL_TIMER = 'hooks.model.'
/** Keeps what hooks draw apart from what tools draw. */
const SEED_SALT = 0x5eed

/**
 * Runs the assistant's hooks (seed: Assistant hooks, Idle messages): what is triggered waits in one line, its actions
 * run in their order, and each is waited for. Legacy idle messages are hooks too.
 */
export const hooks: Owner<'hooks'> = {
  name: 'hooks',
  on: {
    'call.started': (slice, event, surroundings) =>
      drafted({ ...slice, random: (event.seed ^ SEED_SALT) | 0 }, surroundings, draft => {
        const { plan, atMs } = surroundings
        for (const [place, { event: awaited }] of plan.hooks.entries()) {
          if (awaited.on === 'session.created') trigger(draft, place)
          if (awaited.on !== 'call.timeElapsed') continue
          const timerId = `${ELAPSED_TIMER}${place}`
          draft.commands.push({ type: 'timer.set', timerId, atMs: atMs + awaited.afterMs })
        }
        if (plan.opening.type === 'wait') startClock(draft, atMs, true)
        proceed(draft)
      }),

    'speech.started': (slice, _event, surroundings) =>
      drafted(slice, surroundings, draft => {
        const audible = audibleUtterance(surroundings.others)
        endSilence(draft)
        if (draft.slice.ending === null) overtake(draft, audible !== null && isOfHooks(audible))
      }),

    'speech.stopped': (slice, event, surroundings) =>
      drafted(slice, surroundings, draft => startClock(draft, event.audioMs, true)),

    transcript: (slice, { transcriptType, confidence, text }, surroundings) => {
      if (transcriptType === 'partial' || confidence === null || text.trim() === '') return undefined
      const confidences = [...slice.confidences, confidence]
      return drafted({ ...slice, confidences }, surroundings, () => {})
    },

    acknowledged: (slice, _event, surroundings) =>
      drafted({ ...slice, confidences: slice.confidences.slice(0, -1) }, surroundings, restartWhenQuiet),

    'turn.ended': (slice, event, surroundings) => {
      const unclear = hooksForUnclearTurn(surroundings)
      return drafted({ ...slice, confidences: [] }, surroundings, draft => {
        if (unclear.length === 0) return
        for (const place of unclear) trigger(draft, place)
        draft.facts.push({ type: 'turn.settled', turn: event.times.turn })
        proceed(draft)
      })
    },

    interrupted: (slice, _event, surroundings) =>
      drafted(slice, surroundings, draft => {
        stopAwaitingModel(draft)
        triggerOn(draft, 'assistant.speech.interrupted')
      }),

    'utterance.started': (slice, event, surroundings) => {
      const { customer, speaking } = surroundings.others
      const own = speaking.queue.find(({ id }) => id === event.utteranceId)
      if (!customer.talking || own === undefined || isOfHooks(own)) return undefined
      return drafted(slice, surroundings, draft => triggerOn(draft, 'customer.speech.interrupted'))
    },

    'utterance.finished': (slice, event, surroundings) =>
      drafted(slice, surroundings, draft => {
        endSpeech(draft, event.tag, event.heard)
        if (event.source !== 'hook' && event.source !== 'idle') assistantStopped(draft)
        restartWhenQuiet(draft)
      }),
    'utterance.dropped': (slice, { tag }, surroundings) =>
      tag === null
        ? undefined
        : drafted(slice, surroundings, draft => {
            endSpeech(draft, tag, false)
            restartWhenQuiet(draft)
          }),

    'tool.started': (slice, event, surroundings) =>
      drafted(
        { ...slice, openCalls: [...new Set([...slice.openCalls, event.call.id])] },
        surroundings,
        pauseClock,
      ),
    'tool.finished': (slice, event, surroundings) =>
      drafted(
        { ...slice, openCalls: slice.openCalls.filter(id => id !== event.call.id) },
        surroundings,
        draft => {
          const found = waiting(draft, 'tool')
          if (found !== null && found.wait.callId === event.call.id) completeAction(draft)
          if (draft.slice.openCalls.length > 0) return
          continueClock(draft)
          triggerPostponed(draft)
          proceed(draft)
          restartWhenQuiet(draft)
        },
      ),

    // At the end of a call, what was not waited for before must still get through.
    'tool.done': (slice, _event, surroundings) => {
      const { ending } = slice
      if (ending === null || ending.openCalls.length === 0) return undefined
      const { running } = surroundings.others.tools
      const openCalls = ending.openCalls.filter(id => running.some(({ call }) => call.id === id))
      return drafted({ ...slice, ending: { ...ending, openCalls } }, surroundings, proceed)
    },

    'render.done': (slice, event, surroundings) =>
      drafted(slice, surroundings, draft => takeTexts(draft, event.workId, event.texts, event.fault)),
    'model.text': (slice, event, surroundings) =>
      drafted(slice, surroundings, draft => takeWords(draft, event.workId, event.text)),
    'model.done': (slice, event, surroundings) =>
      drafted(slice, surroundings, draft => sayWords(draft, event.workId)),
    'model.failed': (slice, event, surroundings) =>
      drafted(slice, surroundings, draft => askAnew(draft, event.workId)),

    'reply.started': (slice, _event, surroundings) => drafted(slice, surroundings, awaitModel),
    'reply.text': (slice, _event, surroundings) => drafted(slice, surroundings, stopAwaitingModel),
    'reply.completed': (slice, _event, surroundings) =>
      drafted(slice, surroundings, draft => {
        stopAwaitingModel(draft)
        restartWhenQuiet(draft)
      }),
    'turn.reopened': (slice, _event, surroundings) => drafted(slice, surroundings, stopAwaitingModel),

    timer: (slice, { timerId }, surroundings) =>
      drafted(slice, surroundings, draft => {
        if (timerId === NEXT_TIMER) nextAction(draft)
        if (timerId === LIMIT_TIMER) {
          warn(draft, 'an action of a hook took too long and was left')
          giveUp(draft)
        }
        restartWhenQuiet(draft)
        if (surroundings.others.lifecycle.phase !== 'live') return
        if (timerId === SILENCE_TIMER) for (const place of takeDueHooks(draft)) trigger(draft, place)
        if (timerId.startsWith(ELAPSED_TIMER) && surroundings.others.squad.member === 0)
          trigger(draft, Number(timerId.slice(ELAPSED_TIMER.length)))
        if (timerId.startsWith(MODEL_TIMER)) trigger(draft, Number(timerId.slice(MODEL_TIMER.length)))
        proceed(draft)
      }),

    // Another assistant has hooks of its own; those of the one before have had their time.
    'assistant.changed': (slice, { member }, surroundings) =>
      drafted(slice, surroundings, draft => {
        const { silence, runs, postponed } = draft.slice
        draft.slice = {
          ...draft.slice,
          runs: runs.filter((run, place) => place === 0 || run.member === member),
          postponed: postponed.filter(hook => hook.member === member),
          silence: { ...silence, next: {} },
        }
        if (silence.startMs !== null) startClock(draft, surroundings.atMs, true)
      }),

    'voicemail.detected': (slice, _event, surroundings) => drafted(slice, surroundings, quiet),
    'call.forwarded': (slice, _event, surroundings) => drafted(slice, surroundings, quiet),

    'call.ending': (slice, { endedReason }, surroundings) =>
      drafted(slice, surroundings, draft => {
        quiet(draft)
        draft.slice = { ...draft.slice, ending: { endedReason, last: null, mute: false, openCalls: [] } }
        for (const [place, hook] of surroundings.plan.hooks.entries()) {
          if (hook.event.on !== 'call.ending') continue
          if (!filtersFit(hook.filters, endedReason) && hook.source === 'hook')
            tellSkipped(draft, hook, 'the filters do not fit')
          trigger(draft, place)
        }
        proceed(draft)
      }),

    // The customer has gone while hooks act: nobody hears what they say any more, but they go on.
    'call.hangup': (slice, _event, surroundings) => mute(slice, surroundings),
    'end.wanted': (slice, event, surroundings) => {
      if (slice.ending === null) return undefined
      if (event.endedReason === 'assistant-forwarded-call')
        return { slice: { ...slice, ending: { ...slice.ending, last: 'transfer' } } }
      return event.failure === null ? undefined : mute(slice, surroundings)
    },

    'call.closing': (slice, _event, surroundings) => drafted(slice, surroundings, quiet),
  },
}

function isOfHooks({ source }: Utterance): boolean {
  return source === 'hook' || source === 'idle' || source === 'ending'
}

function triggerOn(draft: Draft, on: HookEvent['on']): void {
  const { plan, others } = draft.surroundings
  if (others.lifecycle.phase !== 'live') return
  for (const [place, { event }] of plan.hooks.entries()) if (event.on === on) trigger(draft, place)
  proceed(draft)
}

/** Starts the clock of timeout hooks where the assistant's last word does so (ruling 5). */
function assistantStopped(draft: Draft): void {
  const { plan, others, atMs } = draft.surroundings
  if (others.customer.talking) return
  const unheard = others.customer.segmentStartMs === null && draft.slice.silence.startMs === null
  if (unheard || plan.silenceClock === 'assistant') startClock(draft, atMs, unheard)
}

function awaitModel(draft: Draft): void {
  const { plan, atMs } = draft.surroundings
  for (const { place, event } of modelTimeouts(plan)) {
    draft.commands.push({
      type: 'timer.set',
      timerId: `${MODEL_TIMER}${place}`,
      atMs: atMs + event.timeoutMs,
    })
  }
}

function stopAwaitingModel(draft: Draft): void {
  for (const { place } of modelTimeouts(draft.surroundings.plan)) {
    draft.commands.push({ type: 'timer.clear', timerId: `${MODEL_TIMER}${place}` })
  }
}

function modelTimeouts({ hooks: all }: AssistantPlan) {
  return all.flatMap(({ event }, place) => (event.on === 'model.response.timeout' ? [{ place, event }] : []))
}

/** Drops everything that hooks do, and their timers. */
function quiet(draft: Draft): void {
  const { call } = draft.surroundings
  dropAll(draft)
  endSilence(draft)
  draft.slice = { ...draft.slice, openCalls: [], ending: null }
  const places = call.members.flatMap(({ hooks: all }) => [...all.keys()])
  for (const place of new Set(places)) {
    draft.commands.push(
      { type: 'timer.clear', timerId: `${ELAPSED_TIMER}${place}` },
      { type: 'timer.clear', timerId: `${MODEL_TIMER}${place}` },
    )
  }
  draft.commands.push({ type: 'timer.clear', timerId: SILENCE_TIMER })
}

function mute(slice: HooksState, surroundings: Surroundings): Outcome<HooksState> | undefined {
  const { ending } = slice
  if (ending === null) return undefined
  return drafted({ ...slice, ending: { ...ending, mute: true } }, surroundings, draft => {
    const speaks = waiting(draft, 'speech') ?? waiting(draft, 'model')
    if (speaks !== null) giveUp(draft)
  })
}
