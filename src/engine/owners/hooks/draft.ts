import type { Command } from '../../commands.ts'
import type { Fact } from '../../facts.ts'
import type { HookRun, HooksState } from '../../hooks-state.ts'
import { type Outcome, observe, type Surroundings } from '../../owner.ts'
import type { HookPlan } from '../../plan.ts'

/** What an event makes of the hooks, grown step by step. */
export interface Draft {
  slice: HooksState
  commands: Command[]
  facts: Fact[]
  readonly surroundings: Surroundings
}

/** Lets `work` grow a draft; the outcome of the event. A call without hooks keeps no account. */
export function drafted(
  slice: HooksState,
  surroundings: Surroundings,
  work: (draft: Draft) => void,
): Outcome<HooksState> | undefined {
  if (surroundings.call.members.every(({ hooks }) => hooks.length === 0)) return undefined
  const draft: Draft = { slice, commands: [], facts: [], surroundings }
  work(draft)
  return { slice: draft.slice, commands: draft.commands, facts: draft.facts }
}

export function hookOf(draft: Draft, { member, hook }: Pick<HookRun, 'member' | 'hook'>): HookPlan | null {
  return draft.surroundings.call.members[member]?.hooks[hook] ?? null
}

export function tellTriggered(draft: Draft, { event, name }: HookPlan): void {
  draft.commands.push(observe(draft.surroundings.atMs, { type: 'hook.triggered', on: event.on, name }))
}

export function tellSkipped(draft: Draft, { event, name }: HookPlan, reason: string): void {
  const { atMs } = draft.surroundings
  draft.commands.push(observe(atMs, { type: 'hook.skipped', on: event.on, name, reason }))
}

export function warn(draft: Draft, message: string): void {
  draft.commands.push(observe(draft.surroundings.atMs, { type: 'warning', message }))
}
