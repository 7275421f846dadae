import { type AudioFrame, SAMPLE_RATE } from '../../engine/ports/audio-input.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** Within an utterance the microphone opens only in pauses that are longer: the next words may already be on their way. */
export const PAUSE_MS = 600
/** What a device may still play after a drop, in milliseconds. */
const DROP_MS = 50
/** Sound under this level is not heard in a room: -54 dBFS. */
const AUDIBLE = 66
/** Intervals are kept so long for frames that come late, in milliseconds. */
const KEPT_MS = 5000

/** What happens to the assistant's speech on its way to the ear. Totals are samples since the device was opened. */
export type EchoEvent =
  /** So many samples are handed to the device; the last audible one of them ends at `audible` (0: none is). */
  | { type: 'queued'; samples: number; audible: number }
  | { type: 'played'; total: number }
  | { type: 'dropped'; total: number }
  /** An utterance is being said of which audible sound may still come, or none is. */
  | { type: 'speaking'; on: boolean }

/** When the microphone hears the assistant; plain JSON. */
export interface EchoState {
  /** The microphone rests so much longer: for the room, and for what the speaker still holds. */
  tailMs: number
  queued: number
  played: number
  /** The sample after the last audible one that was queued. */
  audibleEnd: number
  speaking: boolean
  /** When the last audible sample had left the device. */
  quietFromMs: number
  /** When the microphone is closed, in milliseconds of the call; `toMs` null: until further notice. */
  closed: readonly { fromMs: number; toMs: number | null }[]
}

export function initialEcho(tailMs: number): EchoState {
  return { tailMs, queued: 0, played: 0, audibleEnd: 0, speaking: false, quietFromMs: 0, closed: [] }
}

/**
 * The microphone closes when audible speech goes to the device, which is before it can be heard, and opens a tail after its
 * last audible sample was played. Pure.
 */
export function followEcho(state: EchoState, event: EchoEvent, atMs: number): EchoState {
  switch (event.type) {
    case 'queued': {
      const queued = state.queued + event.samples
      if (event.audible === 0) return { ...state, queued }
      return {
        ...state,
        queued,
        audibleEnd: state.queued + event.audible,
        closed: closeFrom(state.closed, atMs),
      }
    }
    case 'played': {
      const next = { ...state, played: event.total }
      const isOpen = state.closed.at(-1)?.toMs !== null
      if (isOpen || event.total < state.audibleEnd) return next
      const quietFromMs = atMs - (event.total - state.audibleEnd) / SAMPLES_PER_MS
      return opened({ ...next, quietFromMs }, quietFromMs)
    }
    case 'dropped': {
      const next = { ...state, queued: event.total, played: event.total, audibleEnd: event.total }
      if (state.closed.at(-1)?.toMs !== null) return next
      const quietFromMs = atMs + DROP_MS
      return opened({ ...next, quietFromMs }, quietFromMs)
    }
    case 'speaking': {
      if (event.on === state.speaking) return state
      const next = { ...state, speaking: event.on }
      const last = state.closed.at(-1)
      // The pause was the end: it need not be waited for.
      return !event.on && last !== undefined && last.toMs !== null && last.toMs > atMs
        ? opened(next, state.quietFromMs)
        : next
    }
  }
}

function closeFrom(closed: EchoState['closed'], atMs: number): EchoState['closed'] {
  const last = closed.at(-1)
  if (last !== undefined && (last.toMs === null || last.toMs >= atMs))
    return [...closed.slice(0, -1), { fromMs: last.fromMs, toMs: null }]
  const kept = closed.filter(({ toMs }) => toMs === null || toMs > atMs - KEPT_MS)
  return [...kept, { fromMs: atMs, toMs: null }]
}

function opened(state: EchoState, quietFromMs: number): EchoState {
  const last = state.closed.at(-1)
  if (last === undefined) return state
  const toMs = quietFromMs + (state.speaking ? Math.max(PAUSE_MS, state.tailMs) : state.tailMs)
  return { ...state, closed: [...state.closed.slice(0, -1), { fromMs: last.fromMs, toMs }] }
}

/** The frame as detection and recognition get it: silent where the microphone was closed. The given one stays as it is. */
export function guardFrame({ closed }: EchoState, frame: AudioFrame): AudioFrame {
  let samples: Int16Array | null = null
  for (const { fromMs, toMs } of closed) {
    const from = Math.max(0, Math.ceil((fromMs - frame.audioMs) * SAMPLES_PER_MS))
    const until = toMs === null ? frame.samples.length : Math.ceil((toMs - frame.audioMs) * SAMPLES_PER_MS)
    if (from >= frame.samples.length || until <= from) continue
    samples ??= frame.samples.slice()
    samples.fill(0, from, Math.min(until, samples.length))
  }
  return samples === null ? frame : { ...frame, samples }
}

/** Takes what playback tells, and guards the customer's frames. */
export interface EchoGuard {
  /** Speech without its background, as it goes to the device. */
  queued(speech: Int16Array): void
  tell(event: Exclude<EchoEvent, { type: 'queued' }>): void
  apply(frame: AudioFrame): AudioFrame
}

/** `now`: milliseconds of the call. */
export function createEchoGuard(now: () => number, tailMs: number): EchoGuard {
  let state = initialEcho(tailMs)
  const take = (event: EchoEvent) => {
    state = followEcho(state, event, now())
  }
  return {
    queued: speech => take({ type: 'queued', samples: speech.length, audible: audibleEnd(speech) }),
    tell: take,
    apply: frame => guardFrame(state, frame),
  }
}

/** The place after the last audible sample; 0 where none is. */
export function audibleEnd(samples: Int16Array): number {
  for (let place = samples.length; place > 0; place--)
    if (Math.abs(samples[place - 1] ?? 0) > AUDIBLE) return place
  return 0
}
