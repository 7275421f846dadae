import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'

export const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000
/** At most this much is kept, in milliseconds. */
const MAXIMUM_MS = 30_000
/** Sound before a start of speech: it is learned late, and soft first consonants lie before it. */
const BEFORE_SPEECH_MS = 1500
/** What is left of a speech after its last word has no further words. */
const FADE_MS = 300
/** Speech without any words in so much time after its end was none. */
const WORDLESS_MS = 12_000

/** What voice activity detection found. */
export interface SpeechEdge {
  edge: 'started' | 'stopped'
  audioMs: number
}

/** Frames that go out together. */
export interface Piece {
  frames: readonly AudioFrame[]
  /** What was learned when they were heard. */
  edges: readonly SpeechEdge[]
}

interface Kept {
  frame: AudioFrame
  edges: SpeechEdge[]
}

/**
 * The customer's sound that has no final transcript yet, in order: what was sent, and what is still to be sent. Silence is
 * let go soon after it was sent; what was not sent is kept, up to 30 s.
 */
export interface KeptSound {
  push(frame: AudioFrame): void
  /** Belongs to the frame before it. True where that one was sent already. */
  speech(edge: SpeechEdge): boolean
  /** The next frames to send, `count` of them, or what is left where `all` is set; null where there are not so many. */
  next(count: number, all?: boolean): Piece | null
  /** All words up to here are known. */
  covered(untilMs: number): void
  /** Everything is to be sent once more. */
  rewind(): void
}

export function createKeptSound(): KeptSound {
  const kept: Kept[] = []
  let sent = 0
  /** Speech that has no final transcript: from its beginning, or from the end of the last one. */
  let openFromMs: number | null = null
  /** It is what is left of a speech whose words are known up to there. */
  let isRest = false
  let stoppedMs: number | null = null

  function drop(count: number): void {
    kept.splice(0, count)
    sent = Math.max(0, sent - count)
  }

  /** Of what was sent, drops what ends before a moment. */
  function dropSent(untilMs: number): void {
    let count = 0
    while (count < sent && endOf(kept[count]) <= untilMs) count++
    if (count > 0) drop(count)
  }

  return {
    push(frame) {
      kept.push({ frame, edges: [] })
      const nowMs = frame.audioMs + FRAME_MS
      if (stoppedMs !== null && nowMs - stoppedMs > WORDLESS_MS) openFromMs = null
      dropSent((openFromMs ?? nowMs) - BEFORE_SPEECH_MS)
      const excess = kept.length - MAXIMUM_MS / FRAME_MS
      if (excess > 0) drop(excess)
    },
    speech(speechEdge) {
      const { edge, audioMs } = speechEdge
      kept.at(-1)?.edges.push(speechEdge)
      if (edge === 'started') {
        if (openFromMs === null) isRest = false
        openFromMs ??= audioMs
        stoppedMs = null
      } else {
        stoppedMs = audioMs
        if (isRest && openFromMs !== null && audioMs - openFromMs <= FADE_MS) openFromMs = null
      }
      return sent === kept.length
    },
    next(count, all = false) {
      const waiting = kept.slice(sent, sent + count)
      if (waiting.length === 0 || (waiting.length < count && !all)) return null
      sent += waiting.length
      return { frames: waiting.map(({ frame }) => frame), edges: waiting.flatMap(({ edges }) => edges) }
    },
    covered(untilMs) {
      dropSent(untilMs)
      if (openFromMs === null || untilMs < openFromMs) return
      openFromMs = stoppedMs !== null && untilMs >= stoppedMs - FADE_MS ? null : untilMs
      isRest = true
    },
    rewind() {
      sent = 0
    },
  }
}

function endOf(item: Kept | undefined): number {
  return item === undefined ? Number.POSITIVE_INFINITY : item.frame.audioMs + FRAME_MS
}
