import type { Layer, SileroWeights } from './silero-weights.ts'
import { createMagnitudeSpectrum, SPECTRUM_BINS } from './spectrum.ts'

/** Samples that one probability is about: 32 ms at 16 kHz. */
export const WINDOW_SAMPLES = 512
/** Samples of the window before that the network sees again. */
const CONTEXT_SAMPLES = 64
const HOP_SAMPLES = 128
const SPECTRA = 4
const CELL_SIZE = 128

/** Silero VAD v6.2 at 16 kHz, with the memory of one stream of sound. */
export interface Silero {
  /**
   * The probability (0 to 1) that the next WINDOW_SAMPLES of the stream, each from -1 to 1, are speech.
   * Windows follow each other without gaps; nothing is allocated.
   */
  process(window: Float32Array): number
}

/**
 * Four magnitude spectra of the window, four convolutions over time, one recurrent cell, one output. Buffers of
 * the convolutions are time-major with an empty step at both ends, so that the three taps at a step are one
 * contiguous stretch, and every layer is the same dot product.
 */
export function createSilero(weights: SileroWeights): Silero {
  const { encoder, cell, head } = weights
  const magnitudes = createMagnitudeSpectrum()
  const samples = new Float32Array(CONTEXT_SAMPLES + WINDOW_SAMPLES + CONTEXT_SAMPLES)
  const spectra = new Float32Array((SPECTRA + 2) * SPECTRUM_BINS)
  const first = new Float32Array((SPECTRA + 2) * encoder[0].outputs)
  const second = new Float32Array((SPECTRA / 2 + 2) * encoder[1].outputs)
  const third = new Float32Array((SPECTRA / 4 + 2) * encoder[2].outputs)
  const fourth = new Float32Array((SPECTRA / 4 + 2) * encoder[3].outputs)
  const cellInput = new Float32Array(2 * CELL_SIZE)
  const cellState = new Float32Array(CELL_SIZE)
  const gates = new Float32Array(4 * CELL_SIZE)
  const rectified = new Float32Array(CELL_SIZE)

  return {
    process(window) {
      samples.copyWithin(0, WINDOW_SAMPLES, WINDOW_SAMPLES + CONTEXT_SAMPLES)
      samples.set(window, CONTEXT_SAMPLES)
      mirrorEnd(samples)
      for (let step = 0; step < SPECTRA; step++) {
        magnitudes(samples, step * HOP_SAMPLES, spectra, (step + 1) * SPECTRUM_BINS)
      }
      convolve(encoder[0], spectra, first, SPECTRA, 1)
      convolve(encoder[1], first, second, SPECTRA / 2, 2)
      convolve(encoder[2], second, third, SPECTRA / 4, 2)
      convolve(encoder[3], third, fourth, SPECTRA / 4, 1)
      // The second half still holds the cell's previous output.
      for (let index = 0; index < CELL_SIZE; index++) cellInput[index] = fourth[CELL_SIZE + index]
      for (let gate = 0; gate < gates.length; gate++) gates[gate] = rowDot(cell, gate, cellInput, 0)
      for (let index = 0; index < CELL_SIZE; index++) {
        const kept = sigmoid(gates[CELL_SIZE + index]) * cellState[index]
        const added = sigmoid(gates[index]) * Math.tanh(gates[2 * CELL_SIZE + index])
        cellState[index] = kept + added
        const output = sigmoid(gates[3 * CELL_SIZE + index]) * Math.tanh(cellState[index])
        cellInput[CELL_SIZE + index] = output
        rectified[index] = Math.max(output, 0)
      }
      return sigmoid(rowDot(head, 0, rectified, 0))
    },
  }
}

/** Fills the last stretch with the samples before it, mirrored about the last one. */
function mirrorEnd(samples: Float32Array): void {
  const end = samples.length - CONTEXT_SAMPLES
  for (let index = 0; index < CONTEXT_SAMPLES; index++) samples[end + index] = samples[end - 2 - index]
}

/** A convolution of three taps over time, padded by one step, and a rectifier. */
function convolve(
  layer: Layer,
  input: Float32Array,
  output: Float32Array,
  steps: number,
  stride: number,
): void {
  const channels = layer.inputs / 3
  for (let row = 0; row < layer.outputs; row++) {
    for (let step = 0; step < steps; step++) {
      const value = rowDot(layer, row, input, step * stride * channels)
      output[(step + 1) * layer.outputs + row] = Math.max(value, 0)
    }
  }
}

/** Four partial sums let the processor overlap the additions. */
function rowDot(layer: Layer, row: number, input: Float32Array, from: number): number {
  const { rows, inputs } = layer
  const base = row * inputs
  const whole = inputs - (inputs % 4)
  let a = layer.biases[row]
  let b = 0
  let c = 0
  let d = 0
  for (let index = 0; index < whole; index += 4) {
    const weight = base + index
    const value = from + index
    a += rows[weight] * input[value]
    b += rows[weight + 1] * input[value + 1]
    c += rows[weight + 2] * input[value + 2]
    d += rows[weight + 3] * input[value + 3]
  }
  for (let index = whole; index < inputs; index++) a += rows[base + index] * input[from + index]
  return a + b + (c + d)
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value))
}
