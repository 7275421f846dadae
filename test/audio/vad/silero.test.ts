import { beforeAll, describe, expect, it } from 'vitest'
import { createSilero, WINDOW_SAMPLES } from '../../../src/audio/vad/silero.ts'
import { loadSileroWeights, type SileroWeights } from '../../../src/audio/vad/silero-weights.ts'
import { createMagnitudeSpectrum, SPECTRUM_BINS } from '../../../src/audio/vad/spectrum.ts'
import { join, silence, vowel } from './sounds.ts'
import { builtWeights } from './weights.ts'

const SOUND = join(
  silence(96),
  vowel('a', 180, 120),
  vowel('i', 150, 130),
  silence(200),
  vowel('o', 250, 110),
  vowel('i', 100, 100),
  silence(250),
)

/** What ONNX Runtime 1.16.3 gives for SOUND with the original silero_vad.onnx (v6.2, float32). */
const PROBABILITIES = [
  0.0017, 0.0069, 0.0089, 0.9671, 0.9719, 0.9788, 0.976, 0.9618, 0.9904, 0.9977, 0.9991, 0.9992, 0.9992,
  0.9988, 0.9727, 0.6387, 0.3694, 0.0647, 0.0162, 0.3012, 0.992, 0.9941, 0.9802, 0.9575, 0.9264, 0.8797,
  0.796, 0.9532, 0.9932, 0.998, 0.9975, 0.9921, 0.8984, 0.3639, 0.0597, 0.0122, 0.0058, 0.0044,
]

let bytes: Uint8Array
let weights: SileroWeights

beforeAll(async () => {
  bytes = await builtWeights()
  weights = loadSileroWeights(bytes)
})

function probabilitiesOf(samples: Float32Array): number[] {
  const silero = createSilero(weights)
  const found: number[] = []
  for (let from = 0; from + WINDOW_SAMPLES <= samples.length; from += WINDOW_SAMPLES) {
    found.push(silero.process(samples.subarray(from, from + WINDOW_SAMPLES)))
  }
  return found
}

describe('createSilero', () => {
  it('gives what ONNX Runtime gives for the original model, within a thousandth', () => {
    const found = probabilitiesOf(Float32Array.from(SOUND, sample => sample / 32768))
    expect(found).toHaveLength(PROBABILITIES.length)
    for (const [index, probability] of found.entries()) {
      expect(Math.abs(probability - (PROBABILITIES[index] ?? Number.NaN))).toBeLessThan(1e-3)
    }
  })

  it('stays a probability under sound at full scale, and recovers', () => {
    const square = Float32Array.from({ length: 50 * WINDOW_SAMPLES }, (_, index) =>
      index % 32 < 16 ? 1 : -1,
    )
    const found = probabilitiesOf(square)
    expect(found.every(probability => probability >= 0 && probability <= 1)).toBe(true)
    const after = probabilitiesOf(Float32Array.from([...square, ...new Float32Array(50 * WINDOW_SAMPLES)]))
    expect(after.at(-1)).toBeLessThan(0.05)
  })

  it('keeps streams that share weights apart', () => {
    const other = createSilero(weights)
    const loud = Float32Array.from({ length: WINDOW_SAMPLES }, (_, index) => Math.sin(index / 5))
    const quiet = new Float32Array(WINDOW_SAMPLES)
    const alone = probabilitiesOf(new Float32Array(WINDOW_SAMPLES * 2))
    const silero = createSilero(weights)
    const between = [quiet, quiet].map(window => {
      other.process(loud)
      return silero.process(window)
    })
    expect(between).toEqual(alone)
  })
})

describe('loadSileroWeights', () => {
  it('ships at most 0.8 MB', () => {
    expect(bytes.length).toBeLessThan(800_000)
  })

  it.each<[string, (whole: Uint8Array) => Uint8Array]>([
    ['an empty file', () => new Uint8Array(0)],
    ['a file that was cut off', whole => whole.subarray(0, whole.length - 1)],
    ['a file cut in its header', whole => whole.subarray(0, 100)],
    ['something else', () => new TextEncoder().encode('{"format":1}')],
    ['another format', () => withHeader('{"format":2,"precision":"float24","tensors":[]}')],
    ['a file without tensors', () => withHeader('{"format":1,"precision":"float24","tensors":[]}')],
  ])('refuses %s', (_, change) => {
    expect(() => loadSileroWeights(change(bytes))).toThrow(
      expect.objectContaining({ code: 'invalid-vad-weights' }),
    )
  })
})

describe('createMagnitudeSpectrum', () => {
  it('equals the sums of a Hann-windowed Fourier transform', () => {
    const samples = Float32Array.from(
      { length: 300 },
      (_, index) => Math.sin(index / 3) + Math.cos(index * index) / 2,
    )
    const output = new Float32Array(SPECTRUM_BINS + 5)
    createMagnitudeSpectrum()(samples, 40, output, 5)
    for (const bin of [0, 1, 7, 64, 127, 128]) {
      let real = 0
      let imaginary = 0
      for (let index = 0; index < 256; index++) {
        const value = samples[40 + index] * (0.5 - 0.5 * Math.cos((2 * Math.PI * index) / 256))
        real += value * Math.cos((2 * Math.PI * bin * index) / 256)
        imaginary += value * Math.sin((2 * Math.PI * bin * index) / 256)
      }
      expect(output[5 + bin]).toBeCloseTo(Math.hypot(real, imaginary), 4)
    }
  })
})

function withHeader(header: string): Uint8Array {
  const text = new TextEncoder().encode(header)
  return Uint8Array.of(text.length, 0, 0, 0, ...text)
}
