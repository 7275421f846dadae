/**
 * Words that are written into the samples, so that a local server can tell exactly which it was sent: the loud part of a
 * word begins with a mark and its letters. And ears for real sound, which know beforehand what will be said.
 */
import { SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'

export interface HeardWord {
  text: string
  startMs: number
  endMs: number
}

/** What a recogniser hears in 16 kHz 16-bit sound. */
export interface Ears {
  /** Words that have ended. */
  readonly words: readonly HeardWord[]
  /** Stretches of sound whose beginning was not sent. */
  readonly fragments: number
  readonly heardMs: number
  /** Since the last sound. */
  readonly silenceMs: number
  /** Where a word began that has not ended; null where none is under way. Absent: it is not known. */
  readonly openMs?: number | null
  listen(bytes: Uint8Array): void
}

const MARK = 32_001
const LOUD = 6000

/** Words of 200 ms with pauses of 60 ms, as samples. Text in brackets is silence of so many milliseconds: `hello [500] world`. */
export function sayWords(text: string): Int16Array {
  const samples: number[] = []
  const silence = (ms: number) => {
    for (let count = ms * 16; count > 0; count--) samples.push(0)
  }
  for (const word of text.split(/\s+/).filter(part => part !== '')) {
    const pause = /^\[(\d+)\]$/.exec(word)
    if (pause !== null) {
      silence(Number(pause[1]))
      continue
    }
    const letters = [...word].map(letter => letter.charCodeAt(0))
    const loud = Array.from({ length: 200 * 16 }, (_, place) => (place % 2 === 0 ? LOUD : -LOUD))
    loud.splice(0, letters.length + 2, MARK, letters.length, ...letters)
    samples.push(...loud)
    silence(60)
  }
  return Int16Array.from(samples)
}

/** Hears what `sayWords` says. */
export function createWordEars(): Ears {
  const words: HeardWord[] = []
  let fragments = 0
  let heard = 0
  let lastLoud = Number.NEGATIVE_INFINITY
  let word: { from: number; left: number; text: string; letters: number } | null = null
  let inFragment = false
  const ms = (samples: number) => (samples / SAMPLE_RATE) * 1000

  function take(sample: number): void {
    heard++
    if (sample !== 0) lastLoud = heard
    if (word === null && sample === MARK) {
      word = { from: heard - 1, left: -1, text: '', letters: -1 }
      inFragment = false
    } else if (word !== null && word.letters < 0) word.letters = word.left = sample
    else if (word !== null && word.left > 0) {
      word.text += String.fromCharCode(sample)
      word.left--
    } else if (word !== null && heard - word.from >= 200 * 16) {
      words.push({ text: word.text, startMs: ms(word.from), endMs: ms(heard) })
      word = null
    } else if (word === null && sample !== 0 && !inFragment) {
      inFragment = true
      fragments++
    }
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
      return ms(heard - lastLoud)
    },
    listen(bytes) {
      for (const sample of samplesOf(bytes)) take(sample)
    },
  }
}

/**
 * Hears that something is said, and takes it for the next of these texts: a word each quarter second of loud sound, the
 * rest of them after 400 ms of silence.
 */
export function createKnowingEars(texts: readonly string[]): Ears {
  const words: HeardWord[] = []
  const left = texts.map(text => text.split(' '))
  let place = -1
  let heard = 0
  let loudMs = 0
  let lastLoudMs = Number.NEGATIVE_INFINITY
  const heardMs = () => (heard / SAMPLE_RATE) * 1000

  function hearWord(): void {
    const text = left[place]?.shift()
    if (text !== undefined) words.push({ text, startMs: lastLoudMs - 200, endMs: lastLoudMs })
  }

  function hear(frame: Int16Array): void {
    heard += frame.length
    const level = Math.sqrt(frame.reduce((sum, sample) => sum + sample ** 2, 0) / frame.length)
    if (level > 300) {
      if (heardMs() - lastLoudMs > 400) {
        place++
        loudMs = 0
      }
      lastLoudMs = heardMs()
      loudMs += 20
      if (loudMs % 240 === 0) hearWord()
    } else if (heardMs() - lastLoudMs > 400) while ((left[place]?.length ?? 0) > 0) hearWord()
  }

  return {
    words,
    fragments: 0,
    get heardMs() {
      return heardMs()
    },
    get silenceMs() {
      return heardMs() - lastLoudMs
    },
    listen(bytes) {
      const samples = samplesOf(bytes)
      for (let from = 0; from < samples.length; from += 320) hear(samples.subarray(from, from + 320))
    },
  }
}

function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(bytes).buffer)
}
