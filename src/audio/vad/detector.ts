import { type AudioFrame, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { SpeechEdge, VoiceActivityDetector } from '../../engine/ports/voice-activity-detector.ts'
import { createSegmenter, type SegmenterOptions } from './segmenter.ts'
import { createSilero, WINDOW_SAMPLES } from './silero.ts'
import type { SileroWeights } from './silero-weights.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000

/**
 * Finds speech with Silero VAD v6.2 (weights of `loadSileroWeights`). A start is learned some 100 ms after the
 * onset, an end by the rules of `SegmenterOptions.endings`; the edges say when they happened in the sound.
 */
export function createVoiceActivityDetector(
  weights: SileroWeights,
  options: SegmenterOptions = {},
): VoiceActivityDetector {
  const silero = createSilero(weights)
  const segmenter = createSegmenter(options)
  const window = new Float32Array(WINDOW_SAMPLES)
  let filled = 0

  /** Takes the full window, which ended at sample `end` of the frame. */
  function edgeOf(frame: AudioFrame, end: number): SpeechEdge | null {
    return segmenter.process({
      startMs: frame.audioMs + (end - WINDOW_SAMPLES) / SAMPLES_PER_MS,
      probability: silero.process(window),
      firstHalfPower: powerOf(window, 0),
      secondHalfPower: powerOf(window, WINDOW_SAMPLES / 2),
    })
  }

  return {
    name: 'silero',
    process(frame) {
      const edges: SpeechEdge[] = []
      for (let index = 0; index < frame.samples.length; index++) {
        window[filled++] = frame.samples[index] / 32768
        if (filled < WINDOW_SAMPLES) continue
        filled = 0
        const edge = edgeOf(frame, index + 1)
        if (edge) edges.push(edge)
      }
      return edges
    },
  }
}

/** Mean square of the half of a window that begins at `from`. */
function powerOf(window: Float32Array, from: number): number {
  let sum = 0
  for (let index = from; index < from + WINDOW_SAMPLES / 2; index++) sum += window[index] ** 2
  return sum / (WINDOW_SAMPLES / 2)
}
