import type { AudioFrame } from './audio-input.ts'

export interface Transcript {
  transcriptType: 'partial' | 'final'
  text: string
  /** End of the speech that the text covers, in milliseconds since the call began. */
  audioMs: number
  /** 0 to 1, where the recogniser tells. */
  confidence?: number
  /** BCP 47, where the recogniser detects it. */
  language?: string
  /** True where the recogniser itself says that the turn is over. */
  endOfTurn?: boolean
}

export interface TranscriberListener {
  transcript(transcript: Transcript): void
  failed(error: Error): void
  /** Something that the user should know and that does not end the call. */
  warning?(message: string): void
}

/** Turns the customer's sound into text. Named `provider/model`. */
export interface Transcriber {
  readonly name: string
  readonly capabilities: {
    /** It reports the end of a turn by itself. */
    readonly endOfTurn: boolean
    /** It gives partial transcripts. */
    readonly partials: boolean
    /** BCP 47 codes, or `any`. */
    readonly languages: readonly string[] | 'any'
  }
  /** Starts listening. Throws VapiError when the engine cannot be started. */
  start(listener: TranscriberListener): Promise<void>
  /** Takes the next frame; frames are gapless. */
  push(frame: AudioFrame): void
  /**
   * Customer speech edges from voice activity detection, at the time they were learned. A recogniser without an
   * endpointer of its own ends its utterance at `stopped`.
   */
  speech(edge: 'started' | 'stopped', audioMs: number): void
  /** It has speech whose words it has not told yet; absent where that is not known. */
  isBehind?(): boolean
  /** Ends the engine; a last transcript may still be given before it resolves. */
  close(): Promise<void>
}
