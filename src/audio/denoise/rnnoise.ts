import { createResampler } from '../resample.ts'
import { toFloat, toInt16 } from '../samples.ts'
import type { Denoiser } from './denoiser.ts'
import { SampleQueue } from './sample-queue.ts'

const SAMPLE_RATE = 48_000
const BLOCK_SAMPLES = 480
/**
 * Silence before the output, at 16 kHz, so that a frame is always ready: what the filters of both resamplers and
 * the block hold back at most.
 */
const LEAD_SAMPLES = 208
/** What RNNoise itself is late: one block. */
const OWN_DELAY_MS = 10

/** RNNoise: small and light; made for 48 kHz, so the sound is resampled there and back. */
export async function createRnnoise(): Promise<Denoiser> {
  const { default: load } = await import('@echogarden/rnnoise-wasm')
  const [wasm, upwards, downwards] = await Promise.all([
    load({ printErr: () => {} }),
    createResampler(16_000, SAMPLE_RATE),
    createResampler(SAMPLE_RATE, 16_000),
  ])
  const state = wasm._rnnoise_create(0)
  const block = wasm._malloc(BLOCK_SAMPLES * 4)
  const input = new SampleQueue()
  const output = new SampleQueue()
  output.push(new Float32Array(LEAD_SAMPLES))
  let closed = false

  function cleanBlock(): Float32Array {
    const heap = wasm.HEAPF32.subarray(block / 4, block / 4 + BLOCK_SAMPLES)
    // RNNoise counts in 16-bit steps.
    for (const [index, sample] of input.take(BLOCK_SAMPLES).entries()) heap[index] = sample * 32768
    wasm._rnnoise_process_frame(state, block, block)
    return wasm.HEAPF32.subarray(block / 4, block / 4 + BLOCK_SAMPLES).map(sample => sample / 32768)
  }

  return {
    name: 'rnnoise',
    delayMs: OWN_DELAY_MS + LEAD_SAMPLES / 16,
    process(frame) {
      input.push(upwards.process(toFloat(frame)))
      while (input.length >= BLOCK_SAMPLES) output.push(downwards.process(cleanBlock()))
      return toInt16(output.take(frame.length))
    },
    close() {
      if (closed) return
      closed = true
      wasm._rnnoise_destroy(state)
      upwards.close()
      downwards.close()
    },
  }
}
