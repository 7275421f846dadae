import { parse } from 'yaml'
import { parseScenario, type Scenario } from '../../src/call/scenario.ts'
import { type SimulationOutcome, simulate } from '../../src/call/simulation/simulate.ts'
import type { StampedCommand } from '../../src/engine/commands.ts'
import type { Input } from '../../src/engine/inputs.ts'
import type { Observation, ObservationType } from '../../src/engine/observations.ts'
import type { CallPlan, Semantics } from '../../src/engine/plan.ts'
import { type CallState, initialState } from '../../src/engine/state.ts'
import { step } from '../../src/engine/step.ts'

/** A simulated call, made easy to ask about. */
export interface SimulatedCall extends SimulationOutcome {
  inputs: Input[]
  /** Everything that the engine asked for, by stepping through the call again from states that `prepare` gives back. */
  commands(prepare?: (state: CallState) => CallState): StampedCommand[]
  /** The plan and the state before an input, by its place. */
  at(input: number): { plan: CallPlan; state: CallState }
  /** The events of a type, in their order. */
  all<Type extends ObservationType>(type: Type): Extract<Observation, { type: Type }>[]
  /** The first event of a type; fails where there is none. */
  first<Type extends ObservationType>(type: Type): Extract<Observation, { type: Type }>
  endedReason: string
}

/** Settings that every rule's test starts from: fixed provider times, no wait, an end of turn after 100 ms. */
export const base = {
  assistant: {
    firstMessageMode: 'assistant-waits-for-user',
    model: { provider: 'openai', model: 'gpt-4o' },
    voice: { provider: 'openai', voiceId: 'alloy' },
    startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'livekit', waitFunction: '100' } },
  },
  latencies: { transcriberMs: 0, modelMs: 500, voiceMs: 300 },
  voice: { charactersPerSecond: 10 },
}

/** Runs a scenario given as YAML; `assistant` fields are laid over the base's, one level deep. */
export async function runSimulation(
  yaml: string,
  semantics: Semantics = 'documentation',
): Promise<SimulatedCall> {
  const given: Omit<Partial<Scenario>, 'assistant'> & { assistant?: Record<string, unknown> } =
    parse(yaml) ?? {}
  const scenario = parseScenario(
    { ...base, ...given, assistant: { ...base.assistant, ...given.assistant } },
    'test.yaml',
  )
  return simulateScenario(scenario, semantics)
}

export async function simulateScenario(
  scenario: Scenario,
  semantics: Semantics = 'documentation',
): Promise<SimulatedCall> {
  const inputs: Input[] = []
  const steps: { plan: CallPlan; before: CallState; input: Input }[] = []
  let before: CallState | null = null
  const options = { semantics, variables: {}, epochMs: Date.UTC(2026, 0, 5, 9), seed: 7 }
  const outcome = await simulate(scenario, '/nowhere/test.yaml', options, {
    input: input => inputs.push(input),
    stepped: (input, _observations, state, plan) => {
      steps.push({ plan, before: before ?? initialState(plan), input })
      before = state
    },
  })
  const all = <Type extends ObservationType>(type: Type) =>
    outcome.observations.filter((seen): seen is Extract<Observation, { type: Type }> => seen.type === type)
  return {
    ...outcome,
    inputs,
    commands: (prepare = state => state) =>
      steps.flatMap(({ plan, before: state, input }) => step(plan, prepare(state), input).commands),
    at: place => {
      const found = steps[place]
      if (found === undefined) throw new Error(`there is no input ${place}`)
      return { plan: found.plan, state: found.before }
    },
    all,
    first: type => {
      const [found] = all(type)
      if (found === undefined) throw new Error(`no ${type} happened`)
      return found
    },
    endedReason: outcome.result.endedReason,
  }
}
