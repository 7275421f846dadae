import { Exit, VapiError } from '../errors.ts'
import { toFloat, toInt16 } from './samples.ts'

/** Sample rates that can be converted, in hertz. */
export const LOWEST_RATE = 8_000
export const HIGHEST_RATE = 192_000

/** Speex's scale of 0 to 10: 5 keeps aliases under -100 dB at a tenth of the cost of 10. */
const QUALITY = 5
/** Samples handed to the resampler at once. */
const BLOCK_SAMPLES = 1024

/**
 * Converts one mono stream from a sample rate to another. The output is not late: its first sample is the sound of
 * the first input sample. A call gives what is certain so far, so the first outputs are some milliseconds short;
 * `flush` gives what is missing. Both kinds of samples are of the same scale: 32768 and 1.
 */
export interface Resampler {
  process(samples: Int16Array): Int16Array
  process(samples: Float32Array): Float32Array
  /** Ends the stream: the rest, so that the whole output is the input's length × rates, rounded. */
  flush(): Int16Array
  /** The same as `flush` for a stream of floats. */
  flushFloat(): Float32Array
  /** Frees the memory; nothing may be called after. */
  close(): void
}

/**
 * Makes a resampler. Equal rates give the input back unchanged.
 * Throws VapiError `unsupported-sample-rate` where a rate is no whole number of LOWEST_RATE to HIGHEST_RATE.
 */
export async function createResampler(fromRate: number, toRate: number): Promise<Resampler> {
  for (const rate of [fromRate, toRate]) checkRate(rate)
  return fromRate === toRate ? unchanged() : await speex(fromRate, toRate)
}

async function speex(fromRate: number, toRate: number): Promise<Resampler> {
  const { default: load } = await import('@echogarden/speex-resampler-wasm/simd')
  const wasm = await load({ printErr: () => {} })
  const outputCapacity = Math.ceil((BLOCK_SAMPLES * toRate) / fromRate) + 1
  const input = wasm._malloc(BLOCK_SAMPLES * 4)
  const output = wasm._malloc(outputCapacity * 4)
  const used = wasm._malloc(4)
  const made = wasm._malloc(4)
  const resampler = wasm._speex_resampler_init(1, fromRate, toRate, QUALITY, used)
  if (resampler === 0) throw new Error(`the resampler refused ${fromRate} to ${toRate} Hz`)
  wasm._speex_resampler_skip_zeros(resampler)
  const stepSamples = Math.ceil(fromRate / toRate)
  const silence = new Float32Array(wasm._speex_resampler_get_input_latency(resampler) + stepSamples)
  let closed = false
  let received = 0
  let given = 0

  function convert(samples: Float32Array): Float32Array {
    const converted = new Float32Array(Math.ceil(((samples.length + silence.length) * toRate) / fromRate) + 1)
    let length = 0
    for (let from = 0; from < samples.length; ) {
      const block = samples.subarray(from, from + BLOCK_SAMPLES)
      wasm.HEAPF32.set(block, input / 4)
      wasm.HEAP32[used / 4] = block.length
      wasm.HEAP32[made / 4] = outputCapacity
      wasm._speex_resampler_process_float(resampler, 0, input, used, output, made)
      from += wasm.HEAP32[used / 4]
      const count = wasm.HEAP32[made / 4]
      converted.set(wasm.HEAPF32.subarray(output / 4, output / 4 + count), length)
      length += count
    }
    return converted.subarray(0, length)
  }

  function stream(samples: Float32Array): Float32Array {
    const converted = convert(samples)
    received += samples.length
    given += converted.length
    return converted
  }

  function flushFloat(): Float32Array {
    const missing = Math.max(0, Math.round((received * toRate) / fromRate) - given)
    given += missing
    return convert(silence).subarray(0, missing)
  }

  function process(samples: Int16Array): Int16Array
  function process(samples: Float32Array): Float32Array
  function process(samples: Int16Array | Float32Array): Int16Array | Float32Array {
    return samples instanceof Float32Array ? stream(samples) : toInt16(stream(toFloat(samples)))
  }

  return {
    process,
    flush: () => toInt16(flushFloat()),
    flushFloat,
    close() {
      if (!closed) wasm._speex_resampler_destroy(resampler)
      closed = true
    },
  }
}

function unchanged(): Resampler {
  function process(samples: Int16Array): Int16Array
  function process(samples: Float32Array): Float32Array
  function process(samples: Int16Array | Float32Array): Int16Array | Float32Array {
    return samples
  }
  return { process, flush: () => new Int16Array(0), flushFloat: () => new Float32Array(0), close() {} }
}

function checkRate(rate: number): void {
  if (Number.isInteger(rate) && rate >= LOWEST_RATE && rate <= HIGHEST_RATE) return
  throw new VapiError({
    code: 'unsupported-sample-rate',
    message: `a sample rate of ${rate} Hz is not supported`,
    exit: Exit.usage,
    hint: `convert the sound to between ${LOWEST_RATE} and ${HIGHEST_RATE} Hz, best 16000`,
  })
}
