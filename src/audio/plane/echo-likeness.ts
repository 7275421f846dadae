import { levelDb } from '../level.ts'

const FRAME_MS = 20
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

/** Compares how loud the two sides of a call were, to find the assistant's own voice in the customer's microphone. */
export interface EchoLikeness {
  /** Takes both sides of the 20 ms from a moment of the call on, in order. */
  take(audioMs: number, customer: Int16Array, assistant: Int16Array): void
  /** How alike they were in that stretch, from -1 to 1, at the best delay; null where there is too little of it. */
  between(fromMs: number, toMs: number): number | null
}

/** Speech rises and falls several times a second: an echo does so with its source, another person does not. */
export function createEchoLikeness(): EchoLikeness {
  const customers: number[] = []
  const assistants: number[] = []
  let beganMs: number | null = null
  return {
    take(audioMs, customer, assistant) {
      beganMs ??= audioMs
      const missing = Math.round((audioMs - beganMs) / FRAME_MS) - customers.length
      for (let frame = 0; frame < Math.min(missing, KEPT_FRAMES); frame++) {
        customers.push(FLOOR_DB)
        assistants.push(FLOOR_DB)
      }
      if (missing > KEPT_FRAMES) beganMs = audioMs - customers.length * FRAME_MS
      customers.push(Math.max(FLOOR_DB, levelDb(customer)))
      assistants.push(Math.max(FLOOR_DB, levelDb(assistant)))
      const surplus = customers.length - KEPT_FRAMES
      if (surplus < KEPT_FRAMES) return
      customers.splice(0, surplus)
      assistants.splice(0, surplus)
      beganMs += surplus * FRAME_MS
    },
    between(fromMs, toMs) {
      if (beganMs === null) return null
      const to = Math.min(customers.length, Math.ceil((toMs - beganMs) / FRAME_MS))
      const from = Math.max(0, to - COMPARED_FRAMES, Math.floor((fromMs - beganMs) / FRAME_MS))
      if (to - from < MINIMUM_FRAMES) return null
      const heard = customers.slice(from, to)
      let best = -1
      for (let delay = EARLIEST; delay <= LATEST; delay++) {
        const said = heard.map((_, place) => assistants[from + place - delay] ?? FLOOR_DB)
        best = Math.max(best, correlation(heard, said))
      }
      return best
    },
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
