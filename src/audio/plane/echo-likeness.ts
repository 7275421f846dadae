import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { levelDb } from '../level.ts'

const FRAME_MS = 20
const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** Sound is remembered for this long, in frames: 30 s. */
const KEPT_FRAMES = 1500
/** As much of a longer stretch is compared: its last 10 s. */
const COMPARED_FRAMES = 500
/** Less sound than 0.4 s says nothing. */
const MINIMUM_FRAMES = 20
/** The microphone hears the speaker by so many frames later than it was told, or (devices that confirm late) earlier. */
const EARLIEST = -15
const LATEST = 25
/** Levels under this count as silence, in dB of full scale. */
const FLOOR_DB = -60
/** How far a side's own count is from the clock is the least of what so many pieces of it show. */
const OFFSETS = 100

/** Compares how loud the two sides of a call were, to find the assistant's own voice in the customer's microphone. */
export interface EchoLikeness {
  /** Takes what counts of the microphone, in order, as it comes. */
  customer(samples: Int16Array, audioMs: number): void
  /** Takes what the device has played, in order, as it is confirmed; `atMs` by the count of its samples. */
  assistant(samples: Int16Array, atMs: number): void
  /** How alike they were in a stretch of the customer's sound, from -1 to 1, at the best delay; null where there is too little of it. */
  between(fromMs: number, toMs: number): number | null
}

/**
 * Speech rises and falls several times a second: an echo does so with its source, another person does not. Both sides are put on the
 * clock by when they come: a device that lost sound, or stood still, counts too little. `now`: milliseconds of the call.
 */
export function createEchoLikeness(now: () => number): EchoLikeness {
  const customers: { audioMs: number; slot: number; db: number }[] = []
  const assistants = new Map<number, number>()
  const slotOf = { customer: onClock(now), assistant: onClock(now) }
  return {
    customer(samples, audioMs) {
      const slot = slotOf.customer(audioMs, samples.length)
      customers.push({ audioMs, slot, db: Math.max(FLOOR_DB, levelDb(samples)) })
      if (customers.length > 2 * KEPT_FRAMES) customers.splice(0, KEPT_FRAMES)
    },
    assistant(samples, atMs) {
      // A long piece is one that was told late.
      for (let from = 0; from < samples.length; from += FRAME_MS * SAMPLES_PER_MS) {
        const piece = samples.subarray(from, from + FRAME_MS * SAMPLES_PER_MS)
        const rest = samples.length - from
        const slot = slotOf.assistant(atMs + from / SAMPLES_PER_MS, rest)
        assistants.set(slot, Math.max(assistants.get(slot) ?? FLOOR_DB, levelDb(piece)))
        assistants.delete(slot - 2 * KEPT_FRAMES)
      }
    },
    between(fromMs, toMs) {
      const stretch = customers
        .filter(({ audioMs }) => audioMs + FRAME_MS > fromMs && audioMs < toMs)
        .slice(-COMPARED_FRAMES)
      if (stretch.length < MINIMUM_FRAMES) return null
      const heard = stretch.map(({ db }) => db)
      let best = -1
      for (let delay = EARLIEST; delay <= LATEST; delay++) {
        const said = stretch.map(({ slot }) => assistants.get(slot - delay) ?? FLOOR_DB)
        best = Math.max(best, correlation(heard, said))
      }
      return best
    },
  }
}

/** The frame of the clock for a piece of sound that ends now, or would if nothing were late. */
function onClock(now: () => number): (atMs: number, samples: number) => number {
  const offsets: number[] = []
  return (atMs, samples) => {
    offsets.push(now() - (atMs + samples / SAMPLES_PER_MS))
    if (offsets.length > OFFSETS) offsets.shift()
    return Math.round((atMs + Math.min(...offsets)) / FRAME_MS)
  }
}

/** Pearson's; 0 where one of the two never changes. */
function correlation(first: readonly number[], second: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [middle, other] = [mean(first), mean(second)]
  let both = 0
  let one = 0
  let two = 0
  for (const [place, value] of first.entries()) {
    const [a, b] = [value - middle, (second[place] ?? 0) - other]
    both += a * b
    one += a * a
    two += b * b
  }
  return one === 0 || two === 0 ? 0 : both / Math.sqrt(one * two)
}
