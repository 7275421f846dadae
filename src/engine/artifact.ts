import type { RecordedTransportMessage } from './control-state.ts'
import { chatMessages } from './messages.ts'
import type { TurnLatency } from './observations.ts'
import type { AssistantPlan } from './plan.ts'
import type { ModelMessage, ToolCall } from './ports/language-model.ts'
import type { CallState, HistoryEntry } from './state.ts'
import type { RecordedTransfer } from './tools-state.ts'

interface ArtifactTimes {
  /** Wall clock, milliseconds. */
  time: number
  secondsFromStart: number
}

/** A message as the API's artifacts have them (`artifact.messages`). */
export type ArtifactMessage = ArtifactTimes &
  (
    | {
        role: 'system' | 'user' | 'bot' | 'tool' | 'function'
        message: string
        endTime: number
        duration: number
      }
    | { role: 'tool_calls'; message: string; toolCalls: ToolCall[] }
    | { role: 'tool_call_result'; toolCallId: string; name: string; result: string; dryRun?: true }
  )

/** What remains of a call (API: `artifact`). Latencies in milliseconds. */
export interface CallArtifact {
  messages: ArtifactMessage[]
  messagesOpenAIFormatted: ModelMessage[]
  /** One line an utterance: `AI: …`, `User: …`. Absent where the transcript plan is off. */
  transcript?: string
  /** What tools took out of their results; absent where they took nothing. */
  variableValues?: Readonly<Record<string, unknown>>
  /** Transfers by telephone, which a local call only records. */
  transfers?: readonly (Omit<RecordedTransfer, 'atMs'> & { time: number })[]
  /** What live control sent to the telephone line; a local call only records it. */
  transportMessages?: readonly (Omit<RecordedTransportMessage, 'atMs'> & { time: number })[]
  performanceMetrics: {
    turnLatencies: {
      endpointingLatency: number
      modelLatency: number
      voiceLatency: number
      turnLatency: number
      /** The part of `endpointingLatency` that passed until the final transcript was there. */
      transcriberLatency?: number
    }[]
    endpointingLatencyAverage: number
    modelLatencyAverage: number
    voiceLatencyAverage: number
    turnLatencyAverage: number
    transcriberLatencyAverage: number
    /** How often the assistant began while the customer was talking. */
    numUserInterrupted: number
    /** How often the customer stopped the assistant. */
    numAssistantInterrupted: number
  }
}

/** Makes the artifact of a call that is over. */
export function makeArtifact(plan: AssistantPlan, state: CallState): CallArtifact {
  const { entries, latencies, interruptions, talkedOver } = state.history
  const { variables, transfers } = state.tools
  const { transportMessages } = state.control
  const isHeard = (entry: HistoryEntry): boolean => !('message' in entry) || entry.message !== ''
  const heard = entries.filter(isHeard)
  const { hidden } = state.history.context
  const kept = plan.fullHistory
    ? heard
    : entries.filter((entry, place) => isHeard(entry) && !hidden.includes(place))
  return {
    messages: kept.map(entry => artifactMessage(entry, state.lifecycle.epochMs)),
    messagesOpenAIFormatted: chatMessages(kept),
    ...(plan.transcriptEnabled && { transcript: transcriptOf(heard, plan) }),
    ...(Object.keys(variables).length > 0 && { variableValues: variables }),
    ...(transfers.length > 0 && {
      transfers: transfers.map(({ atMs, ...transfer }) => ({
        ...transfer,
        time: state.lifecycle.epochMs + atMs,
      })),
    }),
    ...(transportMessages.length > 0 && {
      transportMessages: transportMessages.map(({ atMs, ...message }) => ({
        ...message,
        time: state.lifecycle.epochMs + atMs,
      })),
    }),
    performanceMetrics: {
      turnLatencies: latencies.map(latency => ({
        endpointingLatency: latency.endpointingMs,
        modelLatency: latency.modelMs,
        voiceLatency: latency.voiceMs,
        turnLatency: latency.totalMs,
        ...(latency.transcriberMs !== undefined && { transcriberLatency: latency.transcriberMs }),
      })),
      endpointingLatencyAverage: average(latencies, latency => latency.endpointingMs),
      modelLatencyAverage: average(latencies, latency => latency.modelMs),
      voiceLatencyAverage: average(latencies, latency => latency.voiceMs),
      turnLatencyAverage: average(latencies, latency => latency.totalMs),
      transcriberLatencyAverage: average(latencies, latency => latency.transcriberMs ?? 0),
      numUserInterrupted: talkedOver,
      numAssistantInterrupted: interruptions,
    },
  }
}

/** What the model would be given now, in both forms, with the customer's words of the turn that is still open. */
export function openConversation(
  plan: AssistantPlan,
  state: Readonly<CallState>,
  text: string,
): Pick<CallArtifact, 'messages' | 'messagesOpenAIFormatted'> {
  const { customer, history } = state
  const { hidden } = history.context
  const endMs = customer.speechEndMs ?? 0
  const atMs = Math.min(customer.segmentStartMs ?? endMs, endMs)
  const said = history.entries.filter(
    (entry, place) =>
      (!('message' in entry) || entry.message !== '') && (plan.fullHistory || !hidden.includes(place)),
  )
  const last = said.at(-1)
  // A turn that was taken up again stands there already, as far as it had come.
  if (last?.role === 'user' && text.startsWith(last.message)) said.pop()
  const entries: HistoryEntry[] = [...said, { role: 'user', message: text, atMs, endMs }]
  return {
    messages: entries.map(entry => artifactMessage(entry, state.lifecycle.epochMs)),
    messagesOpenAIFormatted: chatMessages(entries),
  }
}

function artifactMessage(entry: HistoryEntry, epochMs: number): ArtifactMessage {
  const times = { time: epochMs + entry.atMs, secondsFromStart: entry.atMs / 1000 }
  if (entry.role === 'tool_calls') return { role: entry.role, message: '', ...times, toolCalls: entry.calls }
  if (entry.role === 'tool_call_result') {
    const { role, toolCallId, name, result, dryRun } = entry
    return { role, ...times, toolCallId, name, result, ...(dryRun === true && { dryRun }) }
  }
  const { role, message, atMs, endMs } = entry
  return { role, message, ...times, endTime: epochMs + endMs, duration: endMs - atMs }
}

/** The conversation as text; what was not heard has no line. */
export function transcriptOf(entries: readonly HistoryEntry[], plan: AssistantPlan): string {
  const names = { bot: plan.transcriptNames.assistant, user: plan.transcriptNames.user }
  return entries
    .flatMap(entry =>
      (entry.role === 'bot' || entry.role === 'user') && entry.message !== ''
        ? [`${names[entry.role]}: ${entry.message}`]
        : [],
    )
    .join('\n')
}

function average(latencies: readonly TurnLatency[], of: (latency: TurnLatency) => number): number {
  if (latencies.length === 0) return 0
  return latencies.reduce((sum, latency) => sum + of(latency), 0) / latencies.length
}
