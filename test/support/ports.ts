import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { createSimulatedCaller } from '../../src/call/caller/simulated.ts'
import type { CallPorts } from '../../src/call/ports.ts'
import { type CallResult, CallRuntime } from '../../src/call/runtime.ts'
import type { CallerStep } from '../../src/call/scenario.ts'
import { createTextWork } from '../../src/call/text-work.ts'
import type { Input } from '../../src/engine/inputs.ts'
import type { Observation, ObservationType } from '../../src/engine/observations.ts'
import { createVirtualOutput } from '../../src/engine/ports/audio-output.virtual.ts'
import { VirtualClock } from '../../src/engine/ports/clock.virtual.ts'
import { createScriptedModel } from '../../src/engine/ports/language-model.scripted.ts'
import type { LanguageModel } from '../../src/engine/ports/language-model.ts'
import { createScriptedTools } from '../../src/engine/ports/tool-runner.scripted.ts'
import type { ToolRunner } from '../../src/engine/ports/tool-runner.ts'
import { createSimulatedVoice } from '../../src/engine/ports/voice.simulated.ts'
import type { Voice } from '../../src/engine/ports/voice.ts'
import { base } from './simulation.ts'

/** What a call is given in place of the usual parts; functions get its clock. */
export interface CallParts {
  models?: readonly LanguageModel[] | ((clock: VirtualClock) => readonly LanguageModel[])
  voices?: (clock: VirtualClock) => readonly Voice[]
  tools?: (clock: VirtualClock) => ToolRunner
  /** The output dies a second after the begin, with this message. */
  output?: { fails: string }
  caller?: readonly CallerStep[]
  /** The client stops the call. */
  hangUpAtMs?: number
}

export interface PortsCall {
  observations: Observation[]
  inputs: Input[]
  result: CallResult
  endedReason: string
  all<Type extends ObservationType>(type: Type): Extract<Observation, { type: Type }>[]
}

/** A call on the virtual clock with parts of the test's own: bad models, voices, tools, outputs. */
export async function runCall(assistant: object, parts: CallParts = {}): Promise<PortsCall> {
  const document = parseAssistant({ ...base.assistant, ...assistant }, 'test')
  const compiled = await compileAssistant(document, {
    semantics: 'documentation',
    variables: {},
    epochMs: Date.UTC(2026, 0, 5, 9),
  })
  const { plan, rulePatterns, format, render, rejections, voiceSettings } = compiled
  const clock = new VirtualClock()
  const models = typeof parts.models === 'function' ? parts.models(clock) : parts.models
  const observations: Observation[] = []
  const inputs: Input[] = []
  const ports: CallPorts = {
    clock,
    customer: createSimulatedCaller({
      steps: parts.caller ?? [
        { at: 0, say: 'Hello.', lasts: 1 },
        { at: 9000, say: 'Are you there?', lasts: 1 },
      ],
      clock,
      transcriberMs: 0,
      charactersPerSecond: 10,
      finished: () => {},
      transcriberFails: () => null,
    }),
    output: failing(createVirtualOutput(clock), clock, parts.output?.fails),
    tools: parts.tools?.(clock) ?? createScriptedTools({}, 0, clock),
    members: [
      {
        models:
          models ??
          plan.model.models.map(({ name }) =>
            createScriptedModel({ name, replies: [], latencyMs: 500, clock }),
          ),
        voices:
          parts.voices?.(clock) ??
          plan.voice.voices.map(({ name }) =>
            createSimulatedVoice({ name, latencyMs: 300, charactersPerSecond: 10, clock }),
          ),
        voiceSettings,
        toolOf: tool => {
          const found = plan.tools[tool]
          return {
            definition: found?.definition ?? {},
            server: found?.type === 'function' ? found.server : null,
          }
        },
        endOfTurn: { name: 'scripted', finished: async () => 1 },
        text: createTextWork(rulePatterns, format, render, rejections),
      },
    ],
  }
  const runtime = new CallRuntime({ members: [plan] }, ports, {
    observation: observation => observations.push(observation),
    input: input => inputs.push(input),
  })
  if (parts.hangUpAtMs !== undefined) clock.at(parts.hangUpAtMs, () => runtime.hangUp('customer-ended-call'))
  const result = await runtime.run({ seed: 7, epochMs: 0, timeZone: 'UTC' })
  return {
    observations,
    inputs,
    result,
    endedReason: result.endedReason,
    all: <Type extends ObservationType>(type: Type) =>
      observations.filter((seen): seen is Extract<Observation, { type: Type }> => seen.type === type),
  }
}

function failing(
  output: CallPorts['output'],
  clock: VirtualClock,
  message: string | undefined,
): CallPorts['output'] {
  if (message === undefined) return output
  return {
    ...output,
    open: async listener => {
      await output.open(listener)
      clock.at(1000, () => listener.failed(new Error(message)))
    },
  }
}
