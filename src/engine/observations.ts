import type { CallArtifact } from './artifact.ts'
import type { TranscriptOrigin } from './inputs.ts'
import type { AssistantRequestPlan, HookEvent } from './plan.ts'
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
  /** The part of `endpointingMs` that passed until the final transcript was there. */
  transcriberMs?: number
}

/** Where an utterance of the assistant comes from. */
export type UtteranceSource = 'first-message' | 'model' | 'tool' | 'say' | 'hook' | 'idle' | 'ending'

/** What happened, without its time. */
export type ObservationBody =
  | { type: 'call.started'; assistantName: string | null }
  /** A server was asked who takes the call, before it began; `destination` is recorded, not called. */
  | {
      type: 'assistant.requested'
      url: string
      outcome: AssistantRequestPlan['outcome']
      tookMs: number
      detail: string
      destination?: Readonly<Record<string, unknown>>
      dryRun?: true
    }
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
  | { type: 'hook.triggered'; on: HookEvent['on']; name: string | null }
  /** A hook would have been triggered, or gone on, and was not. */
  | { type: 'hook.skipped'; on: HookEvent['on']; name: string | null; reason: string }
  /** `dryRun`: its effect is outside a local call's reach and is only recorded. */
  | {
      type: 'tool.called'
      name: string
      toolCallId: string
      arguments: Record<string, unknown>
      dryRun?: true
    }
  | {
      type: 'tool.completed'
      name: string
      toolCallId: string
      result?: string
      error?: string
      dryRun?: true
    }
  /** A transfer by telephone would begin. */
  | {
      type: 'transfer.started'
      destination: Record<string, unknown>
      mode: string
      operatorMessage?: string
      dryRun: true
    }
  | { type: 'transfer.failed'; destination: Record<string, unknown>; message: string; dryRun: true }
  /** Another assistant of the call speaks from now on. */
  | { type: 'assistant.changed'; from: string | null; to: string | null }
  | ({ type: 'turn.latency'; turn: number } & TurnLatency)
  /** The customer's turn has been over for this long and nothing is heard yet. */
  | { type: 'assistant.hanging'; turn: number; waitedMs: number }
  /** A server took a message of the call. */
  | { type: 'message.sent'; messageType: string; status: number }
  | { type: 'warning'; message: string }
  /** What was made of the call after its end; the one event, with `message.sent`, that comes after `call.ended`. */
  | {
      type: 'call.report'
      /** As the API has it: `summary`, `structuredData`, `structuredDataMulti`, `successEvaluation`. */
      analysis: Readonly<Record<string, unknown>>
      /** US dollars, estimated from a price table; absent where there is none. */
      cost?: number
      costs?: readonly Readonly<Record<string, unknown>>[]
      costBreakdown?: Readonly<Record<string, unknown>>
      costEstimate?: Readonly<Record<string, unknown>>
      structuredOutputs?: Readonly<Record<string, unknown>>
      skippedStructuredOutputs?: Readonly<Record<string, unknown>>
    }
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
  if (observation.type === 'call.report') return String(observation.analysis.summary ?? '')
  return undefined
}
