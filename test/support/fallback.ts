import { compileAssistant } from '../../src/assistant/compile.ts'
import { parseAssistant } from '../../src/assistant/schema.ts'
import { createSimulatedCaller } from '../../src/call/caller/simulated.ts'
import { CallRuntime } from '../../src/call/runtime.ts'
import type { CallerStep } from '../../src/call/scenario.ts'
import { createTextWork } from '../../src/call/text-work.ts'
import type { Input } from '../../src/engine/inputs.ts'
import type { Observation } from '../../src/engine/observations.ts'
import { createVirtualOutput } from '../../src/engine/ports/audio-output.virtual.ts'
import type { Clock } from '../../src/engine/ports/clock.ts'
import { VirtualClock } from '../../src/engine/ports/clock.virtual.ts'
import { createScript, createScriptedModel } from '../../src/engine/ports/language-model.scripted.ts'
import { createScriptedTools } from '../../src/engine/ports/tool-runner.scripted.ts'
import type { Voice } from '../../src/engine/ports/voice.ts'
import { base, type SimulatedCall } from './simulation.ts'

/** The words that voices really gave, request by request in their order: of a failed request those before the failure. */
export function givenWords(call: SimulatedCall): string[] {
  const texts = new Map(
    call
      .commands()
      .flatMap(command =>
        command.type === 'voice.request' ? [[command.workId, command.text] as const] : [],
      ),
  )
  return call.inputs.flatMap(input => {
    if (input.type !== 'voice.done' && input.type !== 'voice.failed') return []
    const text = texts.get(input.workId) ?? ''
    if (input.type === 'voice.done') return wordsOf(text)
    return input.words.map(({ from, to }) => text.slice(from, to))
  })
}

export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(word => word !== '')
}

/** What happened to providers, in order, as short texts. */
export function changes(call: { observations: readonly Observation[] }): string[] {
  return call.observations.flatMap(seen => {
    switch (seen.type) {
      case 'voice.failed':
        return [`${seen.atMs} failed ${seen.voice}`]
      case 'model.failed':
        return [`${seen.atMs} failed ${seen.model}`]
      case 'transcriber.failed':
        return [`${seen.atMs} failed ${seen.transcriber}`]
      case 'voice.switched':
      case 'model.switched':
      case 'transcriber.switched':
        return [`${seen.atMs} ${seen.from} > ${seen.to}`]
      default:
        return []
    }
  })
}

/** A call on the virtual clock whose voices are given: what they do, and when, is theirs. */
export async function runWithVoices(
  assistant: object,
  steps: readonly CallerStep[],
  replies: readonly string[],
  voicesOf: (clock: Clock) => Voice[],
): Promise<{ observations: Observation[]; inputs: Input[] }> {
  const document = parseAssistant({ ...base.assistant, ...assistant }, 'test')
  const { plan, rulePatterns, format, render, voiceSettings } = await compileAssistant(document, {
    semantics: 'documentation',
    variables: {},
    epochMs: 0,
  })
  const clock = new VirtualClock()
  const observations: Observation[] = []
  const inputs: Input[] = []
  const script = createScript(replies.map(reply => ({ reply })))
  const runtime = new CallRuntime(
    { members: [plan] },
    {
      clock,
      customer: createSimulatedCaller({
        steps,
        clock,
        transcriberMs: 0,
        charactersPerSecond: 10,
        finished: () => {},
        transcriberFails: () => null,
      }),
      output: createVirtualOutput(clock),
      tools: createScriptedTools({}, 0, clock),
      members: [
        {
          models: plan.model.models.map(({ name }) =>
            createScriptedModel({ name, replies: script, latencyMs: 500, clock }),
          ),
          voices: voicesOf(clock),
          voiceSettings,
          toolOf: () => ({ definition: {}, server: null }),
          endOfTurn: { name: 'scripted', finished: async () => 1 },
          endpointing: null,
          text: createTextWork(rulePatterns, format, render),
        },
      ],
    },
    { observation: observation => observations.push(observation), input: input => inputs.push(input) },
  )
  await runtime.run({ seed: 7, epochMs: 0, timeZone: 'UTC' })
  return { observations, inputs }
}
