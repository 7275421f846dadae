import type { Failure } from './inputs.ts'
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

/** One condition on the arguments of a call; numbers are compared as numbers, everything else as text. */
export interface MessageCondition {
  operator: 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte'
  /** Name of the argument; dots lead into objects. */
  param: string
  value: string
}

/** What is said at one moment of a tool's run (API: `messages[]` of a tool). Empty content is silence. */
export interface ToolMessage {
  type: 'request-start' | 'request-response-delayed' | 'request-complete' | 'request-failed'
  /** `assistant`: spoken. `system`: a hint to the model, which then answers. */
  role: 'assistant' | 'system'
  content: string
  /** The same in several languages; they go before `content`. */
  contents: readonly { language: string; text: string }[]
  /** All must hold. */
  conditions: readonly MessageCondition[]
  /** Of a start message: the tool runs when it was heard. */
  blocking: boolean
  endsCall: boolean
  /** Of a delayed message, in milliseconds since the tool was called. */
  delayMs: number
}

/** What the next assistant's model is given of the conversation so far. */
export type ContextPlan =
  /** Everything, then the new system messages. */
  | { type: 'all' }
  /** The new system messages in the place of the old ones. */
  | { type: 'swap'; withoutToolMessages: boolean }
  | { type: 'none' }
  /** The last so many messages of the conversation. */
  | { type: 'last'; count: number }
  | { type: 'user-and-assistant' }
  /** What there was before the assistant that hands over took the call. */
  | { type: 'previous' }

/** Where a call may be transferred to. `name` is what the model calls it. */
export type DestinationPlan = {
  name: string
  description: string | null
  /** Said before the transfer; null where the tool's own messages, or the usual words, are said. */
  message: ToolMessage | null
} & (
  | {
      type: 'assistant'
      /** Its place among the call's assistants; null where it is not there, and `missing` says why. */
      member: number | null
      missing: string
      context: ContextPlan
    }
  | { type: 'number' | 'sip'; address: string; transfer: TransferSettings }
  /** The server is asked. */
  | { type: 'dynamic' }
)

/** How a call would be passed on by telephone (API: TransferPlan). */
export interface TransferSettings {
  mode: string
  /** What would be said to the other party; null where nothing, or a summary. */
  operatorMessage: string | null
  fallback: { message: string; endsCall: boolean } | null
  /** The destination as it was configured. */
  configured: Readonly<Record<string, unknown>>
}

interface ToolBase {
  name: string
  definition: Readonly<Record<string, unknown>>
  messages: readonly ToolMessage[]
  /** Values that are added to the arguments and go before the model's. */
  fixedArguments: Readonly<Record<string, unknown>>
  /** It has a rejection plan, which is judged before it runs. */
  judged: boolean
}

export type ToolPlan = ToolBase &
  (
    | {
        /** It is run outside: by its server, by us, or as a dry run. */
        type: 'function'
        /** The type as configured: `function`, `apiRequest`, `sms` … */
        kind: string
        server: ToolServer | null
        async: boolean
        /** Its effect is outside a local call's reach; what it would do is recorded. */
        dryRun: boolean
        /** The conversation goes along to it. */
        takesMessages: boolean
      }
    | { type: 'endCall' }
    | { type: 'voicemail'; message: string | null }
    | {
        type: 'transfer'
        kind: 'transferCall' | 'handoff'
        /** None: the server names one. */
        destinations: readonly DestinationPlan[]
        server: ToolServer | null
      }
  )

/** What a hook waits for (seed: Assistant hooks; vapi-api.md 4.8). Times in milliseconds. */
export type HookEvent =
  | { on: 'call.ending' | 'assistant.speech.interrupted' | 'customer.speech.interrupted' | 'session.created' }
  | {
      on: 'customer.speech.timeout'
      timeoutMs: number
      maximumCount: number
      /** The count begins again when the customer speaks. */
      resetOnSpeech: boolean
      /** It is due again and again in one silence; else once (ruling 5). */
      repeats: boolean
    }
  | { on: 'call.timeElapsed'; afterMs: number }
  | { on: 'assistant.transcriber.endpointedSpeechLowConfidence'; minimum: number; maximum: number }
  | { on: 'model.response.timeout'; timeoutMs: number }

/** Fits where one entry is a part of the value of `key`; the only key that has a value is `call.endedReason`. */
export interface HookFilter {
  key: string
  oneOf: readonly string[]
}

/** One thing that a hook does. Texts may be templates; they are rendered when their time has come. */
export type HookAction =
  /** One of the texts, drawn at random, is spoken. */
  | { type: 'say'; texts: readonly string[] }
  /** The model writes what is spoken: it is asked with the conversation and these messages. */
  | { type: 'prompt'; messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[] }
  /** Runs a tool of the plan. */
  | { type: 'tool'; tool: number; arguments: Readonly<Record<string, unknown>> }
  | {
      type: 'message'
      role: 'system' | 'user' | 'assistant' | 'tool' | 'function'
      content: string
      answer: boolean
    }

export interface HookPlan {
  name: string | null
  /** `idle`: made of legacy idle messages. */
  source: 'hook' | 'idle'
  event: HookEvent
  filters: readonly HookFilter[]
  actions: readonly HookAction[]
}

/** What is spoken when the call opens. */
export type OpeningPlan =
  | { type: 'say'; text: string }
  /** A sound file is played; its address stands in the history. */
  | { type: 'sound'; url: string }
  | { type: 'model' }
  | { type: 'wait' }

/** A message of the configuration that shows the model how to answer; it goes before the conversation. */
export interface ExampleMessage {
  role: 'user' | 'assistant'
  content: string
}

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
  model: { name: string; systemMessages: string[]; examples: ExampleMessage[]; tools: ModelTool[] }
  /** The model's own tools, then those that only hooks run. */
  tools: ToolPlan[]
  hooks: readonly HookPlan[]
  /** Whose last word starts the clock of timeout hooks (ruling 5, row 25). */
  silenceClock: 'customer' | 'assistant'
  /** How the customer's keys are read; null where they are not. `timeoutMs` null: only a delimiter ends them. */
  keypad: { timeoutMs: number | null; delimiters: string } | null
  /** Language of what the tools say where nothing else is known: that of the transcriber. */
  language: string
  endCallMessage: string | null
  /** The history keeps what the model wrote, also where the customer did not hear all of it. */
  modelOutputInMessages: boolean
  /** The artifact has all messages, also those that a hand-off hid from the next assistant. */
  fullHistory: boolean
  /** False: the artifact has no transcript. */
  transcriptEnabled: boolean
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
  /** A server was asked who takes the call. */
  request?: AssistantRequestPlan
}

/** What came of asking a server who takes the call (API: assistant-request), before the call began. */
export interface AssistantRequestPlan {
  url: string
  outcome: 'assistant' | 'squad' | 'destination' | 'error' | 'none' | 'invalid' | 'failed'
  /** From the question to the answer, or to its time limit. */
  tookMs: number
  /** The answer in words. */
  detail: string
  /** Where the call would be forwarded to: a dry run. */
  destination: Readonly<Record<string, unknown>> | null
  /** The call ends at once with this reason, after the message if there is one; null where somebody takes it. */
  ends: { endedReason: string; message: string | null; failure: Failure | null } | null
}
