import { toFloat, toInt16 } from '../samples.ts'
import type { Denoiser } from './denoiser.ts'
import { SampleQueue } from './sample-queue.ts'

const BLOCK_SAMPLES = 256
/** Silence before the output, so that a frame of 320 is always ready of blocks of 256. */
const LEAD_SAMPLES = 192
/** What GTCRN itself is late: one block. */
const OWN_DELAY_MS = 16

/** The exports of gtcrn.wasm of @sapphi-red/web-noise-suppressor 0.4.1, under their shortened names. */
interface GtcrnExports {
  /** Memory. */
  c: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  /** Constructors, to be called first. */
  d(): void
  /** Makes the state. */
  e(): number
  /** Frees the state. */
  g(state: number): void
  /** Cleans a block of floats from -1 to 1. */
  i(state: number, input: number, output: number): void
  /** Allocates bytes. */
  k(bytes: number): number
}

/** The part of the global `WebAssembly` used here; `@types/node` does not declare it. */
interface WebAssemblyApi {
  instantiate(program: Uint8Array, imports: object): Promise<{ instance: { exports: GtcrnExports } }>
}

/** GTCRN: a small network for 16 kHz, better than RNNoise at about five times its cost. `program` is gtcrn.wasm. */
export async function createGtcrn(program: Uint8Array): Promise<Denoiser> {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi }
  const imports = {
    a: {
      a: () => {
        throw new Error('the denoiser gtcrn has stopped itself')
      },
      b: (bytes: number) => grow(bytes),
    },
  }
  const { instance } = await WebAssembly.instantiate(program, imports)
  const wasm = instance.exports

  function grow(bytes: number): number {
    const missing = bytes - wasm.c.buffer.byteLength
    if (missing > 0) wasm.c.grow(Math.ceil(missing / 65_536))
    return 1
  }

  wasm.d()
  const state = wasm.e()
  const blockInput = wasm.k(BLOCK_SAMPLES * 4)
  const blockOutput = wasm.k(BLOCK_SAMPLES * 4)
  const input = new SampleQueue()
  const output = new SampleQueue()
  output.push(new Float32Array(LEAD_SAMPLES))
  let closed = false

  return {
    name: 'gtcrn',
    delayMs: OWN_DELAY_MS + LEAD_SAMPLES / 16,
    process(frame) {
      input.push(toFloat(frame))
      while (input.length >= BLOCK_SAMPLES) {
        new Float32Array(wasm.c.buffer, blockInput, BLOCK_SAMPLES).set(input.take(BLOCK_SAMPLES))
        wasm.i(state, blockInput, blockOutput)
        output.push(new Float32Array(wasm.c.buffer, blockOutput, BLOCK_SAMPLES))
      }
      return toInt16(output.take(frame.length))
    },
    close() {
      if (!closed) wasm.g(state)
      closed = true
    },
  }
}
