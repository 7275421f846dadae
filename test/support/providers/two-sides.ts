/** Stereo sound as a custom transcriber gets it: the customer left, the assistant right. */

export type Side = 'customer' | 'assistant'
export const SIDES: readonly Side[] = ['customer', 'assistant']

const WINDOW_SAMPLES = 320
/** Louder is speech. */
const SPEECH_LEVEL = 200

/** One side of interleaved 16-bit little-endian samples. */
export function sideOf(bytes: Buffer, side: Side): Int16Array {
  const channel = SIDES.indexOf(side)
  return Int16Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) =>
    bytes.readInt16LE(index * 4 + channel * 2),
  )
}

/** Finds utterances on both sides: sound up to a silence of so many milliseconds. */
export class Utterances {
  readonly #silenceMs: number
  readonly #told: (side: Side, samples: Int16Array, startMs: number) => void
  readonly #open: Record<Side, { samples: number[]; quiet: number; startMs: number } | null> = {
    customer: null,
    assistant: null,
  }
  #rest = Buffer.alloc(0)
  #heard = 0

  constructor(silenceMs: number, told: (side: Side, samples: Int16Array, startMs: number) => void) {
    this.#silenceMs = silenceMs
    this.#told = told
  }

  push(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes])
    for (; this.#rest.length >= WINDOW_SAMPLES * 4; this.#rest = this.#rest.subarray(WINDOW_SAMPLES * 4)) {
      const window = this.#rest.subarray(0, WINDOW_SAMPLES * 4)
      for (const side of SIDES) this.#window(side, sideOf(window, side))
      this.#heard += WINDOW_SAMPLES
    }
  }

  /** Ends what is open. */
  flush(): void {
    for (const side of SIDES) this.#end(side)
  }

  #window(side: Side, samples: Int16Array): void {
    const isLoud = rms(samples) > SPEECH_LEVEL
    if (isLoud) this.#open[side] ??= { samples: [], quiet: 0, startMs: this.#heard / 16 }
    const open = this.#open[side]
    if (open === null) return
    open.samples.push(...samples)
    open.quiet = isLoud ? 0 : open.quiet + WINDOW_SAMPLES
    if (open.quiet / 16 >= this.#silenceMs) this.#end(side)
  }

  #end(side: Side): void {
    const open = this.#open[side]
    this.#open[side] = null
    if (open !== null) this.#told(side, Int16Array.from(open.samples), open.startMs)
  }
}

function rms(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return Math.sqrt(sum / samples.length)
}
