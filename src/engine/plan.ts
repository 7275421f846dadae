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
  /** `source`: the formula behind `waitMs`. */
  | { type: 'livekit'; waitMs: (stillSpeaking: number) => number; source?: string }
  | { type: 'heuristics'; by: 'vapi' | 'transcription' }
  | { type: 'transcriber' }
  /** The sound alone: over at the first probability that reaches the threshold. */
  | { type: 'krisp'; threshold: number }
  /** A server of the user says how long to wait. */
  | { type: 'custom-model' }

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
  /** True: whatever words are there when the voice is free are one chunk. For models whose sound comes with their words. */
  asTheyCome?: boolean
}

/** A provider that does one part of an assistant's work, and what ends the call where it was the last to fail. */
export interface ProviderPlan {
  /** `provider/name`: of a voice its id, of a model or transcriber its model. */
  name: string
  endedReason: string
}

export interface TranscriberPlan extends ProviderPlan {
  /** It reports the end of a turn by itself. */
  endsTurns: boolean
  /** Final transcripts of which it is less sure are dropped (API: `confidenceThreshold`); 0: none. */
  minimumConfidence: number
}

export interface VoicePlan {
  /** The assistant's voice, then its fallbacks in order. `language`: the one that it names, or null. */
  voices: (ProviderPlan & { language: string | null })[]
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

/** What Twilio's answering machine detection says of a call. */
export type AnsweredBy =
  | 'machine_start'
  | 'human'
  | 'fax'
  | 'unknown'
  | 'machine_end_beep'
  | 'machine_end_silence'
  | 'machine_end_other'

/** How machines are told from people, and what they are told (API: voicemailDetection). Times in milliseconds. */
export type VoicemailPlan = {
  /** Spoken to a machine; null: the call ends at once. */
  message: string | null
  /** How long the beep is waited for, since the call began. */
  beepMaximumMs: number
} & (
  | {
      /** The words so far are judged again and again. */
      method: 'words'
      /** The sound counts too: a beep, the judgement of an audio model. */
      listensToSound: boolean
      /** Since the customer joined, and from look to look. */
      startMs: number
      frequencyMs: number
      maximumChecks: number
    }
  | {
      /** The length of the first speech is judged. */
      method: 'speech'
      /** What counts as a machine. */
      answers: readonly AnsweredBy[]
      /** Longer speech is a machine's. */
      longMs: number
      /** So much silence ends the first speech. */
      endMs: number
      /** So much silence at the beginning tells nothing. */
      silenceMs: number
      maximumMs: number
    }
)

/** What is spoken when the call opens. */
export type OpeningPlan =
  /** `contents`: the same in several languages; they go before `text`. */
  | { type: 'say'; text: string; contents?: readonly { language: string; text: string }[] }
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
  /** What `say-first-message` says: also where the assistant waits for the customer. */
  firstMessage: OpeningPlan
  /** May the call be steered and listened to while it runs? (API: monitorPlan) */
  monitor: { controlEnabled: boolean; listenEnabled: boolean }
  /** False: nothing stops the first message. */
  openingInterruptible: boolean
  endpointing: EndpointingPlan
  /** `added`: after the voice is ready (seed); `floor`: counted from the end of the customer's speech (API). */
  wait: { ms: number; mode: 'added' | 'floor' }
  interruption: InterruptionPlan
  voice: VoicePlan
  model: {
    /** The assistant's model, then its fallbacks in order; before them the fast one of the first turns, if there is one. */
    models: readonly ProviderPlan[]
    /** Turns that the first of them answers before the second takes over for good; 0: there is no fast one. */
    fastTurns: number
    systemMessages: string[]
    examples: ExampleMessage[]
    tools: ModelTool[]
  }
  /** The assistant's transcriber, then its fallbacks in order; those of the first assistant listen. */
  transcribers: readonly TranscriberPlan[]
  /** The model's own tools, then those that only hooks run. */
  tools: ToolPlan[]
  hooks: readonly HookPlan[]
  /** Whose last word starts the clock of timeout hooks (ruling 5, row 25). */
  silenceClock: 'customer' | 'assistant'
  /** How the customer's keys are read; null where they are not. `timeoutMs` null: only a delimiter ends them. */
  keypad: { timeoutMs: number | null; delimiters: string } | null
  /** Language of what is said where none was detected: that of the transcriber; `multi` where it has not one. */
  language: string
  /** Its transcriber follows the customer from language to language. */
  detectsLanguage: boolean
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
  /** How long the customer may take to join. */
  joinTimeoutMs: number
  /** In small letters and single spaces: whatever the assistant says of them ends the call. */
  endCallPhrases: readonly string[]
  /** How it is found out that a machine has answered; null where it is not. */
  voicemail: VoicemailPlan | null
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
