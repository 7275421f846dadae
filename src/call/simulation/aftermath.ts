import type { CompiledMembers } from '../../assistant/call-members.ts'
import type { Json } from '../../assistant/overrides.ts'
import type { Observation } from '../../engine/observations.ts'
import { createMemorySink } from '../../engine/ports/message-sink.memory.ts'
import type { OutgoingMessage } from '../../engine/ports/message-sink.ts'
import { isObject } from '../../is-object.ts'
import { readDeliveryPlan } from '../../messages/delivery-plan.ts'
import { type Aftermath, finishCall, reportEvent } from '../after.ts'
import { createScriptedAnalyst } from '../analysis/analyst.ts'
import type { Meter } from '../costs/meter.ts'
import type { PriceTable } from '../costs/prices.ts'
import { Messenger } from '../messenger.ts'
import type { CallResult } from '../runtime.ts'
import type { Scenario } from '../scenario.ts'

/** The messages of a simulated call: none leaves the machine. */
export interface SimulatedMessages {
  messenger: Messenger
  messages: readonly OutgoingMessage[]
}

/**
 * Keeps the messages of a simulated call: those to servers where the assistant or the phone number has one, those to a client where
 * somebody wants them. Null where there is neither. `delivered` is told of each message to a server.
 */
export function simulateMessages(
  members: CompiledMembers,
  call: { id: string; type: string; epochMs: number; toClient: boolean; numberServer: Json },
  delivered: (type: string, status: number) => void,
): SimulatedMessages | null {
  const configurations = members.map(({ configuration }): Json => configuration)
  const { customer, phoneNumber } = members[0].variables
  const identity = {
    id: call.id,
    type: call.type,
    epochMs: call.epochMs,
    customer: isObject(customer) ? customer : {},
    phoneNumber: isObject(phoneNumber) ? phoneNumber : {},
  }
  const servers = configurations.map(
    configuration => readDeliveryPlan(configuration, call.numberServer).server !== null,
  )
  if (!call.toClient && !servers.includes(true)) return null
  const sink = createMemorySink(
    (recipient, member) => (recipient === 'client' ? call.toClient : servers[member] === true),
    delivered,
  )
  const messenger = new Messenger(identity, configurations, sink)
  return { messenger, messages: sink.messages }
}

/** What follows the end of a simulated call: scripted analyses, costs, the last messages. */
export async function simulateAftermath(
  scenario: Scenario,
  members: CompiledMembers,
  call: {
    result: CallResult
    observations: readonly Observation[]
    epochMs: number
    meter: Meter
    prices: PriceTable | null
    messages: SimulatedMessages | null
  },
  observe: (observation: Observation) => void,
): Promise<Aftermath> {
  const { result, meter, messages } = call
  const { ended, member } = result
  const [first] = members
  const modelName = members[member]?.plan.model.models[result.model]?.name ?? 'none'
  const aftermath = await finishCall(
    {
      ...call,
      members,
      analyst: scenario.analysis === undefined ? null : createScriptedAnalyst(modelName, scenario.analysis),
      usage: meter.usage(),
      transcribers: first.transcribers,
      recording: null,
    },
    new AbortController().signal,
  )
  for (const message of aftermath.warnings) observe({ type: 'warning', message, atMs: ended.atMs })
  observe(reportEvent(aftermath, ended.atMs))
  const { artifact, analysis, costs } = aftermath
  messages?.messenger.report(
    {
      atMs: ended.atMs,
      endedAtMs: ended.atMs,
      endedReason: ended.endedReason,
      member,
      artifact: { ...artifact },
    },
    { cost: costs?.cost ?? 0, costs: costs?.costs ?? [], analysis },
  )
  return aftermath
}
