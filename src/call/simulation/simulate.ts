import { dirname, resolve } from 'node:path'
import { type CompiledAssistant, compileAssistant } from '../../assistant/compile.ts'
import { transcriberFailedReason } from '../../assistant/ended-reasons.ts'
import { loadDocument } from '../../assistant/load.ts'
import { isObject, type Json, mergeOverrides } from '../../assistant/overrides.ts'
import { parseAssistant } from '../../assistant/schema.ts'
import type { Observation } from '../../engine/observations.ts'
import type { Semantics } from '../../engine/plan.ts'
import { createVirtualOutput } from '../../engine/ports/audio-output.virtual.ts'
import { VirtualClock } from '../../engine/ports/clock.virtual.ts'
import { createScriptedModel, type FailurePlan } from '../../engine/ports/language-model.scripted.ts'
import { createScriptedTools } from '../../engine/ports/tool-runner.scripted.ts'
import { createSimulatedVoice } from '../../engine/ports/voice.simulated.ts'
import { usageError, VapiError } from '../../errors.ts'
import { createSimulatedCaller } from '../caller/simulated.ts'
import { type CallListener, type CallResult, CallRuntime } from '../runtime.ts'
import type { Scenario, ScenarioFailure } from '../scenario.ts'
import { createTextWork } from '../text-work.ts'
import { checkExpectations, type FailedExpectation } from './expectations.ts'

const DEFAULT_CHARACTERS_PER_SECOND = 15

export interface SimulationOptions {
  semantics: Semantics
  variables: Json
  /** Wall clock at the call's begin, seed and time zone: the same values give the same call. */
  epochMs: number
  seed: number
}

export interface SimulationOutcome {
  observations: Observation[]
  result: CallResult
  failed: FailedExpectation[]
}

/** Runs a simulation on the virtual clock and checks what it expects. `path` is the scenario's file. */
export async function simulate(
  scenario: Scenario,
  path: string,
  options: SimulationOptions,
  listener: CallListener = {},
): Promise<SimulationOutcome> {
  const compiled = await loadAssistant(scenario, path, options)
  const observations: Observation[] = []
  const result = await runScenario(scenario, compiled, options, {
    ...listener,
    observation: observation => {
      observations.push(observation)
      listener.observation?.(observation)
    },
  })
  return {
    observations,
    result,
    failed: checkExpectations(scenario.expect ?? [], observations, result.ended.artifact),
  }
}

/** The scenario's assistant with its overrides; a path counts from the scenario's file. */
async function loadAssistant(
  scenario: Scenario,
  path: string,
  options: SimulationOptions,
): Promise<CompiledAssistant> {
  const { assistant } = scenario
  const origin = typeof assistant === 'string' ? resolve(dirname(path), assistant) : `${path}: assistant`
  const document = typeof assistant === 'string' ? await loadDocument(origin) : assistant
  if (!isObject(document)) throw usageError(`${origin} is not an object`)
  const { variableValues, ...overrides } = scenario.assistantOverrides ?? {}
  const variables = isObject(variableValues)
    ? mergeOverrides(variableValues, options.variables)
    : options.variables
  const merged = parseAssistant(mergeOverrides(document, overrides), origin)
  return compileAssistant(merged, { semantics: options.semantics, variables, epochMs: options.epochMs })
}

function runScenario(
  scenario: Scenario,
  compiled: CompiledAssistant,
  options: SimulationOptions,
  listener: CallListener,
): Promise<CallResult> {
  const { plan } = compiled
  const clock = new VirtualClock()
  const { transcriberMs = 0, modelMs = 800, voiceMs = 500, toolMs = 0 } = scenario.latencies ?? {}
  const charactersPerSecond = scenario.voice?.charactersPerSecond ?? DEFAULT_CHARACTERS_PER_SECOND
  const fails = failurePlan(scenario.failures ?? [])
  const transcriber = `${compiled.transcriber.provider}/${compiled.transcriber.model ?? 'default'}`
  let finished = 1
  const runtime = new CallRuntime(
    { members: [plan] },
    {
      clock,
      customer: createSimulatedCaller({
        steps: scenario.caller ?? [],
        clock,
        transcriberMs,
        charactersPerSecond,
        finished: probability => {
          finished = probability
        },
        transcriberFails: () => (fails('transcriber')(transcriber) ? transcriberFailure(compiled) : null),
      }),
      output: createVirtualOutput(clock),
      tools: createScriptedTools(scenario.tools ?? {}, toolMs, clock),
      members: [
        {
          model: createScriptedModel({
            name: plan.model.name,
            replies: (scenario.model ?? []).map(({ reply = '', ...rest }) => ({ reply, ...rest })),
            latencyMs: modelMs,
            clock,
            fails: fails('model'),
          }),
          voices: plan.voice.voices.map(({ name }) =>
            createSimulatedVoice({
              name,
              latencyMs: voiceMs,
              charactersPerSecond,
              clock,
              fails: fails('voice'),
            }),
          ),
          voiceSettings: compiled.voiceSettings,
          toolOf: tool => ({ definition: plan.tools[tool]?.definition ?? {}, server: null }),
          endOfTurn: { name: 'scripted', finished: async () => finished },
          text: createTextWork(compiled.rulePatterns, compiled.format),
        },
      ],
    },
    listener,
  )
  for (const { at, send } of scenario.control ?? [])
    clock.at(Math.round(at * 1000), () => runtime.control(send))
  return runtime.run({ seed: options.seed, epochMs: options.epochMs, timeZone: 'UTC' })
}

function transcriberFailure({ transcriber }: CompiledAssistant): VapiError {
  return new VapiError({
    code: 'transcriber-failed',
    message: `the transcriber ${transcriber.provider} failed, as the script says`,
    endedReason: transcriberFailedReason(transcriber.provider),
  })
}

/** Counts down the scripted failures of each kind of provider by name. */
function failurePlan(
  failures: readonly ScenarioFailure[],
): (kind: 'voice' | 'model' | 'transcriber') => FailurePlan {
  const left = failures.map(failure => ({ ...failure, times: failure.times ?? Number.POSITIVE_INFINITY }))
  return kind => name => {
    const failure = left.find(candidate => candidate[kind] === name && candidate.times > 0)
    if (failure !== undefined) failure.times--
    return failure !== undefined
  }
}
