import type { AudioFrame } from '../../engine/ports/audio-input.ts'
import type { Transcript } from '../../engine/ports/transcriber.ts'

/** What one message of the provider says. */
export type Heard =
  /** It takes sound now. */
  | { type: 'ready' }
  | (Omit<Transcript, 'audioMs'> & {
      type: 'transcript'
      /** End of the speech that the text covers, counted from the connection's first sample; null: up to now. */
      streamMs: number | null
    })
  /** There are no words up to here that were not told. */
  | { type: 'covered'; streamMs: number | null }
  /** `status` as in HTTP; null where it is not known. Another connection is tried where that may help, unless it is `fatal`. */
  | { type: 'error'; status: number | null; message: string; fatal?: boolean }
  /** What the user should know; the connection goes on. */
  | { type: 'warning'; message: string }
  /** All is told; it answers `finish`. */
  | { type: 'ended' }

/** One connection. */
export interface ProtocolSession {
  /** Sent first. */
  opening?: readonly string[]
  /** Sound waits for `ready`. */
  waitsForReady?: boolean
  /** One message with this sound: the customer's samples, and the frames that they are of. */
  sound(samples: Int16Array, frames: readonly AudioFrame[]): string | Uint8Array
  /** Told of every JSON object. Where it throws, the connection is of no use any more. */
  read(message: Readonly<Record<string, unknown>>): readonly Heard[]
  /** Told of every other message; without it, they break the connection. */
  readOther?(text: string): readonly Heard[]
  /** Told of what voice activity detection found, right after the sound in which it was learned went out. */
  speech?(edge: 'started' | 'stopped', streamMs: number): void
  /** Sent when voice activity detection has found the end of speech: a provider without an endpointer ends its utterance. */
  speechStopped?(): string | null
  /** Asks for what is still missing before the end. */
  finish?: string | Uint8Array
  /** What was heard and not told yet, once `finish` is answered or has waited long enough. */
  rest?(): readonly Heard[]
}

export interface SocketAddress {
  url: string
  headers?: Readonly<Record<string, string>>
  protocols?: readonly string[]
  /** Limit until it takes sound, in milliseconds; 5 s unless given. */
  connectMs?: number
}

export interface StreamingProtocol {
  /** Asked for each connection; it may have to make a request first. Throws VapiError. */
  address(signal: AbortSignal): SocketAddress | Promise<SocketAddress>
  session(): ProtocolSession
  /** Sound goes out in pieces of this length, in milliseconds, the last one filled up with silence; 20 unless given. */
  pieceMs?: number
  /** While sound flows, the provider says something at least this often, in milliseconds; without it, it may be silent. */
  saysSomethingEveryMs?: number
  /** After speech, whatever it was, the provider says something within so many milliseconds; without it, only long speech has to be answered. */
  answersSpeechWithinMs?: number
  /** Sound that had to wait is sent at most so many times faster than it was spoken; as fast as the network takes it unless given. */
  maximumPace?: number
  /** What a closing frame means, as a status of HTTP; null, and unless given, for one after which another connection may do. */
  closeStatus?(code: number, reason: string): number | null
}
