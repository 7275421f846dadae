import type { Assistant } from './schema.ts'

/** Settings that steer a hosted call and have no effect in a local one; each that is set is told. */
const settings = ['endCallPhrases', 'voicemailDetection', 'compliancePlan'] as const

/** What the user should know of a configuration: settings without effect here. Old spellings are told by `legacy.ts`. */
export function configurationWarnings(assistant: Assistant): string[] {
  const given = new Map(Object.entries(assistant))
  const warnings: string[] = settings
    .filter(name => isSet(given.get(name)))
    .map(name => `${name} has no effect in a local call`)
  const { monitorPlan } = assistant
  if (typeof monitorPlan === 'object' && monitorPlan !== null && Object.values(monitorPlan).some(isSet))
    warnings.push('monitorPlan has no effect in a local call: it has no listen and control addresses')
  if ((assistant.silenceTimeoutSeconds ?? 10) < 10)
    warnings.push('silenceTimeoutSeconds under 10 is refused by the hosted API')
  const others =
    assistant.model?.messages?.filter(({ role }) => !/^(system|user|assistant)$/.test(role)) ?? []
  if (others.length > 0)
    warnings.push(`model.messages of the role ${others[0]?.role} have no effect in a local call`)
  return warnings
}

function isSet(value: unknown): boolean {
  return (
    value !== undefined && value !== null && value !== false && !(Array.isArray(value) && value.length === 0)
  )
}
