/**
 * One answer of a realtime session: words and sound that come side by side, the words first. The engine asks for the sound of
 * stretches of the words; where one ends in the sound is judged by their letters, so that a boundary may be some words off. No
 * sound is lost or said twice: a stretch begins where the one before it ended, and the last one takes all that is left.
 */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { VoicePiece } from '../../engine/ports/voice.ts'
import { createSignal } from './signal.ts'
import { plain } from './words.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
/** No stretch is without any sound: so much silence stands for one whose sound went with its neighbours, in milliseconds. */
const SHORTEST_MS = 20
/** Sound is passed on in pieces of at most this length, in milliseconds. */
const PIECE_MS = 200

/** A message of the conversation that an answer consists of; most have one. */
export interface SpokenItem {
  id: string
  text: string
  /** Place of its first sample in the answer's sound, and its length. */
  fromSample: number
  samples: number
}

export interface Answer {
  readonly items: readonly SpokenItem[]
  /** All that is to come has come. */
  readonly isOver: boolean
  /** Everything of it was given to the engine. */
  readonly isTaken: boolean
  readonly receivedMs: number
  addItem(id: string): void
  addText(id: string, delta: string): void
  /** Sound at the rate of the call. */
  addSound(id: string, samples: Int16Array): void
  /** Nothing more comes; `error` where that is against its will. */
  end(error?: Error): void
  /** These words are the next that have not been asked for. */
  fits(text: string): boolean
  /**
   * The sound of these words, or (null) of all that is left, as it comes. Throws what the answer ended with, if nothing of the
   * stretch was there.
   */
  stretch(text: string | null, signal: AbortSignal): AsyncGenerator<VoicePiece & { startMs: number }>
  /** Nobody asks for the rest of it any more. */
  drop(): void
}

export interface Pace {
  /** Letters and digits in a second of speech. */
  lettersPerSecond: number
}

/** `pace` is what is known of the voice; it is corrected by this answer. */
export function createAnswer(pace: Pace): Answer {
  const items: SpokenItem[] = []
  /** What was not given yet. */
  const sound: Int16Array[] = []
  const change = createSignal()
  let words = ''
  let received = 0
  let isOver = false
  let isDropped = false
  let failure: Error | null = null
  /** Letters that were asked for, and samples that were given. */
  let asked = 0
  let given = 0

  function itemOf(id: string): SpokenItem {
    const found = items.find(item => item.id === id)
    if (found !== undefined) return found
    const item: SpokenItem = { id, text: '', fromSample: received, samples: 0 }
    items.push(item)
    return item
  }

  /** Where these letters end in the sound, as far as can be known now. */
  function endOf(letters: number, fromLetters: number, fromSample: number): number {
    if (isOver && letters >= words.length) return received
    // Where it broke off, the sound of its last words may be missing.
    if (isOver && failure === null) return Math.round((received * letters) / words.length)
    return Math.round(fromSample + ((letters - fromLetters) / pace.lettersPerSecond) * SAMPLE_RATE)
  }

  function take(count: number): Int16Array {
    given += count
    const samples = new Int16Array(count)
    for (let filled = 0, piece = sound.shift(); piece !== undefined; piece = sound.shift()) {
      const part = piece.subarray(0, count - filled)
      samples.set(part, filled)
      filled += part.length
      if (part.length < piece.length) sound.unshift(piece.subarray(part.length))
      if (filled === count) break
    }
    return samples
  }

  return {
    items,
    get isOver() {
      return isOver
    },
    get isTaken() {
      return isDropped || (isOver && asked >= words.length)
    },
    get receivedMs() {
      return received / SAMPLES_PER_MS
    },
    addItem: id => void itemOf(id),
    addText(id, delta) {
      itemOf(id).text += delta
      words += plain(delta)
      change.tell()
    },
    addSound(id, samples) {
      itemOf(id).samples += samples.length
      sound.push(samples)
      received += samples.length
      change.tell()
    },
    end(error) {
      if (isOver) return
      isOver = true
      failure = error ?? null
      // Enough to know how fast the voice speaks.
      if (error === undefined && words.length > 20 && received > SAMPLE_RATE)
        pace.lettersPerSecond = (words.length * SAMPLE_RATE) / received
      change.tell()
    },
    fits(text) {
      const wanted = plain(text)
      return !isDropped && wanted !== '' && words.startsWith(wanted, asked)
    },
    async *stretch(text, signal) {
      const fromLetters = asked
      const fromSample = given
      const untilLetters = text === null ? Number.POSITIVE_INFINITY : fromLetters + plain(text).length
      asked = untilLetters
      while (!signal.aborted) {
        const isLast = isOver && untilLetters >= words.length
        const end = Math.max(
          endOf(untilLetters, fromLetters, fromSample),
          fromSample + SHORTEST_MS * SAMPLES_PER_MS,
        )
        const count = Math.min(received - given, (isLast ? received : end) - given, PIECE_MS * SAMPLES_PER_MS)
        if (count > 0) {
          const startMs = given / SAMPLES_PER_MS
          yield { audio: { type: 'pcm', samples: take(count), sampleRate: SAMPLE_RATE }, startMs }
          continue
        }
        if (given >= end || isOver || isDropped) break
        await change.next(signal)
      }
      if (signal.aborted || given > fromSample) return
      if (failure !== null) throw failure
      const samples = new Int16Array(SHORTEST_MS * SAMPLES_PER_MS)
      yield { audio: { type: 'pcm', samples, sampleRate: SAMPLE_RATE }, startMs: given / SAMPLES_PER_MS }
    },
    drop() {
      isDropped = true
      change.tell()
    },
  }
}
