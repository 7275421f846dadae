import type { StampedCommand } from '../../src/engine/commands.ts'
import type { Input } from '../../src/engine/inputs.ts'
import type { Observation, ObservationType } from '../../src/engine/observations.ts'
import type { Semantics } from '../../src/engine/plan.ts'
import { step } from '../../src/engine/step.ts'
import { runSimulation, type SimulatedCall } from './simulation.ts'

/** Runs a scenario given as an object; `assistant` fields are laid over the base's, one level deep. */
export function runScenario(
  scenario: object,
  semantics: Semantics = 'documentation',
): Promise<SimulatedCall> {
  // YAML contains JSON.
  return runSimulation(JSON.stringify(scenario), semantics)
}

/** The customer says something for a second, from 0 on, and is answered. */
export function sayOnce(
  assistant: object,
  words: string,
  {
    semantics = 'documentation',
    ...more
  }: { semantics?: Semantics; finished?: number; latencies?: object } = {},
): Promise<SimulatedCall> {
  const { finished = 1, latencies } = more
  return runScenario(
    {
      assistant,
      ...(latencies !== undefined && { latencies }),
      caller: [{ at: 0, say: words, lasts: 1, finished }],
      model: [{ reply: 'All right.' }],
    },
    semantics,
  )
}

/** How the end of the first turn was decided: by whom, how long the wait was, when the turn ended. */
export function decisionOf(call: SimulatedCall): { by: string; waitMs: number; endedMs: number } {
  const { by, waitMs } = call.first('endpointing.decided')
  return { by, waitMs, endedMs: call.first('turn.ended').atMs }
}

/** What happened, in order: each event of the given types with its time since the first event of `since`. */
export function timelineOf(
  call: SimulatedCall,
  since: ObservationType,
  types: readonly ObservationType[],
): [ObservationType, number][] {
  const fromMs = call.first(since).atMs
  return call.observations
    .filter(({ type, atMs }) => types.includes(type) && atMs >= fromMs)
    .map(({ type, atMs }) => [type, atMs - fromMs])
}

/** Everything that the engine asked for in the step in which an event of a type first happened. */
export function commandsWith(call: SimulatedCall, type: ObservationType): StampedCommand[] {
  for (let place = 0; place < call.inputs.length; place++) {
    const { plan, state } = call.at(place)
    const { commands } = step(plan, state, inputAt(call, place))
    if (commands.some(command => command.type === 'observe' && command.observation.type === type))
      return commands
  }
  throw new Error(`no ${type} happened`)
}

/** The events that the engine would tell if another input came in the place of one. */
export function observationsInstead(call: SimulatedCall, place: number, input: Input): Observation[] {
  const { plan, state } = call.at(place)
  return step(plan, state, input).commands.flatMap(command =>
    command.type === 'observe' ? [command.observation] : [],
  )
}

function inputAt(call: SimulatedCall, place: number): Input {
  const input = call.inputs[place]
  if (input === undefined) throw new Error(`there is no input ${place}`)
  return input
}

/** The texts of warnings. */
export function warningsOf(call: SimulatedCall): string[] {
  return call.all('warning').map(({ message }) => message)
}

/** When the assistant of `over` begins to speak, in milliseconds. */
export const BEGUN_MS = 1900

/** The assistant speaks from 1.9 s for some 6 s; the customer says something over it, `plus` seconds after its begin. */
export function over(
  words: string,
  {
    lasts = 0.5,
    plus = 1,
    transcriberMs = 0,
    plan = {},
    ...more
  }: {
    lasts?: number
    plus?: number
    transcriberMs?: number
    plan?: object
    transcriber?: object
    rest?: object[]
  } = {},
): Promise<SimulatedCall> {
  return runScenario({
    assistant: { stopSpeakingPlan: plan, transcriber: more.transcriber ?? {} },
    latencies: { transcriberMs, modelMs: 500 - transcriberMs, voiceMs: 300 },
    caller: [
      { at: 0, say: 'Hello.', lasts: 1 },
      { during: 'assistant', plus, say: words, lasts },
      ...(more.rest ?? []),
    ],
    model: [
      { reply: 'Here is a long answer that goes on for quite a while now.' },
      ...['Second.', 'Third.', 'Fourth.'].map(reply => ({ reply })),
    ],
  })
}

/** From the start of the customer's last speech to the end of the assistant's first, in milliseconds; null where it was heard to its end. */
export function stoppedAfter(call: SimulatedCall): number | null {
  const { reason, atMs } = call.first('assistant.speech.stopped')
  const startMs = call.all('customer.speech.started')[1]?.audioMs ?? Number.NaN
  return reason === 'completed' ? null : atMs - startMs
}
