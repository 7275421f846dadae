import { FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'

/** How far one side may lag behind the other, in samples; what is later is left out. */
const PATIENCE_SAMPLES = SAMPLE_RATE / 5
const WINDOW_SAMPLES = 2 * SAMPLE_RATE

type Side = 'customer' | 'assistant'

/**
 * Lays the two sides of a call side by side while it runs: the customer left, the assistant right, in frames of 20 ms, 16-bit
 * little endian. A frame goes out once both sides have passed it, or when it is 200 ms behind the newer one; what no side
 * fills is silence.
 */
export class LiveStereo {
  readonly #give: (frame: Uint8Array) => void
  readonly #ends: Record<Side, number> = { customer: 0, assistant: 0 }
  /** Interleaved samples from `#given` of the call on. */
  readonly #window = new Int16Array(2 * WINDOW_SAMPLES)
  #given = 0

  constructor(give: (frame: Uint8Array) => void) {
    this.#give = give
  }

  /** Takes sound of a side, by sample since the call began. */
  take(side: Side, samples: Int16Array, atSample: number): void {
    // Nobody waits for the silence of a side that begins late.
    if (atSample - this.#given > WINDOW_SAMPLES / 2) this.#skipTo(atSample)
    const channel = side === 'customer' ? 0 : 1
    const room = this.#given + WINDOW_SAMPLES - atSample
    for (let index = Math.max(0, this.#given - atSample); index < Math.min(samples.length, room); index++)
      this.#window[(atSample + index - this.#given) * 2 + channel] = samples[index] ?? 0
    this.#ends[side] = Math.max(this.#ends[side], atSample + Math.min(samples.length, Math.max(0, room)))
    const { customer, assistant } = this.#ends
    const due = Math.max(Math.min(customer, assistant), Math.max(customer, assistant) - PATIENCE_SAMPLES)
    while (this.#given + FRAME_SAMPLES <= due) this.#giveFrame()
  }

  #giveFrame(): void {
    const values = 2 * FRAME_SAMPLES
    const bytes = new Uint8Array(2 * values)
    const view = new DataView(bytes.buffer)
    for (let index = 0; index < values; index++) view.setInt16(2 * index, this.#window[index] ?? 0, true)
    this.#shift(FRAME_SAMPLES)
    this.#give(bytes)
  }

  #skipTo(sample: number): void {
    this.#shift(sample - (sample % FRAME_SAMPLES) - this.#given)
  }

  #shift(samples: number): void {
    this.#window.copyWithin(0, 2 * samples)
    this.#window.fill(0, Math.max(0, this.#window.length - 2 * samples))
    this.#given += samples
  }
}
