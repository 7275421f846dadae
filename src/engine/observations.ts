import type { CallArtifact } from './artifact.ts'
import type { TranscriptOrigin } from './inputs.ts'
import type { ToolCall } from './ports/language-model.ts'

/** Who decided that the customer's turn was over. */
export type EndpointingSource =
  | 'custom-rule'
  | 'livekit'
  | 'vapi'
  | 'krisp'
  | 'custom-model'
  | 'transcriber'
  | 'transcription'

/** Where the time of one turn went. `totalMs` runs from the end of the customer's speech to the first sound. */
export interface TurnLatency {
  endpointingMs: number
  modelMs: number
  voiceMs: number
  waitMs: number
  totalMs: number
}

/** Where an utterance of the assistant comes from. */
export type UtteranceSource = 'first-message' | 'model' | 'tool' | 'say' | 'ending'

/** What happened, without its time. */
export type ObservationBody =
  | { type: 'call.started'; assistantName: string | null }
  | { type: 'customer.joined' }
  | { type: 'customer.speech.started'; audioMs: number }
  | { type: 'customer.speech.stopped'; audioMs: number }
  | {
      type: 'transcript'
      role: 'user' | 'assistant'
      transcriptType: 'partial' | 'final'
      transcript: string
      confidence?: number
      /** Where the customer's words come from, if not from a recogniser. */
      origin?: Exclude<TranscriptOrigin, 'recognition'>
    }
  | { type: 'endpointing.decided'; by: EndpointingSource; waitMs: number; detail: string }
  | { type: 'turn.ended'; turn: number; text: string }
  | { type: 'model.requested'; turn: number; messageCount: number }
  | { type: 'model.first-token'; turn: number }
  | { type: 'model.completed'; turn: number; text: string; toolCalls: ToolCall[] }
  | { type: 'model.failed'; turn: number; code: string; message: string }
  | { type: 'voice.requested'; text: string; voice: string }
  | { type: 'voice.ready'; voice: string }
  | { type: 'voice.failed'; voice: string; code: string; message: string }
  | { type: 'voice.switched'; from: string; to: string }
  | { type: 'assistant.speech.started'; text: string; source: UtteranceSource }
  | { type: 'assistant.speech.stopped'; spokenText: string; reason: 'completed' | 'interrupted' }
  | { type: 'interruption'; by: 'vad' | 'words' | 'phrase'; ignored: boolean; reason: string }
  | { type: 'backoff.started'; untilMs: number }
  | { type: 'backoff.ended' }
  | { type: 'tool.called'; name: string; toolCallId: string; arguments: Record<string, unknown> }
  | { type: 'tool.completed'; name: string; toolCallId: string; result?: string; error?: string }
  | ({ type: 'turn.latency'; turn: number } & TurnLatency)
  | { type: 'warning'; message: string }
  | { type: 'call.ended'; endedReason: string; endedMessage?: string; artifact: CallArtifact }

/** A public event of the call; `--json` prints these, one object a line. `atMs` counts from the call's begin. */
export type Observation = ObservationBody & { atMs: number }
export type ObservationType = ObservationBody['type']

/** The text of an observation that `matches` looks at, where it has one. */
export function mainTextOf(observation: Observation): string | undefined {
  if ('spokenText' in observation) return observation.spokenText
  if ('transcript' in observation) return observation.transcript
  if ('endedReason' in observation) return observation.endedReason
  if ('text' in observation) return observation.text
  return undefined
}
