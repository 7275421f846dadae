import { parse } from 'yaml'
import { loadPrices, type PriceTable } from '../../src/call/costs/prices.ts'
import { parseScenario, type Scenario } from '../../src/call/scenario.ts'
import { type SimulationOutcome, simulate } from '../../src/call/simulation/simulate.ts'
import type { OutgoingMessage } from '../../src/engine/ports/message-sink.ts'
import { type OpenApiDocument, resolveSchema, type Schema } from './openapi/document.ts'
import { createStrictCheck } from './openapi/strict-schema.ts'
import { base } from './simulation.ts'

/** A message as its recipient gets it. */
export type Message = Record<string, unknown> & { type: string }

/** Wall clock at the begin of these calls. */
export const CALL_BEGAN_MS = Date.UTC(2026, 0, 5, 9)

/** A simulated call with all that went out of it. */
export interface ToldCall extends SimulationOutcome {
  server: Message[]
  client: Message[]
  /** The messages of a type to the server. */
  told(type: string): Message[]
}

/** Runs a call given as YAML (see `runSimulation`) whose assistant has a server, for server and client. */
export async function tellCall(yaml: string, prices?: PriceTable): Promise<ToldCall> {
  const given: Record<string, unknown> & { assistant?: Record<string, unknown> } = parse(yaml) ?? {}
  const server = { url: 'https://example.com/hook', secret: 's3cret', headers: { 'x-key': 'k' } }
  const scenario = parseScenario(
    { ...base, ...given, assistant: { ...base.assistant, server, name: 'Desk', ...given.assistant } },
    'test.yaml',
  )
  return tell(scenario, prices)
}

/**
 * Runs a call in which the assistant Desk hands over to Billing. `fields` are of both assistants, `destination` of the
 * hand-over.
 */
export function tellSquad(
  fields: Record<string, unknown>,
  destination: Record<string, unknown> = {},
): Promise<ToldCall> {
  const { assistant, ...rest } = base
  const handoff = {
    type: 'handoff',
    destinations: [{ type: 'assistant', assistantName: 'Billing', ...destination }],
  }
  const member = (name: string, tools: unknown[]) => ({
    assistant: {
      ...assistant,
      name,
      server: { url: 'https://example.com/hook' },
      model: { provider: 'openai', model: 'gpt-4o', tools },
      ...fields,
    },
  })
  const toolCalls = [{ name: 'handoff_to_Billing', arguments: { destination: 'Billing' } }]
  const scenario = parseScenario(
    {
      ...rest,
      squad: { members: [member('Desk', [handoff]), member('Billing', [])] },
      caller: [{ at: 0, say: 'A question about my invoice.', lasts: 1 }],
      model: [{ reply: '', toolCalls }, { reply: 'Billing here.' }],
    },
    'test.yaml',
  )
  return tell(scenario)
}

async function tell(scenario: Scenario, prices?: PriceTable): Promise<ToldCall> {
  const outcome = await simulate(scenario, '/nowhere/test.yaml', {
    semantics: 'documentation',
    variables: {},
    epochMs: CALL_BEGAN_MS,
    seed: 7,
    clientMessages: true,
    ...(prices !== undefined && { prices }),
  })
  const sent = (to: OutgoingMessage['recipient']): Message[] =>
    outcome.messages.filter(({ recipient }) => recipient === to).map(({ body }) => body as Message)
  const toServer = sent('server')
  return {
    ...outcome,
    server: toServer,
    client: sent('client'),
    told: type => toServer.filter(message => message.type === type),
  }
}

/** The prices of the package alone, whatever the home folder holds. */
export function shippedPrices(): Promise<PriceTable> {
  return loadPrices(null, { HOME: '/nowhere' })
}

/** The schema of a message by the type that it declares; `kind` is `ServerMessage` or `ClientMessage`. */
export function messageSchema(document: OpenApiDocument, kind: string, type: string): Schema | null {
  const schemas = document.components?.schemas ?? {}
  const found = Object.entries(schemas).find(
    ([name, { properties }]) =>
      name.startsWith(kind) &&
      !name.startsWith(`${kind}Response`) &&
      properties?.type?.enum?.includes(type) === true,
  )
  return found === undefined ? null : resolveSchema(document, found[1])
}

type MessageCheck = (message: Message, kind: 'ServerMessage' | 'ClientMessage') => string[]

/**
 * Tells what is wrong with messages by the API's document, in words; nothing where it has no schema of them. Left out is
 * what differs on purpose.
 */
export function createMessageCheck(document: OpenApiDocument): MessageCheck {
  const check = createStrictCheck(document)
  const schemas = new Map<string, Schema | null>()
  return (message, kind) => {
    const key = `${kind} ${message.type}`
    const schema = schemas.get(key) ?? messageSchema(document, kind, message.type)
    schemas.set(key, schema)
    if (schema === null) return []
    const faults = check(schema, message).map(fault => fault.message)
    return faults.filter(fault => !KNOWN.some(known => known.test(fault)))
  }
}

/** Where messages differ from the document on purpose (vapi-api.md 2.3, 3.2, 3.4). */
const KNOWN: readonly RegExp[] = [
  /toolCallList|toolWithToolCallList|property toolCalls should not exist/,
  /^output must be/,
  // A system message has its times too; a message of OpenAI's form may call tools and have no content.
  /messages\.\d+\.property (endTime|duration) should not exist/,
  /messagesOpenAIFormatted\.\d+\.(content|property tool_)/,
]
