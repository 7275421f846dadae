import type { ContextPlan, DestinationPlan } from '../engine/plan.ts'
import { isObject } from '../is-object.ts'
import type { Json } from './overrides.ts'
import type { AssistantTool } from './schema.ts'
import { destinationName } from './tool-kinds.ts'
import { compileMessage } from './tool-messages.ts'
import type { Render } from './variables.ts'

/** Finds the assistant of a destination among those of the call: its place, or why it is not there. */
export type FindMember = (destination: Json) => { member: number } | { missing: string }

/** Of an assistant that is alone in its call. */
export const nobodyElse: FindMember = destination => ({
  missing: `there is no other assistant in this call, so none named ${destinationName(destination)}`,
})

/** Compiles the destinations of a transferCall or handoff tool; those that are not there are warned about. */
export function compileDestinations(
  tool: AssistantTool,
  path: string,
  render: Render,
  find: FindMember,
  warnings: string[],
): DestinationPlan[] {
  const destinations: unknown[] = Array.isArray(tool.destinations) ? tool.destinations : []
  return destinations.filter(isObject).map((destination, place) => {
    const plan = compileDestination(destination, `${path}.destinations[${place}]`, render, find)
    if (plan.type === 'assistant' && plan.member === null)
      warnings.push(`${path}.destinations[${place}]: ${plan.missing}`)
    return plan
  })
}

export function compileDestination(
  destination: Json,
  path: string,
  render: Render,
  find: FindMember,
): DestinationPlan {
  const common = {
    name: destinationName(destination),
    description:
      typeof destination.description === 'string'
        ? render(destination.description, `${path}.description`)
        : null,
    message: compileMessage(destination.message, `${path}.message`, render),
  }
  const { type } = destination
  if (type === 'dynamic') return { type, ...common }
  if (type === 'number' || type === 'sip') {
    const address = String((type === 'number' ? destination.number : destination.sipUri) ?? '')
    return {
      type,
      ...common,
      address: render(address, path),
      transfer: transferSettings(destination, path, render),
    }
  }
  const found = find(destination)
  return {
    type: 'assistant',
    ...common,
    member: 'member' in found ? found.member : null,
    missing: 'missing' in found ? found.missing : '',
    context: contextPlan(destination),
  }
}

/** How the conversation goes along (API: transferMode, contextEngineeringPlan). */
function contextPlan({ transferMode, contextEngineeringPlan: plan }: Json): ContextPlan {
  if (isObject(plan)) {
    switch (plan.type) {
      case 'none':
        return { type: 'none' }
      case 'lastNMessages':
        return { type: 'last', count: Number(plan.maxMessages ?? 0) }
      case 'userAndAssistantMessages':
        return { type: 'user-and-assistant' }
      case 'previousAssistantMessages':
        return { type: 'previous' }
      default:
        return { type: 'all' }
    }
  }
  switch (transferMode) {
    case 'swap-system-message-in-history':
      return { type: 'swap', withoutToolMessages: false }
    case 'swap-system-message-in-history-and-remove-transfer-tool-messages':
      return { type: 'swap', withoutToolMessages: true }
    case 'delete-history':
      return { type: 'none' }
    default:
      return { type: 'all' }
  }
}

function transferSettings(destination: Json, path: string, render: Render) {
  const plan = isObject(destination.transferPlan) ? destination.transferPlan : {}
  const { fallbackPlan } = plan
  const said = compileMessage(plan.message, `${path}.transferPlan.message`, render)
  const fallback = isObject(fallbackPlan)
    ? compileMessage(fallbackPlan.message, `${path}.transferPlan.fallbackPlan.message`, render)
    : null
  return {
    mode: typeof plan.mode === 'string' ? plan.mode : 'blind-transfer',
    operatorMessage: said === null ? null : said.content,
    fallback:
      isObject(fallbackPlan) && fallback !== null
        ? { message: fallback.content, endsCall: fallbackPlan.endCallEnabled !== false }
        : null,
    configured: destination,
  }
}
