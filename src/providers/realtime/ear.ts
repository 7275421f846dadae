/**
 * The customer's sound on its way to a realtime session, and the words that come back: the session as a transcriber. It gets
 * speech alone, as voice activity detection finds it, in stretches that are committed at their ends; each is written down for itself.
 * A stretch without its words goes to the next session again when a connection is lost.
 */
import { createResampler, type Resampler } from '../../audio/resample.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Transcriber, TranscriberListener } from '../../engine/ports/transcriber.ts'
import { base64Of } from '../transcribers/wire.ts'
import type { HearingListener } from './heard.ts'
import type { RealtimeSession } from './session.ts'

/** Sound from before the start of speech goes along: soft first consonants lie there, in milliseconds. */
const BEFORE_MS = 300
/** A start of speech is learned so much later at most. */
const KEPT_MS = 2000
/** Words that have not come so long after the end of their speech do not come any more, in milliseconds. */
const WORDS_MS = 10_000
/** A commit of less is refused: it is filled up with silence, in milliseconds. */
const SHORTEST_MS = 120

/** A frame, at its own rate and, where a session wants that, at the higher one. */
interface Piece {
  samples: Int16Array
  faster: Int16Array
  audioMs: number
}

/** The rate of sessions that do not take that of the call, in hertz. */
const FASTER_RATE = 24_000

/** A stretch of the customer's speech. */
interface Segment {
  session: RealtimeSession
  pieces: Int16Array[]
  isCommitted: boolean
  endMs: number
  partial: string
  /** Its words; null: none were to be had. Undefined as long as it is not known. */
  final: { text: string | null; confidence?: number } | undefined
  timer: NodeJS.Timeout | undefined
}

export interface RealtimeEar extends Transcriber {
  /** Another assistant's session listens from the next speech on. */
  listenWith(session: RealtimeSession): void
}

export function createRealtimeEar(name: string, first: RealtimeSession): RealtimeEar {
  let current = first
  let listener: TranscriberListener | null = null
  let resampler: Resampler | null = null
  let recent: Piece[] = []
  let open: Segment | null = null
  /** In the order of speech, as long as their words were not told. */
  let segments: Segment[] = []

  function push(segment: Segment, samples: Int16Array): void {
    if (samples.length === 0) return
    segment.pieces.push(samples)
    segment.session.append(base64Of(samples))
  }

  function soundFor({ session }: Segment, { samples, faster }: Piece): Int16Array {
    return session.inputRate === SAMPLE_RATE ? samples : faster
  }

  function commit(segment: Segment): void {
    const count = segment.pieces.reduce((sum, { length }) => sum + length, 0)
    const missing = (SHORTEST_MS * segment.session.inputRate) / 1000 - count
    if (missing > 0) push(segment, new Int16Array(missing))
    segment.isCommitted = true
    segment.session.commit(segment)
  }

  function finish(segment: Segment, text: string | null, confidence?: number): void {
    clearTimeout(segment.timer)
    segment.final ??= { text, ...(confidence !== undefined && { confidence }) }
    segment.pieces = []
    release()
  }

  /** Tells what is ready, in the order of speech. */
  function release(): void {
    for (let segment = segments[0]; segment?.final !== undefined; segment = segments[0]) {
      segments.shift()
      const { text, confidence } = segment.final
      listener?.transcript({
        transcriptType: 'final',
        // What was there of it is better than nothing.
        text: text ?? segment.partial.trim(),
        audioMs: segment.endMs,
        ...(confidence !== undefined && { confidence }),
      })
    }
    const [next] = segments
    if (next !== undefined && next.partial.trim() !== '') tellPartial(next)
  }

  function tellPartial({ partial, endMs }: Segment): void {
    listener?.transcript({ transcriptType: 'partial', text: partial.trim(), audioMs: endMs })
  }

  function hearingOf(session: RealtimeSession): HearingListener {
    return {
      partial(key, delta) {
        const segment = segments.find(candidate => candidate === key)
        if (segment === undefined) return
        segment.partial += delta
        if (segment === segments[0]) tellPartial(segment)
      },
      final(key, text, confidence) {
        const segment = segments.find(candidate => candidate === key)
        if (segment !== undefined) finish(segment, text, confidence)
      },
      reopened() {
        for (const segment of segments) {
          if (segment.session !== session || segment.final !== undefined) continue
          segment.partial = ''
          for (const samples of segment.pieces) session.append(base64Of(samples))
          if (segment.isCommitted) session.commit(segment)
        }
      },
      failed: error => {
        if (session === current) listener?.failed(error)
      },
    }
  }

  return {
    name,
    capabilities: { endOfTurn: false, partials: true, languages: 'any' },
    async start(given) {
      listener = given
      resampler = await createResampler(SAMPLE_RATE, FASTER_RATE)
      current.hear(hearingOf(current))
      await current.open()
    },
    listenWith(session) {
      if (session === current) return
      // What it was told is still written down by it.
      current = session
      if (listener !== null) session.hear(hearingOf(session))
    },
    push({ samples, audioMs }) {
      if (resampler === null) return
      const piece = { samples, faster: resampler.process(samples), audioMs }
      recent.push(piece)
      recent = recent.filter(({ audioMs: atMs }) => audioMs - atMs < KEPT_MS)
      if (open !== null) push(open, soundFor(open, piece))
    },
    speech(edge, audioMs) {
      if (edge === 'started' && open === null) {
        const segment: Segment = {
          session: current,
          pieces: [],
          isCommitted: false,
          endMs: audioMs,
          partial: '',
          final: undefined,
          timer: undefined,
        }
        open = segment
        segments.push(segment)
        for (const piece of recent)
          if (piece.audioMs >= audioMs - BEFORE_MS) push(segment, soundFor(segment, piece))
      } else if (edge === 'stopped' && open !== null) {
        const segment = open
        open = null
        segment.endMs = audioMs
        commit(segment)
        segment.timer = setTimeout(() => {
          listener?.warning?.(
            `${segment.session.context.vendor.label} did not write down what the customer said within ${WORDS_MS / 1000} s`,
          )
          finish(segment, null)
        }, WORDS_MS)
      }
    },
    async close() {
      listener = null
      for (const { timer } of segments) clearTimeout(timer)
      segments = []
      open = null
      resampler?.close()
      resampler = null
    },
  }
}
