import { monitorWarnings } from './monitor-plan.ts'
import type { Assistant } from './schema.ts'

/** Settings that steer a hosted call and have no effect in a local one; each that is set is told. */
const settings = ['compliancePlan'] as const

/** What the user should know of a configuration: settings without effect here. Old spellings are told by `legacy.ts`. */
export function configurationWarnings(assistant: Assistant): string[] {
  const given = new Map(Object.entries(assistant))
  const warnings: string[] = settings
    .filter(name => isSet(given.get(name)))
    .map(name => `${name} has no effect in a local call`)
  warnings.push(...monitorWarnings(assistant))
  if (typeof assistant.firstMessage === 'object' && assistant.firstMessage !== null)
    warnings.push(
      'firstMessage with contents works in a local call alone; the hosted API takes one text, in the languages that you list in it',
    )
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
