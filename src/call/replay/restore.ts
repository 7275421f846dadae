import { CallMembers, type CompiledMembers, plansOf } from '../../assistant/call-members.ts'
import type { CallRecipe } from '../../assistant/recipe.ts'
import type { AssistantPlan, CallPlan } from '../../engine/plan.ts'
import type { PlanChanges, PlanRenewal } from './format.ts'
import type { CallLog } from './read.ts'

/** The assistants of a saved call, compiled by this program. */
export interface RestoredCall {
  members: CallMembers
  /** As the call began with it. */
  plan: CallPlan
}

/** Compiles the assistants of a saved call, or of a changed recipe of it. Throws usage errors of the configuration. */
export async function restoreCall(
  { header }: Pick<CallLog, 'header'>,
  recipe: CallRecipe,
): Promise<RestoredCall> {
  const members = await CallMembers.restore(recipe)
  const { request } = header
  const plans = openingPlans(members.compiled, header.planChanges)
  return { members, plan: { members: plans, ...(request !== null && { request }) } }
}

/** The plans of the assistants with what the call changed in them before it began. */
function openingPlans(compiled: CompiledMembers, changes: PlanChanges): CallPlan['members'] {
  const { warnings, maximumDurationMs, withoutOpening } = changes
  const [first, ...others] = plansOf(compiled).map((plan, place): AssistantPlan => {
    const silent = withoutOpening.includes(place)
    const wait = { type: 'wait' } as const
    return {
      ...plan,
      // A sound that another setting took away is no longer missing.
      ...(silent && plan.opening.type === 'sound' && { opening: wait }),
      ...(silent && plan.firstMessage.type === 'sound' && { firstMessage: wait }),
      ...(maximumDurationMs !== null && { maximumDurationMs }),
    }
  })
  if (first === undefined) throw new Error('a call has at least one assistant')
  return [{ ...first, warnings: [...warnings, ...first.warnings] }, ...others]
}

/**
 * The plans after each renewal of a saved call, by its number. One that could not be made then cannot be made now either; it
 * is not among them.
 */
export async function renewedPlans(
  members: CallMembers,
  renewals: readonly PlanRenewal[],
): Promise<Map<number, CallPlan['members']>> {
  const plans = new Map<number, CallPlan['members']>()
  for (const renewal of renewals) {
    try {
      if ('learn' in renewal) await members.learn({ ...renewal.learn })
      else await members.join(renewal.join.member, { ...renewal.join.destination })
      plans.set(renewal.renewal, plansOf(members.compiled))
    } catch {
      // The call was told so by the tool's result, which is in the log.
    }
  }
  return plans
}

/** All assistants that took part in a saved call, by their places: also those that joined while it ran. */
export async function recordedAssistants(log: CallLog): Promise<CompiledMembers> {
  const members = await CallMembers.restore(log.recipe)
  await renewedPlans(members, log.renewals)
  return members.compiled
}
