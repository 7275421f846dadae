import type { SpeechEdge } from '../../engine/ports/voice-activity-detector.ts'

/** What is known about one window of sound. Windows follow each other without gaps. */
export interface SpeechWindow {
  startMs: number
  /** That it is speech: 0 to 1. */
  probability: number
  /** Mean squares of its two halves, in any unit. */
  firstHalfPower: number
  secondHalfPower: number
}

/** When a segment of speech is over. */
export interface EndingRule {
  /** The rule holds for segments with less speech than this, in milliseconds. */
  belowSpeechMs: number
  /** They end after this much quiet, in milliseconds; it is rounded up to whole windows. */
  afterQuietMs: number
  /** A window that ends so much softer than the loudest stretch of the segment counts as quiet whatever its probability. */
  fadeDecibels?: number
}

export interface SegmenterOptions {
  /** Probability from which a window starts a segment: 0 to 1, default 0.5. */
  startThreshold?: number
  /** Probability under which a window of a segment is quiet: 0 to `startThreshold`, default 0.35. */
  stopThreshold?: number
  /** Windows over the start threshold, one after the other, before a start is told: from 1, default 2 (64 ms). */
  minimumSpeechWindows?: number
  /** How much quiet ends a segment: the first rule that holds counts, or else the last. Default: DEFAULT_ENDINGS. */
  endings?: readonly EndingRule[]
}

/**
 * An interruption is 200 ms of continuous voice (`voiceSeconds`), so the end of a cough or a click must be known
 * sooner than 200 ms after its onset. The network notices the end of so short a sound 100 ms later, in noise 400 ms,
 * hence the look at the level. Words have stops of up to 90 ms in them; pauses between words are longer.
 */
export const DEFAULT_ENDINGS: readonly EndingRule[] = [
  { belowSpeechMs: 130, afterQuietMs: 64, fadeDecibels: 10 },
  { belowSpeechMs: 500, afterQuietMs: 96 },
  { belowSpeechMs: Number.POSITIVE_INFINITY, afterQuietMs: 250 },
]

/** Length of a window in milliseconds. */
export const WINDOW_MS = 32

/**
 * The network passes 0.5 on average in the window that begins so long after the onset. The first quiet window begins
 * at the end of the speech, give or take. Both were measured on clean speech by bench/vad.mjs.
 */
const ONSET_LATENESS_MS = 22

/** Turns windows into edges of speech. Pure but for its own memory. */
export interface Segmenter {
  /** Takes the next window; gives the edge that was learned from it, or null. */
  process(window: SpeechWindow): SpeechEdge | null
}

interface Segment {
  /** Start of its first loud window. */
  startMs: number
  loudWindows: number
  loudestPower: number
  /** It was told. */
  told: boolean
  /** Start of the quiet since its last loud window. */
  quietMs: number | null
}

export function createSegmenter(options: SegmenterOptions = {}): Segmenter {
  const startThreshold = options.startThreshold ?? 0.5
  const stopThreshold = options.stopThreshold ?? 0.35
  const minimumSpeechWindows = options.minimumSpeechWindows ?? 2
  const endings = options.endings ?? DEFAULT_ENDINGS
  let streamStartMs: number | null = null
  /** The segment that is under way or may become one. */
  let segment: Segment | null = null

  function waitForSpeech(window: SpeechWindow, earliestMs: number): SpeechEdge | null {
    if (window.probability < startThreshold) {
      segment = null
      return null
    }
    segment ??= { startMs: window.startMs, loudWindows: 0, loudestPower: 0, told: false, quietMs: null }
    segment.loudWindows++
    segment.loudestPower = Math.max(segment.loudestPower, window.firstHalfPower, window.secondHalfPower)
    if (segment.loudWindows < minimumSpeechWindows) return null
    segment.told = true
    return { type: 'started', audioMs: Math.max(segment.startMs - ONSET_LATENESS_MS, earliestMs) }
  }

  function waitForQuiet(window: SpeechWindow, current: Segment): SpeechEdge | null {
    const rule = ruleFor((current.quietMs ?? window.startMs) - current.startMs)
    const faded =
      window.secondHalfPower < current.loudestPower * 10 ** (-(rule.fadeDecibels ?? Infinity) / 10)
    current.loudestPower = Math.max(current.loudestPower, window.firstHalfPower, window.secondHalfPower)
    if (window.probability >= stopThreshold && !faded) {
      current.quietMs = null
      return null
    }
    current.quietMs ??= window.startMs
    if (window.startMs + WINDOW_MS - current.quietMs < rule.afterQuietMs) return null
    segment = null
    return { type: 'stopped', audioMs: current.quietMs }
  }

  function ruleFor(speechMs: number): EndingRule {
    const rule = endings.find(({ belowSpeechMs }) => speechMs < belowSpeechMs) ?? endings.at(-1)
    return rule ?? { belowSpeechMs: Number.POSITIVE_INFINITY, afterQuietMs: 0 }
  }

  return {
    process(window) {
      streamStartMs ??= window.startMs
      return segment?.told ? waitForQuiet(window, segment) : waitForSpeech(window, streamStartMs)
    },
  }
}
