import type { Command } from '../../commands.ts'
import type { Fact } from '../../facts.ts'
import type { Failure, ModelFailed } from '../../inputs.ts'
import { type Outcome, observe, type Surroundings } from '../../owner.ts'
import type { ReplyState } from '../../state.ts'
import { ask, modelInUse, modelName } from './ask.ts'

/**
 * What becomes of an answer whose model failed. Where nothing of it was there yet, the next model is asked at once. Else
 * what there is of it is the answer: it is spoken to its end and stays in the history. The next model answers from then on;
 * without one the call ends after these words.
 */
export function fallBack(
  slice: ReplyState,
  active: NonNullable<ReplyState['active']>,
  { failure }: ModelFailed,
  surroundings: Surroundings,
): Outcome<ReplyState> {
  const { replyId, text, times, model } = active
  const failed = failOver(slice, model, times.turn, failure, surroundings)
  const isBegun = text.trim() !== ''
  if (!isBegun && failed.next !== null) {
    const asked = ask(failed.slice, active, failed.next, surroundings)
    return { ...asked, commands: [...failed.commands, ...asked.commands] }
  }
  const facts: Fact[] = isBegun ? [{ type: 'reply.completed', replyId, text, toolCalls: [], times }] : []
  if (failed.next === null) {
    const endedReason =
      failure.endedReason ??
      surroundings.plan.model.models[model]?.endedReason ??
      'call.in-progress.error-providerfault-vapi-llm-failed'
    facts.push({ type: 'end.wanted', endedReason, message: null, now: !isBegun, failure })
  } else if (slice.held !== null) facts.push({ type: 'reply.wanted', times: slice.held })
  return { slice: { ...failed.slice, active: null, held: null }, commands: failed.commands, facts }
}

/** A hook's model failed: the hook asks the next one, or does without. Null where no hook waits for this work. */
export function failOverForHook(
  slice: ReplyState,
  { workId, failure }: ModelFailed,
  surroundings: Surroundings,
): Outcome<ReplyState> | undefined {
  const { hooks, customer } = surroundings.others
  const wait = hooks.runs[0]?.wait
  if (wait?.type !== 'model' || wait.workId !== workId) return undefined
  const failed = failOver(slice, wait.model, customer.turn, failure, surroundings)
  return { slice: failed.slice, commands: failed.commands }
}

/** Tells of a failure and goes over to the next model, for the rest of the call. `next` null: none is left. */
function failOver(
  slice: ReplyState,
  model: number,
  turn: number,
  { code, message }: Failure,
  surroundings: Surroundings,
): { slice: ReplyState; commands: Command[]; next: number | null } {
  const { plan, call, others, atMs } = surroundings
  const from = modelName(surroundings, model)
  const commands = [observe(atMs, { type: 'model.failed', turn, model: from, code, message })]
  // Another request may have found the same already.
  const inUse = modelInUse(surroundings)
  const next = Math.max(model + 1, inUse)
  if (plan.model.models[next] === undefined) return { slice, commands, next: null }
  if (next > inUse)
    commands.push(observe(atMs, { type: 'model.switched', from, to: modelName(surroundings, next) }))
  const { member } = others.squad
  const models = call.members.map((_, other) => (other === member ? next : (slice.models[other] ?? 0)))
  return { slice: { ...slice, models }, commands, next }
}
