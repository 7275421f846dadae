import { z } from 'zod'
import type { AssistantPlan } from '../engine/plan.ts'
import type { Assistant } from './schema.ts'

export const monitorPlanSchema = z.looseObject({
  controlEnabled: z.boolean().nullish(),
  listenEnabled: z.boolean().nullish(),
  controlAuthenticationEnabled: z.boolean().nullish(),
  listenAuthenticationEnabled: z.boolean().nullish(),
  monitorIds: z.array(z.string()).nullish(),
})

/** What of a call may be steered and listened to while it runs: both unless the plan says false (API: monitorPlan). */
export function compileMonitor({ monitorPlan }: Assistant): AssistantPlan['monitor'] {
  return {
    controlEnabled: monitorPlan?.controlEnabled ?? true,
    listenEnabled: monitorPlan?.listenEnabled ?? true,
  }
}

/** What of the plan has no effect in a local call. */
export function monitorWarnings({ monitorPlan }: Assistant): string[] {
  const warnings: string[] = []
  if (monitorPlan?.controlAuthenticationEnabled === true || monitorPlan?.listenAuthenticationEnabled === true)
    warnings.push(
      'monitorPlan: a local call asks for no public key; its control and listen addresses cannot be guessed and are of this machine alone',
    )
  if ((monitorPlan?.monitorIds ?? []).length > 0)
    warnings.push('monitorPlan.monitorIds has no effect in a local call')
  return warnings
}
