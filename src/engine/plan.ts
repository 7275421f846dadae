import type { ModelTool } from './ports/language-model.ts'
import type { ToolServer } from './ports/tool-runner.ts'

/** Whose reading of the documentation counts where sources disagree (rows 4, 5, 10, 12, 17, 25 of the table). */
export type Semantics = 'documentation' | 'openapi'

/** How a custom endpointing rule is tested; the regexes themselves run outside `step`, by the rule's index. */
export interface EndpointingRule {
  type: 'assistant' | 'customer' | 'both'
  timeoutMs: number
}

/** Waits of the text heuristics after the end of the customer's speech. */
export interface TextHeuristics {
  onPunctuationMs: number
  onNoPunctuationMs: number
  onNumberMs: number
  /** Where punctuation counts: anywhere in the text (seed) or only at its end (API document). */
  punctuation: 'anywhere' | 'at-end'
}

/** Who judges the end of a turn when no custom rule fits (ruling 1). */
export type EndpointingMethod =
  | { type: 'livekit'; waitMs: (stillSpeaking: number) => number }
  | { type: 'heuristics'; by: 'vapi' | 'transcription' }
  | { type: 'transcriber' }

export interface EndpointingPlan {
  rules: EndpointingRule[]
  method: EndpointingMethod
  heuristics: TextHeuristics
}

export interface InterruptionPlan {
  /** 0: voice activity decides; else so many transcribed words. */
  wordCount: number
  voiceMs: number
  backoffMs: number
  /** Normalised phrases, see `normalisePhrase`. */
  acknowledgementPhrases: string[]
  interruptionPhrases: string[]
}

export interface ChunkPlan {
  enabled: boolean
  minimumCharacters: number
  /** Strings after which text may be cut. */
  boundaries: string[]
  /** False: chunks go to the voice as they are. */
  format: boolean
}

export interface VoicePlan {
  /** The assistant's voice, then its fallbacks in order; named `provider/voiceId`. */
  voices: { name: string; endedReason: string }[]
  chunks: ChunkPlan
}

/** A tool message that is spoken (API: `messages[]` of a tool). Null where it is unset; empty is silent. */
export interface ToolMessages {
  start: string | null
  complete: string | null
  completeEndsCall: boolean
  failed: string | null
  failedEndsCall: boolean
}

export type ToolPlan = {
  name: string
  definition: Readonly<Record<string, unknown>>
  messages: ToolMessages
} & ({ type: 'function'; server: ToolServer | null; async: boolean } | { type: 'endCall' })

/** What is spoken when the call opens. */
export type OpeningPlan = { type: 'say'; text: string } | { type: 'model' } | { type: 'wait' }

/** An assistant's configuration, compiled once: every default resolved, every expression parsed. */
export interface AssistantPlan {
  /** Its name: in a squad the one by which others hand over to it. */
  assistantName: string | null
  opening: OpeningPlan
  /** False: nothing stops the first message. */
  openingInterruptible: boolean
  endpointing: EndpointingPlan
  /** `added`: after the voice is ready (seed); `floor`: counted from the end of the customer's speech (API). */
  wait: { ms: number; mode: 'added' | 'floor' }
  interruption: InterruptionPlan
  voice: VoicePlan
  model: { name: string; systemMessages: string[]; tools: ModelTool[] }
  tools: ToolPlan[]
  endCallMessage: string | null
  /** Names before the lines of the transcript (API: `artifactPlan.transcriptPlan`). */
  transcriptNames: { assistant: string; user: string }
  silenceTimeoutMs: number
  maximumDurationMs: number
  /** What the compiler had to say: old spellings, settings without effect here. */
  warnings: string[]
}

/** What a call runs on: its assistants. The first one opens the call; a hand-off makes another one speak. */
export interface CallPlan {
  members: readonly [AssistantPlan, ...AssistantPlan[]]
}
