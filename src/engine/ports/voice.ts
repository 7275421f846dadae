import type { TokenUsage } from './language-model.ts'

/** Sound from a voice. `silent` carries a length alone: simulated voices, typed conversations. */
export type VoiceAudio =
  | { type: 'pcm'; samples: Int16Array; sampleRate: number }
  | { type: 'silent'; durationMs: number }

/** When a stretch of the requested text is heard, in milliseconds from the start of the chunk's sound. */
export interface WordTiming {
  /** Character offsets in the requested text. */
  from: number
  to: number
  startMs: number
  endMs: number
}

export interface VoicePiece {
  audio: VoiceAudio
  words?: WordTiming[]
  /** What the user should know of the text or the voice. */
  warning?: string
  /** Tokens that a model has used to say the words, where a model speaks. */
  usage?: { model: string; tokens: TokenUsage }
}

export interface VoiceRequest {
  text: string
  /** The voice's own settings as configured (`speed`, `stability` …). */
  settings: Readonly<Record<string, unknown>>
  /** What the customer was heard speaking last (BCP 47), where the transcriber follows the language and has told one. */
  language?: string
}

/** Speaks text. Named `provider/voiceId`. */
export interface Voice {
  readonly name: string
  /** `markup`: it reads SSML tags itself. */
  readonly capabilities: {
    readonly wordTiming: boolean
    readonly markup?: boolean
    /** Its sound is a model's, which counts it by tokens. */
    readonly ofModel?: boolean
  }
  /**
   * Yields sound as it is made. Throws VapiError with `endedReason` when the provider fails or cannot read the
   * text; stops without a sound when `signal` aborts.
   */
  speak(request: VoiceRequest, signal: AbortSignal): AsyncIterable<VoicePiece>
  /** Ends workers and connections. */
  close(): Promise<void>
}
