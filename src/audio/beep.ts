import { SAMPLE_RATE } from '../engine/ports/audio-input.ts'
import { createFourierTransform } from './fourier-transform.ts'
import { levelDb } from './level.ts'

const WINDOW_SAMPLES = 512
const HOP_SAMPLES = 320
const HOP_MS = (HOP_SAMPLES / SAMPLE_RATE) * 1000
const BIN_HZ = SAMPLE_RATE / WINDOW_SAMPLES

/** Where beeps of answering machines lie, in hertz, from 440 on; dial and ringing tones (425 Hz) lie below. */
const LOWEST_HZ = 435
const HIGHEST_HZ = 2200
/** A beep stands on one pitch: from window to window it moves by no more than this, in hertz. */
const STEADY_HZ = 20
/** So much of the energy lies at that pitch. Voices have overtones. */
const PURITY = 0.85
/** Quieter tones are no beeps, in dBFS. */
const QUIETEST_DB = -45
const SHORTEST_MS = 150
/** A longer tone is a line's or a fax machine's. */
const LONGEST_MS = 3000

export interface BeepDetector {
  /** Takes samples as they come; true where a beep has just ended. */
  push(samples: Int16Array): boolean
}

/**
 * Hears the beep after which an answering machine records: a loud pure tone from 440 to 2200 Hz that lasts from 0.15 to
 * 3 s. It is told when it is over. 16 kHz mono.
 */
export function createBeepDetector(): BeepDetector {
  const transform = createFourierTransform(WINDOW_SAMPLES)
  const weights = Float64Array.from(
    { length: WINDOW_SAMPLES },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / (WINDOW_SAMPLES - 1)),
  )
  const window = new Int16Array(WINDOW_SAMPLES)
  const weighted = new Float64Array(WINDOW_SAMPLES)
  let filled = 0
  let pitchHz: number | null = null
  let lastsMs = 0

  /** The pitch of the window where it holds a pure tone, else null. */
  function toneOf(): number | null {
    if (levelDb(window) < QUIETEST_DB) return null
    for (let index = 0; index < WINDOW_SAMPLES; index++)
      weighted[index] = (window[index] ?? 0) * (weights[index] ?? 0)
    transform.forward(weighted)
    const powerAt = (bin: number) => (transform.real[bin] ?? 0) ** 2 + (transform.imaginary[bin] ?? 0) ** 2
    let total = 0
    let peak = 1
    for (let bin = 1; bin < transform.bins; bin++) {
      total += powerAt(bin)
      if (powerAt(bin) > powerAt(peak)) peak = bin
    }
    let near = 0
    let moment = 0
    for (let bin = Math.max(1, peak - 2); bin <= Math.min(transform.bins - 1, peak + 2); bin++) {
      near += powerAt(bin)
      moment += powerAt(bin) * bin
    }
    const hz = (moment / near) * BIN_HZ
    return near / total >= PURITY && hz >= LOWEST_HZ && hz <= HIGHEST_HZ ? hz : null
  }

  function judge(): boolean {
    const hz = toneOf()
    if (hz !== null && (pitchHz === null || Math.abs(hz - pitchHz) <= STEADY_HZ)) {
      pitchHz = hz
      lastsMs += HOP_MS
      return false
    }
    const isBeep = lastsMs >= SHORTEST_MS && lastsMs <= LONGEST_MS
    pitchHz = hz
    lastsMs = hz === null ? 0 : HOP_MS
    return isBeep
  }

  return {
    push(samples) {
      let ended = false
      for (let from = 0; from < samples.length; ) {
        const taken = samples.subarray(from, from + WINDOW_SAMPLES - filled)
        window.set(taken, filled)
        filled += taken.length
        from += taken.length
        if (filled < WINDOW_SAMPLES) break
        if (judge()) ended = true
        window.copyWithin(0, HOP_SAMPLES)
        filled -= HOP_SAMPLES
      }
      return ended
    },
  }
}

/** The beep of a scripted answering machine. */
export function beepSamples(durationMs = 400, hz = 1000): Int16Array {
  const count = Math.round((durationMs / 1000) * SAMPLE_RATE)
  return Int16Array.from({ length: count }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * index) / SAMPLE_RATE)),
  )
}
