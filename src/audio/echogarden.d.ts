// Types of the WebAssembly packages that come without any: the parts that are used here.

interface EmscriptenModule {
  readonly HEAP32: Int32Array
  readonly HEAPF32: Float32Array
  _malloc(bytes: number): number
  _free(pointer: number): void
}

interface EmscriptenOptions {
  print?: (text: string) => void
  printErr?: (text: string) => void
}

declare module '@echogarden/speex-resampler-wasm/simd' {
  export interface SpeexResamplerModule extends EmscriptenModule {
    /** Gives the resampler's pointer; the error code (0 is none) is written to `errorPointer`. */
    _speex_resampler_init(
      channels: number,
      fromRate: number,
      toRate: number,
      quality: number,
      errorPointer: number,
    ): number
    /** Lengths are pointers to sample counts: in for what there is, out for what was used and made. */
    _speex_resampler_process_float(
      resampler: number,
      channel: number,
      input: number,
      inputLength: number,
      output: number,
      outputLength: number,
    ): number
    _speex_resampler_skip_zeros(resampler: number): number
    /** Samples of input that are needed beyond an output sample. */
    _speex_resampler_get_input_latency(resampler: number): number
    _speex_resampler_destroy(resampler: number): void
  }
  export default function load(options?: EmscriptenOptions): Promise<SpeexResamplerModule>
}

declare module '@echogarden/rnnoise-wasm' {
  export interface RnnoiseModule extends EmscriptenModule {
    /** `model` 0 is the one inside. */
    _rnnoise_create(model: number): number
    _rnnoise_destroy(state: number): void
    /** Cleans 480 samples at 48 kHz, floats on the 16-bit scale; gives the probability of speech. */
    _rnnoise_process_frame(state: number, output: number, input: number): number
  }
  export default function load(options?: EmscriptenOptions): Promise<RnnoiseModule>
}
