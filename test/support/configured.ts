/** Calls whose configuration comes from somewhere: inline, stored (in memory), the body of a call, a server's reply. */
import { parse } from 'yaml'
import { readDocument } from '../../src/assistant/call-body.ts'
import { CallMembers, type CompiledMembers } from '../../src/assistant/call-members.ts'
import type { Json } from '../../src/assistant/overrides.ts'
import { type CallConfiguration, type LoadStored, resolveCall } from '../../src/assistant/sources.ts'
import { parseScenario } from '../../src/call/scenario.ts'
import { simulate } from '../../src/call/simulation/simulate.ts'
import type { Observation } from '../../src/engine/observations.ts'
import { Exit, VapiError } from '../../src/errors.ts'

export interface Stored {
  load: LoadStored
  /** What was fetched, in order: `assistant reception`. */
  fetched: string[]
}

/** A store in memory: `assistant`, `squad`, `tool`, `phone number` by id. */
export function store(things: Partial<Record<string, Record<string, Json>>>): Stored {
  const fetched: string[] = []
  return {
    fetched,
    load: async (kind, id) => {
      fetched.push(`${kind} ${id}`)
      const found = things[kind]?.[id]
      if (found !== undefined) return structuredClone(found)
      throw new VapiError({ code: 'not-found', message: `there is no ${kind} ${id}`, exit: Exit.notFound })
    },
  }
}

export interface ConfiguredCall {
  observations: Observation[]
  endedReason: string
  /** Everything that the assistant was heard saying, in order. */
  said: string[]
  /** The system messages of the call. */
  prompts: string[]
  warnings: string[]
  requested: Extract<Observation, { type: 'assistant.requested' }> | undefined
}

interface Options {
  stored?: Stored
  variables?: Json
  /** Wall clock at the call's begin. */
  date?: string
  semantics?: 'documentation' | 'openapi'
  check?: (assistant: Json) => string[]
  path?: string
}

/** Runs a scenario, given as YAML or as an object, to its end. */
export async function callWith(given: string | Json, options: Options = {}): Promise<ConfiguredCall> {
  const path = options.path ?? '/nowhere/test.yaml'
  const scenario = parseScenario(typeof given === 'string' ? parse(given) : given, path)
  const { observations, result } = await simulate(scenario, path, {
    semantics: options.semantics ?? 'documentation',
    variables: options.variables ?? {},
    epochMs: Date.parse(options.date ?? '2024-01-01T12:00:00Z'),
    seed: 1,
    ...(options.stored !== undefined && { loadStored: options.stored.load }),
    ...(options.check !== undefined && { check: options.check }),
  })
  const of = <Type extends Observation['type']>(type: Type) =>
    observations.filter((seen): seen is Extract<Observation, { type: Type }> => seen.type === type)
  return {
    observations,
    endedReason: result.endedReason,
    said: of('assistant.speech.stopped').map(({ spokenText }) => spokenText),
    prompts: result.ended.artifact.messages.flatMap(message =>
      message.role === 'system' ? [message.message] : [],
    ),
    warnings: of('warning').map(({ message }) => message),
    requested: of('assistant.requested')[0],
  }
}

export interface Resolved {
  configuration: CallConfiguration
  compiled: CompiledMembers
}

/** Fetches, merges and compiles what a document names, as a call does before it begins. */
export async function resolveDocument(document: unknown, stored = store({}), date = '2024-01-01T12:00:00Z') {
  const configuration = await resolveCall(readDocument(document, 'test'), {
    origin: { name: 'test' },
    loadStored: stored.load,
  })
  if (configuration === null) throw new Error('nobody speaks')
  const { compiled } = await CallMembers.create(configuration, {
    semantics: 'documentation',
    variables: {},
    epochMs: Date.parse(date),
    id: 'call-1',
    type: 'webCall',
  })
  return { configuration, compiled } satisfies Resolved
}
