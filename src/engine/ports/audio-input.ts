/** Sample rate of all audio inside the program, in hertz. Devices and providers are resampled at their edge. */
export const SAMPLE_RATE = 16_000
/** Samples of one frame of the audio plane: 20 ms. */
export const FRAME_SAMPLES = 320

/** A piece of sound from the customer's side: 16 kHz mono 16-bit, FRAME_SAMPLES long. */
export interface AudioFrame {
  samples: Int16Array
  /** When its first sample was heard, in milliseconds since the call began. */
  audioMs: number
  /** What the customer was hearing from the assistant meanwhile, as long; absent where nobody knows or nothing plays. */
  assistant?: Int16Array
}

export interface AudioInputListener {
  frame(frame: AudioFrame): void
  /** The source has no more sound: the file is over, the pipe was closed. */
  ended(): void
  /** The source died. Nothing follows. */
  failed(error: Error): void
  /** Something that the user should know and that does not end the call. */
  warning(message: string): void
}

/** Where the customer's sound comes from: a microphone, a file, a pipe, a scripted caller. */
export interface AudioInput {
  readonly name: string
  /** Opens the source; frames come at the pace of the call's clock. Throws VapiError when it cannot be opened. */
  start(listener: AudioInputListener): Promise<void>
  /** Stops at once; no listener call follows. */
  close(): Promise<void>
}
