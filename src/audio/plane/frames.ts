import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Cancel, Clock } from '../../engine/ports/clock.ts'

const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000

/**
 * Gives a frame every 20 ms of the clock, dated from its start, filled by `fill`; without drift, and catching up
 * after a stall. Returns how to stop it.
 */
export function paceFrames(
  clock: Clock,
  fill: (samples: Int16Array) => void,
  give: (frame: AudioFrame) => void,
): Cancel {
  const startMs = clock.now()
  let count = 0
  let cancel: Cancel = () => {}
  let stopped = false
  const tick = () => {
    // A frame is there when its last sample has been heard.
    while (!stopped && startMs + (count + 1) * FRAME_MS <= clock.now()) {
      const samples = new Int16Array(FRAME_SAMPLES)
      fill(samples)
      give({ samples, audioMs: startMs + count * FRAME_MS })
      count++
    }
    if (!stopped) cancel = clock.at(startMs + (count + 1) * FRAME_MS, tick)
  }
  tick()
  return () => {
    stopped = true
    cancel()
  }
}

/** Sound that waits to be heard: appended in pieces, taken in frames. */
export class PcmQueue {
  private readonly pieces: Int16Array[] = []
  private waiting = 0

  get length(): number {
    return this.waiting
  }

  append(samples: Int16Array): void {
    this.pieces.push(samples)
    this.waiting += samples.length
  }

  /** Fills the front of `into` with what is there; gives how many samples that was. */
  take(into: Int16Array): number {
    let filled = 0
    for (let piece = this.pieces[0]; piece !== undefined && filled < into.length; piece = this.pieces[0]) {
      const count = Math.min(piece.length, into.length - filled)
      into.set(piece.subarray(0, count), filled)
      filled += count
      if (count === piece.length) this.pieces.shift()
      else this.pieces[0] = piece.subarray(count)
    }
    this.waiting -= filled
    return filled
  }
}
