import type { CallArtifact } from './artifact.ts'
import type { TranscriptOrigin } from './inputs.ts'
import type { AssistantRequestPlan, HookEvent } from './plan.ts'
import type { ToolCall } from './ports/language-model.ts'
import type { SpeakingSettings } from './settings.ts'
import type { TextSign } from './text/heuristics.ts'

/** Who decided that the customer's turn was over. */
export type EndpointingSource =
  | 'custom-rule'
  | 'livekit'
  | 'vapi'
  | 'krisp'
  | 'custom-model'
  | 'transcriber'
  | 'transcription'

/** What a decision on the end of a turn rests on, as fields; `detail` says the same in words. */
export interface DecisionGrounds {
  /** Place of the custom rule that fits. */
  rule?: number
  /** LiveKit's x: the probability that the customer is still speaking. */
  stillSpeaking?: number
  /** krisp's probability that the customer has stopped. */
  finished?: number
  /** What the text heuristics saw. */
  sign?: TextSign
  /** The wait counts from here; absent where no end of speech is known. */
  speechEndMs?: number
  /** When the turn ends if the customer says nothing more. */
  untilMs?: number
}

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

/** Why the other side is taken for a machine: `speech` stands for the length of its first speech. */
export interface VoicemailDetected {
  by: 'words' | 'beep' | 'voice' | 'speech'
  detail: string
}

/** What happened, without its time. */
export type ObservationBody =
  | { type: 'call.started'; assistantName: string | null; settings: SpeakingSettings }
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
      /** BCP 47, where the transcriber tells it. */
      language?: string
      /** Where the customer's words come from, if not from a recogniser. */
      origin?: Exclude<TranscriptOrigin, 'recognition'>
    }
  /** A final text under the transcriber's `confidenceThreshold`: it does not count. */
  | { type: 'transcript.dropped'; transcript: string; confidence: number; minimum: number }
  /** The customer's side heard the assistant's own words: they do not count. `echo`: how alike both sides sounded, at most 1. */
  | { type: 'transcript.self-heard'; transcript: string; echo?: number }
  | ({ type: 'endpointing.decided'; by: EndpointingSource; waitMs: number; detail: string } & DecisionGrounds)
  /** The customer pressed keys of the telephone. */
  | { type: 'keys.pressed'; keys: string }
  /** Pressed keys were joined to a message of the customer. */
  | { type: 'keys.entered'; keys: string }
  /** The customer speaks another language than before; `from` is null with the first that was detected. */
  | { type: 'language.changed'; language: string; from: string | null }
  | { type: 'turn.ended'; turn: number; text: string }
  | { type: 'model.requested'; turn: number; model: string; messageCount: number }
  | { type: 'model.first-token'; turn: number }
  | { type: 'model.completed'; turn: number; text: string; toolCalls: ToolCall[] }
  | { type: 'model.failed'; turn: number; model: string; code: string; message: string }
  | { type: 'model.switched'; from: string; to: string }
  | { type: 'transcriber.failed'; transcriber: string; code: string; message: string }
  | { type: 'transcriber.switched'; from: string; to: string }
  | { type: 'voice.requested'; text: string; voice: string }
  | { type: 'voice.ready'; voice: string }
  | { type: 'voice.failed'; voice: string; code: string; message: string }
  /** `language`: the voice was chosen for it; else the one before failed. */
  | { type: 'voice.switched'; from: string; to: string; language?: string }
  | { type: 'assistant.speech.started'; text: string; source: UtteranceSource }
  | { type: 'assistant.speech.stopped'; spokenText: string; reason: 'completed' | 'interrupted' }
  | { type: 'interruption'; by: 'vad' | 'words' | 'phrase' | 'key'; ignored: boolean; reason: string }
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
  /** A message of live control was taken: its type, or what `control` asks for. */
  | { type: 'control.received'; command: string }
  | { type: 'assistant.muted' }
  | { type: 'assistant.unmuted' }
  | { type: 'customer.muted' }
  | { type: 'customer.unmuted' }
  /** Live control sent something to the telephone line. */
  | { type: 'transport.message'; message: Readonly<Record<string, unknown>>; dryRun: true }
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
  | { type: 'assistant.changed'; from: string | null; to: string | null; settings: SpeakingSettings }
  | ({ type: 'turn.latency'; turn: number } & TurnLatency)
  /** The customer's turn has been over for this long and nothing is heard yet. */
  | { type: 'assistant.hanging'; turn: number; waitedMs: number }
  /** A machine has answered in place of the customer. */
  | ({ type: 'voicemail.detected' } & VoicemailDetected)
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
  if ('keys' in observation) return observation.keys
  if (observation.type === 'warning') return observation.message
  if (observation.type === 'call.report') return String(observation.analysis.summary ?? '')
  return undefined
}
