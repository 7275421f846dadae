import { chatMessages } from './messages.ts'
import type { TurnLatency } from './observations.ts'
import type { AssistantPlan } from './plan.ts'
import type { ModelMessage, ToolCall } from './ports/language-model.ts'
import type { CallState, HistoryEntry } from './state.ts'

interface ArtifactTimes {
  /** Wall clock, milliseconds. */
  time: number
  secondsFromStart: number
}

/** A message as the API's artifacts have them (`artifact.messages`). */
export type ArtifactMessage = ArtifactTimes &
  (
    | { role: 'system' | 'user' | 'bot'; message: string; endTime: number; duration: number }
    | { role: 'tool_calls'; toolCalls: ToolCall[] }
    | { role: 'tool_call_result'; toolCallId: string; name: string; result: string }
  )

/** What remains of a call (API: `artifact`). Latencies in milliseconds. */
export interface CallArtifact {
  messages: ArtifactMessage[]
  messagesOpenAIFormatted: ModelMessage[]
  /** One line an utterance: `AI: …`, `User: …`. */
  transcript: string
  performanceMetrics: {
    turnLatencies: {
      endpointingLatency: number
      modelLatency: number
      voiceLatency: number
      turnLatency: number
    }[]
    endpointingLatencyAverage: number
    modelLatencyAverage: number
    voiceLatencyAverage: number
    turnLatencyAverage: number
    numUserInterrupted: number
  }
}

/** Makes the artifact of a call that is over. */
export function makeArtifact(plan: AssistantPlan, state: CallState): CallArtifact {
  const { entries, latencies, interruptions } = state.history
  const heard = entries.filter(entry => !('message' in entry) || entry.message !== '')
  return {
    messages: heard.map(entry => artifactMessage(entry, state.lifecycle.epochMs)),
    messagesOpenAIFormatted: chatMessages(heard),
    transcript: transcriptOf(heard, plan),
    performanceMetrics: {
      turnLatencies: latencies.map(latency => ({
        endpointingLatency: latency.endpointingMs,
        modelLatency: latency.modelMs,
        voiceLatency: latency.voiceMs,
        turnLatency: latency.totalMs,
      })),
      endpointingLatencyAverage: average(latencies, latency => latency.endpointingMs),
      modelLatencyAverage: average(latencies, latency => latency.modelMs),
      voiceLatencyAverage: average(latencies, latency => latency.voiceMs),
      turnLatencyAverage: average(latencies, latency => latency.totalMs),
      numUserInterrupted: interruptions,
    },
  }
}

function artifactMessage(entry: HistoryEntry, epochMs: number): ArtifactMessage {
  const times = { time: epochMs + entry.atMs, secondsFromStart: entry.atMs / 1000 }
  if (entry.role === 'tool_calls') return { role: entry.role, ...times, toolCalls: entry.calls }
  if (entry.role === 'tool_call_result') {
    const { role, toolCallId, name, result } = entry
    return { role, ...times, toolCallId, name, result }
  }
  const { role, message, atMs, endMs } = entry
  return { role, message, ...times, endTime: epochMs + endMs, duration: endMs - atMs }
}

function transcriptOf(entries: readonly HistoryEntry[], plan: AssistantPlan): string {
  const names = { bot: plan.transcriptNames.assistant, user: plan.transcriptNames.user }
  return entries
    .flatMap(entry =>
      entry.role === 'bot' || entry.role === 'user' ? [`${names[entry.role]}: ${entry.message}`] : [],
    )
    .join('\n')
}

function average(latencies: readonly TurnLatency[], of: (latency: TurnLatency) => number): number {
  if (latencies.length === 0) return 0
  return latencies.reduce((sum, latency) => sum + of(latency), 0) / latencies.length
}
