/**
 * Words without a meaning, each of which is told from all others: in texts by its letters, in sound by marks at its first and
 * last samples. A word whose beginning or end was not heard is no word.
 */
import { SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'

const CONSONANTS = 'bcdfghjklmnpqrstvwxz'
/** One of them takes two bytes. */
const VOWELS = 'aeioué'
const SYLLABLES = CONSONANTS.length * VOWELS.length
export const WORD_COUNT = SYLLABLES ** 2

/** Louder than any other sample. */
const BEGIN = 32_001
const END = 32_003
const LOUDEST = 20_000

function syllable(number: number): string {
  return `${CONSONANTS[Math.floor(number / VOWELS.length)]}${VOWELS[number % VOWELS.length]}`
}

/** The word of a number under `WORD_COUNT`. */
export function wordOf(number: number): string {
  return syllable(Math.floor(number / SYLLABLES)) + syllable(number % SYLLABLES)
}

function numberOf(word: string): number {
  const part = (from: number) =>
    CONSONANTS.indexOf(word[from] ?? '') * VOWELS.length + VOWELS.indexOf(word[from + 1] ?? '')
  return part(0) * SYLLABLES + part(2)
}

/** The words in a text, in lower case and without their signs. */
export function wordsIn(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\uFFFD]+/gu) ?? []
}

/** The sound of a word: `sound` with the marks in it. */
export function marked(word: string, sound: Int16Array): Int16Array {
  const samples = sound.map(sample => Math.max(-LOUDEST, Math.min(LOUDEST, sample)))
  const number = numberOf(word)
  samples.set([BEGIN, number], 0)
  samples.set([END, number], samples.length - 2)
  return samples
}

export interface MarkedWord {
  text: string
  startMs: number
  endMs: number
}

/** Hears marked words in 16 kHz samples that come in any pieces. */
export interface MarkedEars {
  readonly words: readonly MarkedWord[]
  /** Ends of words whose beginning was not heard. */
  readonly fragments: number
  readonly heardMs: number
  /** Since the last word; none within one. */
  readonly silenceMs: number
  /** Where a word began that has not ended. */
  readonly openMs: number | null
  listen(samples: Int16Array): void
}

export function createMarkedEars(): MarkedEars {
  const words: MarkedWord[] = []
  let fragments = 0
  let heard = 0
  let lastLoud = Number.NEGATIVE_INFINITY
  let sign: 'begin' | 'end' | null = null
  let open: { number: number; from: number } | null = null
  const ms = (count: number) => (count / SAMPLE_RATE) * 1000

  function take(sample: number): void {
    heard++
    if (sign === 'begin') open = { number: sample, from: heard - 2 }
    else if (sign === 'end') {
      if (open?.number === sample) {
        words.push({ text: wordOf(sample), startMs: ms(open.from), endMs: ms(heard) })
        lastLoud = heard
      } else fragments++
      open = null
    }
    if (sign !== null) sign = null
    else if (sample === BEGIN) sign = 'begin'
    else if (sample === END) sign = 'end'
  }

  return {
    words,
    get fragments() {
      return fragments
    },
    get heardMs() {
      return ms(heard)
    },
    get silenceMs() {
      return open === null ? ms(heard - lastLoud) : 0
    },
    get openMs() {
      return open === null ? null : ms(open.from)
    },
    listen(samples) {
      for (const sample of samples) take(sample)
    },
  }
}

/** 16-bit bytes as samples, whatever their place in memory. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 2))
}
