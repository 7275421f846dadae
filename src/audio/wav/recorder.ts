import { WavWriter } from './writer.ts'

const SAMPLE_RATE = 16_000
/** How far one side may lag behind the other: later sound of a side has its place in the file already written. */
const PATIENCE_SAMPLES = 2 * SAMPLE_RATE

export interface Recording {
  path: string
  durationMs: number
}

type Side = 'customer' | 'assistant'
const CHANNEL: Readonly<Record<Side, number>> = { customer: 0, assistant: 1 }

/**
 * Records a call as a stereo WAV file of 16 kHz, the customer left and the assistant right. Sound is placed by
 * sample since the call began, the two sides in any order; what no side fills is silence. It is written once both
 * sides have passed it, or when it is two seconds behind the newer side; sound that comes later is left out.
 */
export class CallRecorder {
  readonly #writer: WavWriter
  /** Interleaved samples that are not yet written, from sample `#written` of the call on. */
  readonly #window = new Int16Array(2 * PATIENCE_SAMPLES)
  #written = 0
  readonly #ends: Record<Side, number> = { customer: 0, assistant: 0 }

  private constructor(writer: WavWriter) {
    this.#writer = writer
  }

  /** Throws VapiError `file-not-written` where the file cannot be made. */
  static async create(path: string): Promise<CallRecorder> {
    return new CallRecorder(await WavWriter.create(path, { sampleRate: SAMPLE_RATE, channels: 2 }))
  }

  /** Takes sound of the customer. Throws a failure of the disk (VapiError) once; the recording ends there. */
  customer(samples: Int16Array, atSample: number): void {
    this.#place('customer', samples, atSample)
  }

  /** Takes sound of the assistant; throws as `customer` does. */
  assistant(samples: Int16Array, atSample: number): void {
    this.#place('assistant', samples, atSample)
  }

  /** Writes what is left, the shorter side padded with silence. Throws a disk failure that was not told yet. */
  async close(): Promise<Recording> {
    try {
      this.#writeUntil(Math.max(this.#ends.customer, this.#ends.assistant))
    } finally {
      await this.#writer.close()
    }
    return { path: this.#writer.path, durationMs: this.#writer.durationMs }
  }

  #place(side: Side, samples: Int16Array, atSample: number): void {
    if (!Number.isInteger(atSample) || atSample < 0)
      throw new RangeError(`no place in a call: sample ${atSample}`)
    for (let from = 0; from < samples.length; from += SAMPLE_RATE) {
      const piece = samples.subarray(from, from + SAMPLE_RATE)
      const at = atSample + from
      this.#writeUntil(at + piece.length - PATIENCE_SAMPLES)
      for (let index = Math.max(0, this.#written - at); index < piece.length; index++) {
        this.#window[(at + index - this.#written) * 2 + CHANNEL[side]] = piece[index]
      }
      this.#ends[side] = Math.max(this.#ends[side], at + piece.length)
    }
    this.#writeUntil(Math.min(this.#ends.customer, this.#ends.assistant))
  }

  /** Moves the window on; beyond its content there is silence. */
  #writeUntil(sample: number): void {
    while (this.#written < sample) {
      const values = 2 * Math.min(sample - this.#written, PATIENCE_SAMPLES)
      const sound = this.#window.slice(0, values)
      this.#window.copyWithin(0, values)
      this.#window.fill(0, this.#window.length - values)
      this.#written += values / 2
      this.#writer.write(sound)
    }
  }
}
