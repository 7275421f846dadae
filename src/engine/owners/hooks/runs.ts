import type { HookRun } from '../../hooks-state.ts'
import { observe } from '../../owner.ts'
import { modelInUse } from '../reply/ask.ts'
import { beginAction, LIMIT_TIMER, limitAsync, perform, speak } from './actions.ts'
import { type Draft, hookOf, tellSkipped, tellTriggered, warn } from './draft.ts'
import { filtersFit } from './filters.ts'
import { rearm } from './silence.ts'

/** Fires when the next action begins, in a step of its own. */
export const NEXT_TIMER = 'hooks.next'

/**
 * Triggers a hook of the assistant that speaks, where its filters fit; while a tool call or a transfer runs, it is for
 * later (ruling 5).
 */
export function trigger(draft: Draft, hook: number): void {
  const { member } = draft.surroundings.others.squad
  const filters = hookOf(draft, { member, hook })?.filters ?? []
  if (!filtersFit(filters, draft.slice.ending?.endedReason ?? null)) return
  if (draft.slice.ending === null && draft.slice.openCalls.length > 0) {
    draft.slice = { ...draft.slice, postponed: [...draft.slice.postponed, { member, hook }] }
    return
  }
  enqueue(draft, member, hook)
}

/** Triggers what was postponed, now that nothing runs that it would interrupt. */
export function triggerPostponed(draft: Draft): void {
  const { postponed, openCalls } = draft.slice
  if (openCalls.length > 0 || postponed.length === 0) return
  draft.slice = { ...draft.slice, postponed: [] }
  for (const { member, hook } of postponed) enqueue(draft, member, hook)
}

function enqueue(draft: Draft, member: number, hook: number): void {
  const plan = hookOf(draft, { member, hook })
  if (plan === null) return
  const run: HookRun = { member, hook, action: 0, wait: null, overtaken: false }
  draft.slice = { ...draft.slice, runs: [...draft.slice.runs, run] }
  tellTriggered(draft, plan)
}

/** Goes on with the hook under way, and with those after it, until one has to wait. */
export function proceed(draft: Draft): void {
  for (let run = draft.slice.runs[0]; run !== undefined; run = draft.slice.runs[0]) {
    if (run.wait !== null) return
    const hook = hookOf(draft, run)
    const action = hook?.actions[run.action]
    if (hook === null || action === undefined) endRun(draft, run)
    else if (run.overtaken) {
      tellSkipped(draft, hook, 'the customer spoke')
      endRun(draft, run)
    } else {
      const wait = beginAction(draft, hook, action)
      setRun(draft, wait === null ? { ...run, action: run.action + 1 } : { ...run, wait })
    }
  }
  const { ending } = draft.slice
  if (ending === null) return
  if (ending.openCalls.length > 0) {
    limitAsync(draft)
    return
  }
  const said = { say: 'call.ending.hook-executed-say', transfer: 'call.ending.hook-executed-transfer' }
  const endedReason = ending.last === null ? ending.endedReason : said[ending.last]
  draft.slice = { ...draft.slice, ending: null }
  draft.facts.push({ type: 'ending.done', endedReason })
}

/** The hook under way, if it waits for something of this type. */
export function waiting<Type extends NonNullable<HookRun['wait']>['type']>(draft: Draft, type: Type) {
  const run = draft.slice.runs[0]
  if (run?.wait?.type !== type) return null
  return { run, wait: run.wait as Extract<NonNullable<HookRun['wait']>, { type: Type }> }
}

/** The action under way is done. The next one begins in a step of its own, so that no step grows without end. */
export function completeAction(draft: Draft): void {
  const run = draft.slice.runs[0]
  if (run === undefined) return
  setRun(draft, { ...run, action: run.action + 1, wait: { type: 'next' } })
  draft.commands.push(
    { type: 'timer.clear', timerId: LIMIT_TIMER },
    { type: 'timer.set', timerId: NEXT_TIMER, atMs: draft.surroundings.atMs },
  )
}

/** Begins the next action. */
export function nextAction(draft: Draft): void {
  const found = waiting(draft, 'next')
  if (found === null) return
  setRun(draft, { ...found.run, wait: null })
  proceed(draft)
}

/** The texts of the action under way are rendered. */
export function takeTexts(
  draft: Draft,
  workId: string,
  texts: readonly string[],
  fault: string | null,
): void {
  const found = waiting(draft, 'render')
  const hook = found === null ? null : hookOf(draft, found.run)
  const action = found === null ? undefined : hook?.actions[found.run.action]
  if (found === null || hook === null || action === undefined || found.wait.workId !== workId) return
  if (fault !== null) warn(draft, `a template of a hook has a fault: ${fault}`)
  const wait = perform(draft, hook, action, texts)
  setRun(draft, wait === null ? { ...found.run, action: found.run.action + 1, wait } : { ...found.run, wait })
  proceed(draft)
}

/** The model writes for the action under way. */
export function takeWords(draft: Draft, workId: string, text: string): void {
  const found = waiting(draft, 'model')
  if (found === null || found.wait.workId !== workId) return
  const { atMs, others } = draft.surroundings
  if (found.wait.text === '') {
    draft.commands.push(observe(atMs, { type: 'model.first-token', turn: others.customer.turn }))
  }
  setRun(draft, { ...found.run, wait: { ...found.wait, text: found.wait.text + text } })
}

/** The model has written what is to be said. */
export function sayWords(draft: Draft, workId: string): void {
  const found = waiting(draft, 'model')
  const hook = found === null ? null : hookOf(draft, found.run)
  if (found === null || hook === null || found.wait.workId !== workId) return
  const { atMs, others } = draft.surroundings
  const { text } = found.wait
  const { turn } = others.customer
  draft.commands.push(observe(atMs, { type: 'model.completed', turn, text, toolCalls: [] }))
  const wait = speak(draft, hook, text)
  if (wait === null) completeAction(draft)
  else setRun(draft, { ...found.run, wait })
}

/**
 * The model failed; by now the assistant uses the next one, if there is one. It is asked in the place of the failed one, of
 * which nothing was said yet; where none is left, the hook does without.
 */
export function askAnew(draft: Draft, workId: string): void {
  const found = waiting(draft, 'model')
  const hook = found === null ? null : hookOf(draft, found.run)
  const action = found === null ? undefined : hook?.actions[found.run.action]
  if (found === null || hook === null || action === undefined || found.wait.workId !== workId) return
  const next = modelInUse(draft.surroundings) > found.wait.model
  const wait = next ? beginAction(draft, hook, action) : null
  if (wait === null) completeAction(draft)
  else setRun(draft, { ...found.run, wait })
}

/** What was to be said is over: heard, stopped, or dropped. */
export function endSpeech(draft: Draft, tag: string | null, heard: boolean): void {
  const found = waiting(draft, 'speech')
  if (found === null || found.wait.tag !== tag) return
  const { ending } = draft.slice
  const source = hookOf(draft, found.run)?.source
  if (ending !== null && heard && source === 'hook' && ending.last !== 'transfer') {
    draft.slice = { ...draft.slice, ending: { ...ending, last: 'say' } }
  }
  completeAction(draft)
}

/** The action under way failed, or takes too long: the hook goes on without it. */
export function giveUp(draft: Draft): void {
  const run = draft.slice.runs[0]
  const { ending } = draft.slice
  if (run === undefined && ending !== null) {
    draft.slice = { ...draft.slice, ending: { ...ending, openCalls: [] } }
    proceed(draft)
  }
  if (run === undefined || run.wait === null || run.wait.type === 'next') return
  stopWork(draft, run, 'all')
  completeAction(draft)
}

/**
 * The customer speaks: hooks that asked for it have nothing more to do. What is being heard of one is left to the
 * rules of interruption; what is not heard yet is taken back.
 */
export function overtake(draft: Draft, audible: boolean): void {
  const [first, ...others] = draft.slice.runs
  if (first === undefined) return
  const asks = (run: HookRun) => hookOf(draft, run)?.event.on === 'customer.speech.timeout'
  const kept: HookRun[] = []
  for (const run of others) {
    const hook = hookOf(draft, run)
    if (asks(run) && hook !== null) tellSkipped(draft, hook, 'the customer spoke')
    else kept.push(run)
  }
  draft.slice = { ...draft.slice, runs: [first, ...kept] }
  if (!asks(first)) return
  setRun(draft, { ...first, overtaken: true })
  if (audible || first.wait === null || first.wait.type === 'tool' || first.wait.type === 'next') return
  stopWork(draft, first, 'unheard')
  const hook = hookOf(draft, first)
  if (hook !== null) tellSkipped(draft, hook, 'the customer spoke')
  draft.commands.push({ type: 'timer.clear', timerId: LIMIT_TIMER })
  endRun(draft, first)
  proceed(draft)
}

/** Drops all hooks; what they wait for is void. */
export function dropAll(draft: Draft): void {
  const run = draft.slice.runs[0]
  if (run !== undefined) stopWork(draft, run, null)
  draft.slice = { ...draft.slice, runs: [], postponed: [] }
  draft.commands.push(
    { type: 'timer.clear', timerId: LIMIT_TIMER },
    { type: 'timer.clear', timerId: NEXT_TIMER },
  )
}

/** Takes back what the action under way waits for. `speech` null: the queue of speech is emptied anyway. */
function stopWork(draft: Draft, { wait }: HookRun, speech: 'unheard' | 'all' | null): void {
  if (wait?.type === 'render' || wait?.type === 'model') {
    draft.commands.push({ type: 'cancel', workId: wait.workId })
  } else if (wait?.type === 'speech' && speech !== null) {
    draft.facts.push({ type: 'say.withdrawn', what: speech })
  }
}

function endRun(draft: Draft, { member, hook }: HookRun): void {
  draft.slice = { ...draft.slice, runs: draft.slice.runs.slice(1) }
  rearm(draft, member, hook)
}

function setRun(draft: Draft, run: HookRun): void {
  draft.slice = { ...draft.slice, runs: [run, ...draft.slice.runs.slice(1)] }
}
