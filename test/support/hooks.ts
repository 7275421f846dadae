import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { createSimulatedCaller } from '../../src/call/caller/simulated.ts'
import { CallRuntime } from '../../src/call/runtime.ts'
import { createTextWork } from '../../src/call/text-work.ts'
import type { Observation } from '../../src/engine/observations.ts'
import type { Semantics } from '../../src/engine/plan.ts'
import { createVirtualOutput } from '../../src/engine/ports/audio-output.virtual.ts'
import { VirtualClock } from '../../src/engine/ports/clock.virtual.ts'
import { createScriptedModel } from '../../src/engine/ports/language-model.scripted.ts'
import type { ToolRunner } from '../../src/engine/ports/tool-runner.ts'
import { createSimulatedVoice } from '../../src/engine/ports/voice.simulated.ts'
import { base, type SimulatedCall } from './simulation.ts'

/** The plan of an assistant whose fields are laid over the usual ones. */
export async function planOf(assistant: object, semantics: Semantics = 'documentation') {
  return (await compiled(assistant, semantics)).plan
}

function compiled(assistant: object, semantics: Semantics = 'documentation') {
  const document = parseAssistant({ ...base.assistant, ...assistant }, 'test')
  return compileAssistant(document, { semantics, variables: {}, epochMs: Date.UTC(2026, 0, 5, 9) })
}

/** Timers of hooks that were set and had neither fired nor been cleared when the call was over. */
export function timersLeft(call: SimulatedCall): string[] {
  const open = new Map<string, number>()
  for (const command of call.commands()) {
    if (command.type === 'timer.set') open.set(command.timerId, command.atMs)
    if (command.type === 'timer.clear') open.delete(command.timerId)
  }
  const fired = new Set(
    call.inputs.flatMap(input => (input.type === 'timer' ? [`${input.timerId} ${input.atMs}`] : [])),
  )
  return [...open]
    .filter(([timerId, atMs]) => timerId.startsWith('hooks.') && !fired.has(`${timerId} ${atMs}`))
    .map(([timerId]) => timerId)
}

/** What the model was asked, request by request: the contents of its messages. */
export function requestsOf(call: SimulatedCall): { role: string; content: string | null }[][] {
  return call
    .commands()
    .flatMap(command =>
      command.type === 'model.request'
        ? [command.messages.map(({ role, content }) => ({ role, content }))]
        : [],
    )
}

/** A call on the virtual clock whose tools are run by a real runner: time stands while a server is asked. */
export async function runWithTools(assistant: object, tools: ToolRunner): Promise<Observation[]> {
  const { plan, rulePatterns, format, render, voiceSettings } = await compiled(assistant)
  const clock = new VirtualClock()
  const observations: Observation[] = []
  const runtime = new CallRuntime(
    { members: [plan] },
    {
      clock,
      customer: createSimulatedCaller({
        steps: [{ at: 0, say: 'Hello.', lasts: 1 }],
        clock,
        transcriberMs: 0,
        charactersPerSecond: 10,
        finished: () => {},
        transcriberFails: () => null,
      }),
      output: createVirtualOutput(clock),
      tools,
      members: [
        {
          models: plan.model.models.map(({ name }) =>
            createScriptedModel({ name, replies: [], latencyMs: 500, clock }),
          ),
          voices: plan.voice.voices.map(({ name }) =>
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
          text: createTextWork(rulePatterns, format, render),
        },
      ],
    },
    { observation: observation => observations.push(observation) },
  )
  await runtime.run({ seed: 7, epochMs: 0, timeZone: 'UTC' })
  return observations
}
