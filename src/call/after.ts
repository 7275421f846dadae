import type { CompiledAssistant } from '../assistant/compile.ts'
import type { Json } from '../assistant/overrides.ts'
import { defaultVariables } from '../assistant/variables.ts'
import type { CallArtifact } from '../engine/artifact.ts'
import type { Observation } from '../engine/observations.ts'
import { type AnalysisOutcome, analyseCall } from './analysis/analyse.ts'
import type { Analyst } from './analysis/analyst.ts'
import { type CallCosts, type CostedCall, estimateCosts } from './costs/estimate.ts'
import type { CallUsage } from './costs/meter.ts'
import type { PriceTable } from './costs/prices.ts'
import type { CallResult } from './runtime.ts'

/** Places of the sound files of a call, as `file:` URLs. */
export interface Recordings {
  stereoUrl: string
  mono?: { combinedUrl: string; assistantUrl: string; customerUrl: string }
}

/** The artifact with what is known only after the call. */
export type CompleteArtifact = Omit<CallArtifact, 'variableValues'> & {
  variableValues: Json
  assistantActivations: { assistantName: string; assistantId?: string }[]
  recording?: Recordings
  structuredOutputs?: AnalysisOutcome['structuredOutputs']
  skippedStructuredOutputs?: AnalysisOutcome['skippedStructuredOutputs']
}

export interface FinishedCall {
  members: readonly CompiledAssistant[]
  result: CallResult
  observations: readonly Observation[]
  epochMs: number
  /** Null where no model may be asked. */
  analyst: Analyst | null
  usage: CallUsage
  /** Null: costs are not estimated. */
  prices: PriceTable | null
  /** Those that listened could have been, in order; null where nobody listened. */
  transcribers: readonly { provider: string; model: string | null }[] | null
  recording: Recordings | null
}

/** What is made of a call after its end. */
export interface Aftermath {
  artifact: CompleteArtifact
  analysis: AnalysisOutcome['analysis']
  costs: CallCosts | null
  warnings: string[]
}

/** The artifact of a call before anything was analysed. */
export function completeArtifact(call: FinishedCall): CompleteArtifact {
  const { artifact } = call.result.ended
  const speaker = call.members[call.result.member]
  const variables = { ...defaultVariables(call.epochMs), ...speaker?.variables, ...artifact.variableValues }
  return {
    ...artifact,
    variableValues: variables,
    assistantActivations: activations(call),
    ...(call.recording !== null && { recording: call.recording }),
  }
}

/** Runs the analyses and estimates the costs. The signal skips analyses that are not done yet. */
export async function finishCall(call: FinishedCall, signal: AbortSignal): Promise<Aftermath> {
  const { ended, member } = call.result
  const speaker = call.members[member]
  const artifact = completeArtifact(call)
  const outcome: AnalysisOutcome =
    speaker === undefined
      ? { analysis: {}, usage: [], warnings: [] }
      : await analyseCall(speaker.analysis, analysedCall(), call.analyst, signal)
  const { structuredOutputs, skippedStructuredOutputs } = outcome
  const costs =
    call.prices === null
      ? null
      : estimateCosts(
          {
            durationMs: ended.atMs,
            usage: call.usage,
            analysis: outcome.usage,
            transcribers: listened(call),
          },
          call.prices,
        )
  return {
    artifact: {
      ...artifact,
      ...(structuredOutputs !== undefined && { structuredOutputs }),
      ...(skippedStructuredOutputs !== undefined && { skippedStructuredOutputs }),
    },
    analysis: outcome.analysis,
    costs,
    warnings: outcome.warnings,
  }

  function analysedCall() {
    const { messages, variableValues } = artifact
    const spoken = messages.filter(({ role }) => role === 'user' || role === 'bot')
    return {
      messageCount: spoken.length,
      messages: artifact.messagesOpenAIFormatted,
      // Analyses need the words also where the artifact is to have no transcript.
      transcript: artifact.transcript ?? linesOf(artifact),
      systemPrompt: speaker?.plan.model.systemMessages.join('\n\n') ?? '',
      endedReason: ended.endedReason,
      durationMs: ended.atMs,
      endedMs: call.epochMs + ended.atMs,
      variables: variableValues,
    }
  }
}

/** How long each transcriber listened: one that failed until the next took over. */
function listened({ transcribers, observations, result }: FinishedCall): CostedCall['transcribers'] {
  const changes = observations.filter(({ type }) => type === 'transcriber.switched').map(({ atMs }) => atMs)
  const ends = [...changes, result.ended.atMs]
  return (transcribers ?? []).slice(0, ends.length).map(({ provider, model }, place) => ({
    provider,
    model,
    durationMs: (ends[place] ?? 0) - (ends[place - 1] ?? 0),
  }))
}

/** The event that tells what was made of a call after its end. */
export function reportEvent({ artifact, analysis, costs }: Aftermath, atMs: number): Observation {
  const { structuredOutputs, skippedStructuredOutputs } = artifact
  return {
    type: 'call.report',
    analysis,
    ...costs,
    ...(structuredOutputs !== undefined && { structuredOutputs }),
    ...(skippedStructuredOutputs !== undefined && { skippedStructuredOutputs }),
    atMs,
  }
}

function activations({ observations, members }: FinishedCall): CompleteArtifact['assistantActivations'] {
  return observations.flatMap(observation => {
    if (observation.type !== 'call.started' && observation.type !== 'assistant.changed') return []
    const name = observation.type === 'call.started' ? observation.assistantName : observation.to
    const id = members.find(({ plan }) => plan.assistantName === name)?.configuration.id
    return [{ assistantName: name ?? '', ...(typeof id === 'string' && { assistantId: id }) }]
  })
}

function linesOf({ messages }: CallArtifact): string {
  return messages
    .flatMap(message =>
      message.role === 'user' || message.role === 'bot'
        ? [`${message.role === 'bot' ? 'AI' : 'User'}: ${message.message}`]
        : [],
    )
    .join('\n')
}
