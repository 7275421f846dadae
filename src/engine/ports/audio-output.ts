import type { VoiceAudio } from './voice.ts'

/** One piece of an utterance: the result of one request to a voice. */
export interface ChunkReference {
  utteranceId: string
  workId: string
}

/** How much of a chunk the customer heard, in milliseconds of its sound. */
export interface HeardChunk {
  workId: string
  heardMs: number
  /** Sound received so far from the voice; the chunk's whole length once `complete`. */
  receivedMs: number
  complete: boolean
}

export interface AudioOutputListener {
  /** The first sample of the utterance left the device. */
  started(utteranceId: string): void
  /** The last sample of a finished utterance left the device. */
  drained(utteranceId: string): void
  /** The utterance was cleared; the answer to every `clear`. */
  cleared(utteranceId: string, heard: HeardChunk[]): void
  failed(error: Error): void
  /** Something that the user should know and that does not end the call. */
  warning?(message: string): void
}

/**
 * The assistant's side of the audio plane. Sound is appended as voices give it and plays once `play` was called;
 * `finish` says that no more comes, `clear` drops what was not heard.
 */
export interface AudioOutput {
  readonly name: string
  open(listener: AudioOutputListener): Promise<void>
  append(chunk: ChunkReference, audio: VoiceAudio): void
  /** The chunk's sound is complete. */
  completeChunk(chunk: ChunkReference): void
  play(utteranceId: string): void
  finish(utteranceId: string): void
  clear(utteranceId: string): void
  /** Speech is silent from the next sound on that the device takes, or is heard again. Its time goes on. */
  mute(muted: boolean): void
  /** Sound of the utterance that plays that was not pulled yet, in milliseconds; voices are read at most 5 s ahead. */
  bufferedMs(): number
  close(): Promise<void>
}

/** Length of a piece of sound in milliseconds. */
export function durationMs(audio: VoiceAudio): number {
  return audio.type === 'silent' ? audio.durationMs : (audio.samples.length / audio.sampleRate) * 1000
}

/** Deals what was heard of an utterance to its chunks, in order. */
export function heardOf(chunks: readonly Omit<HeardChunk, 'heardMs'>[], playedMs: number): HeardChunk[] {
  let leftMs = playedMs
  return chunks.map(chunk => {
    const heardMs = Math.max(0, Math.min(leftMs, chunk.receivedMs))
    leftMs -= chunk.receivedMs
    return { workId: chunk.workId, heardMs, receivedMs: chunk.receivedMs, complete: chunk.complete }
  })
}
