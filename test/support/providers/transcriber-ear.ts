import type { Transcriber, TranscriberListener, Transcript } from '../../../src/engine/ports/transcriber.ts'

/** Keeps what a transcriber says. */
export class Ear implements TranscriberListener {
  readonly transcripts: Transcript[] = []
  readonly failures: Error[] = []
  readonly warnings: string[] = []
  #waiting: (() => void)[] = []

  transcript(transcript: Transcript): void {
    this.transcripts.push(transcript)
    this.#wake()
  }

  failed(error: Error): void {
    this.failures.push(error)
    this.#wake()
  }

  warning(message: string): void {
    this.warnings.push(message)
    this.#wake()
  }

  texts(): string[] {
    return this.transcripts.map(({ transcriptType, text }) => `${transcriptType}: ${text}`)
  }

  /** Resolves when `isSo` holds; it is asked after everything that is said. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }
}

/** Gives a transcriber frames of both sides whose samples count up, so that each says which it is. */
export function pushCounted(transcriber: Transcriber, from: number, count: number): void {
  for (let frame = from; frame < from + count; frame++) {
    const samples = Int16Array.from({ length: 320 }, (_, index) => (frame * 320 + index) % 30_000)
    transcriber.push({ samples, assistant: samples.map(sample => -sample), audioMs: frame * 20 })
  }
}

/** The samples that `pushCounted` gave of the customer. */
export function counted(count: number): number[] {
  return Array.from({ length: count * 320 }, (_, index) => index % 30_000)
}
