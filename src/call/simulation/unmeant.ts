import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { Observation } from '../../engine/observations.ts'
import type { CallResult } from '../runtime.ts'
import type { Scenario, ScenarioFailure } from '../scenario.ts'

/** What was left of a script when its call was over. */
export interface UnusedScript {
  /** The `when` of model replies that were never given. */
  replies: readonly string[]
  /** Entries of `keys` and `control` whose time did not come. */
  notReached: ReadonlySet<object>
}

interface EndedSimulation extends UnusedScript {
  observations: readonly Observation[]
  result: CallResult
}

/** Entries of a simulation file that came to nothing and cannot be meant so, in words: names that nothing has, times after the end. */
export function findUnmeant(
  scenario: Scenario,
  compiled: readonly CompiledAssistant[],
  { replies, notReached, observations, result }: EndedSimulation,
): string[] {
  const ended = `the call ended after ${result.ended.atMs / 1000} s`
  const late = (kind: 'keys' | 'control') =>
    (scenario[kind] ?? []).flatMap((entry, place) =>
      notReached.has(entry) ? [`${kind}[${place}] at ${entry.at} s did not happen: ${ended}`] : [],
    )
  return [
    ...strangeTools(scenario, compiled, observations),
    ...(scenario.failures ?? []).flatMap((failure, place) => strangeFailure(failure, place, compiled)),
    ...late('keys'),
    ...late('control'),
    ...replies.map(when => `the model reply with when: ${JSON.stringify(when)} was never given`),
  ]
}

function strangeTools(
  { tools = {} }: Scenario,
  compiled: readonly CompiledAssistant[],
  observations: readonly Observation[],
): string[] {
  const own = compiled.flatMap(({ plan }) => plan.tools.map(({ name }) => name))
  const called = observations.flatMap(seen => (seen.type === 'tool.called' ? [seen.name] : []))
  const known = new Set([...own, ...called])
  return Object.keys(tools)
    .filter(name => !known.has(name))
    .map(name => `tools.${name}: no assistant of the call has a tool of that name (${listed(own)})`)
}

function strangeFailure(
  { voice, model, transcriber }: ScenarioFailure,
  place: number,
  compiled: readonly CompiledAssistant[],
): string[] {
  const named = { voice, model, transcriber }
  // The transcribers of the first assistant listen for the whole call.
  const own = {
    voice: compiled.flatMap(({ plan }) => plan.voice.voices),
    model: compiled.flatMap(({ plan }) => plan.model.models),
    transcriber: compiled[0]?.plan.transcribers ?? [],
  }
  return (['voice', 'model', 'transcriber'] as const).flatMap(kind => {
    const name = named[kind]
    const names = own[kind].map(provider => provider.name)
    if (name === undefined || names.includes(name)) return []
    return [`failures[${place}]: no assistant of the call uses the ${kind} ${name} (${listed(names)})`]
  })
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'there is none' : `there is ${[...new Set(names)].join(', ')}`
}
