import type { ReportedCall } from '../../../src/call/record.ts'
import type { Observation } from '../../../src/engine/observations.ts'
import { runSimulation, type SimulatedCall } from '../../support/simulation.ts'

/** A call with everything that a report tells of: see the comments in it. */
export function runSampleCall(): Promise<SimulatedCall> {
  return runSimulation(`
assistant:
  name: Riverside reservations
  firstMessageMode: assistant-speaks-first
  firstMessage: Riverside, good evening. How can I help you?
  model:
    provider: openai
    model: gpt-4o
    tools: [{ type: function, function: { name: findTable } }]
  voice: { provider: openai, voiceId: alloy, fallbackPlan: { voices: [{ provider: openai, voiceId: shimmer }] } }
  startSpeakingPlan:
    waitSeconds: 0.4
    smartEndpointingPlan: { provider: livekit, waitFunction: 200 + 600*x }
    customEndpointingRules: [{ type: customer, regex: wait$, timeoutSeconds: 5 }]
  stopSpeakingPlan: { numWords: 2, backoffSeconds: 1 }
latencies: { transcriberMs: 120, modelMs: 640, voiceMs: 280, toolMs: 900 }
voice: { charactersPerSecond: 15 }
caller:
  - { after: assistant, plus: 0.6, say: I would like to book a table for this evening., lasts: 2.8, finished: 0.9 }
  # An acknowledgement, ignored; then a real interruption, which a custom rule lets go on.
  - { during: assistant, plus: 1.4, say: okay, lasts: 0.3 }
  - { at: 12.4, say: "Actually, wait", lasts: 0.6 }
  # Taken back: the customer speaks on before the answer.
  - { at: 14.2, say: "Make it tomorrow at nine, for four people.", lasts: 2.1, finished: 0.6 }
  - { at: 17.3, say: "By the window, if you can.", lasts: 1.4, finished: 0.9 }
  - { at: 27.5, say: "Yes, under Lindqvist.", lasts: 1.3, finished: 0.95 }
model:
  - { reply: "I can help you book a table for this evening at the riverside restaurant in the old town." }
  - { reply: "", toolCalls: [{ name: findTable, arguments: { time: "21:00", people: 4 } }] }
  - { reply: "For tomorrow at nine I have a table for four. Shall I keep it for you?" }
  - { reply: "Thank you, it is booked." }
tools: { findTable: { result: { tables: [14, 22], deposit: 0 } } }
# The first voice fails once, so that its fallback speaks.
failures: [{ voice: openai/alloy, times: 1 }]
`)
}

/** A call as it is handed to the report, of the given observations; `over` replaces fields of its record. */
export function reported(
  observations: readonly Observation[],
  over: Partial<ReportedCall['record']> = {},
  recording: string | null = null,
): ReportedCall {
  const last = observations.at(-1)
  const beginMs = Date.UTC(2026, 0, 5, 9)
  return {
    observations,
    recording,
    record: {
      format: 1,
      id: 'local-1',
      type: 'localCall',
      status: 'ended',
      startedAt: new Date(beginMs).toISOString(),
      endedAt: new Date(beginMs + (last?.atMs ?? 0)).toISOString(),
      endedReason: last?.type === 'call.ended' ? last.endedReason : 'customer-ended-call',
      assistant: { name: 'Riverside reservations' },
      parts: {
        input: 'the microphone',
        transcriber: 'deepgram/nova-2',
        model: 'openai/gpt-4o',
        voice: 'openai/alloy',
        output: 'the speaker',
      },
      artifact: {
        messages: [],
        messagesOpenAIFormatted: [],
        transcript: '',
        performanceMetrics: {
          turnLatencies: [],
          endpointingLatencyAverage: 0,
          modelLatencyAverage: 0,
          voiceLatencyAverage: 0,
          turnLatencyAverage: 0,
          transcriberLatencyAverage: 0,
          numUserInterrupted: 0,
          numAssistantInterrupted: 0,
        },
      },
      ...over,
    },
  }
}
