import type { AudioFrame } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { Transcriber, Transcript } from '../../engine/ports/transcriber.ts'
import { VapiError } from '../../errors.ts'
import { createUntranscribed } from './untranscribed.ts'

/** A recogniser reads kept sound at least this much faster than it was spoken. */
const CATCH_UP_PACE = 2
/** How long its first transcript of that may take besides, in milliseconds. */
const FIRST_TRANSCRIPT_MS = 3000

export interface TranscriberListener {
  transcript(transcript: Transcript): void
  /** The transcriber at this place failed, also where it could not be started. */
  failed(transcriber: number, error: unknown): void
  warning?(message: string): void
}

/** One of several transcribers listens; the next gets all sound that had no final transcript yet. */
export interface TranscriberLine {
  /** Starts the first. One that cannot be started has failed. */
  start(): Promise<void>
  push(frame: AudioFrame): void
  speech(edge: 'started' | 'stopped', audioMs: number): void
  switchTo(place: number): void
  /** When the transcriber in use has told what was kept for it; null while it is being started. */
  caughtUpMs(): number | null
  /** It is known to be still at work on what it got. */
  isBehind(): boolean
  close(): Promise<void>
}

/** Listens with the transcribers in the order that `switchTo` names; they are started when they are needed. */
export function createTranscriberLine(
  transcribers: readonly Transcriber[],
  clock: Clock,
  listener: TranscriberListener,
): TranscriberLine {
  const kept = createUntranscribed()
  let place = 0
  /** Null while it is being started, and after it failed. */
  let current: Transcriber | null = null
  let caughtUpMs: number | null = 0
  let closed = false

  async function open(): Promise<void> {
    const own = place
    const transcriber = transcribers[own]
    if (transcriber === undefined)
      throw new VapiError({ code: 'transcriber-not-available', message: 'no further transcriber is there' })
    await transcriber.start({
      transcript: transcript => {
        if (own !== place) return
        if (transcript.transcriptType === 'final') kept.transcribed(transcript.audioMs)
        listener.transcript(transcript)
      },
      failed: error => fail(own, error),
      warning: message => listener.warning?.(message),
    })
    if (closed || own !== place) return
    const fedMs = kept.give(transcriber)
    current = transcriber
    if (own > 0) caughtUpMs = clock.now() + fedMs / CATCH_UP_PACE + FIRST_TRANSCRIPT_MS
  }

  function fail(own: number, error: unknown): void {
    if (own !== place || closed) return
    current = null
    listener.failed(own, error)
  }

  /** What nobody could take over need not be kept. */
  function isKept(): boolean {
    return current === null || place < transcribers.length - 1
  }

  return {
    async start() {
      await open().catch(error => fail(place, error))
    },
    push(frame) {
      if (isKept()) kept.push(frame)
      current?.push(frame)
    },
    speech(edge, audioMs) {
      if (isKept()) kept.speech(edge, audioMs)
      current?.speech(edge, audioMs)
    },
    switchTo(next) {
      const before = transcribers[place]
      place = next
      current = null
      caughtUpMs = null
      // What it still has to say is said by the next one.
      void before?.close().catch(() => {})
      open().catch(error => fail(next, error))
    },
    caughtUpMs: () => caughtUpMs,
    isBehind: () => current?.isBehind?.() ?? false,
    async close() {
      closed = true
      await transcribers[place]?.close()
    },
  }
}
