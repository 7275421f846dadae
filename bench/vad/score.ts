import type { SpeechEdge, VoiceActivityDetector } from '../../src/engine/ports/voice-activity-detector.ts'
import type { Scene } from './scene.ts'

/** How well a detector found the utterances of a scene; errors in milliseconds, positive is late. */
export interface Score {
  utterances: number
  hits: number
  misses: number
  /** Segments that touch no utterance. */
  falseStarts: number
  /** Segments beyond the first of an utterance. */
  splits: number
  onsetErrors: number[]
  endErrors: number[]
  /** From the true onset until the start was learned. */
  onsetDelays: number[]
  /** From the true end until the stop was learned. */
  endDelays: number[]
  /** Processor time over the length of the sound. */
  realTimeFactor: number
}

interface Learned extends SpeechEdge {
  learnedMs: number
}

interface Segment {
  start: Learned
  stop: Learned
}

const FRAME_SAMPLES = 320
const FRAME_MS = 20

/** Every edge that a detector tells, with the end of the frame from which it was learned. */
export function runDetector(detector: VoiceActivityDetector, samples: Int16Array): Learned[] {
  const edges: Learned[] = []
  for (let frame = 0; (frame + 1) * FRAME_SAMPLES <= samples.length; frame++) {
    const piece = samples.subarray(frame * FRAME_SAMPLES, (frame + 1) * FRAME_SAMPLES)
    for (const edge of detector.process({ samples: piece, audioMs: frame * FRAME_MS })) {
      edges.push({ ...edge, learnedMs: (frame + 1) * FRAME_MS })
    }
  }
  return edges
}

export function scoreDetector(detector: VoiceActivityDetector, scene: Scene): Score {
  const before = process.cpuUsage()
  const edges = runDetector(detector, scene.samples)
  const { user, system } = process.cpuUsage(before)
  const durationMs = scene.samples.length / 16
  const segments = segmentsOf(edges, durationMs)
  const touched = new Set<Segment>()
  const score: Score = {
    utterances: scene.utterances.length,
    hits: 0,
    misses: 0,
    falseStarts: 0,
    splits: 0,
    onsetErrors: [],
    endErrors: [],
    onsetDelays: [],
    endDelays: [],
    realTimeFactor: (user + system) / 1000 / durationMs,
  }
  for (const { fromMs, toMs } of scene.utterances) {
    const found = segments.filter(({ start, stop }) => start.audioMs < toMs && stop.audioMs > fromMs)
    for (const segment of found) touched.add(segment)
    const [first] = found
    const last = found.at(-1)
    if (!first || !last) {
      score.misses++
      continue
    }
    score.hits++
    score.splits += found.length - 1
    score.onsetErrors.push(first.start.audioMs - fromMs)
    score.onsetDelays.push(first.start.learnedMs - fromMs)
    score.endErrors.push(last.stop.audioMs - toMs)
    score.endDelays.push(last.stop.learnedMs - toMs)
  }
  score.falseStarts = segments.length - touched.size
  return score
}

/** Pairs of edges; a segment that is still open ends with the sound. */
function segmentsOf(edges: Learned[], durationMs: number): Segment[] {
  return edges.flatMap((edge, index) => {
    if (edge.type === 'stopped') return []
    return [
      {
        start: edge,
        stop: edges[index + 1] ?? { type: 'stopped', audioMs: durationMs, learnedMs: durationMs },
      },
    ]
  })
}

/** The value that so large a share (0 to 1) of the values does not exceed; NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
