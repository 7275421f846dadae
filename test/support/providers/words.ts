/**
 * Speech for servers that recognise: each word is a tone of a level of its own, so that what a server heard depends on the
 * sound that it got, and a word that was lost or came twice is seen.
 */
import { type AudioFrame, FRAME_SAMPLES, SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'
import type { Transcriber } from '../../../src/engine/ports/transcriber.ts'

/** The words that can be said, by level. */
export const VOCABULARY = [
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
] as const
export type Word = (typeof VOCABULARY)[number]

const LOWEST_LEVEL = 3000
const LEVEL_STEP = 2500
const WORD_MS = 160
const GAP_MS = 80
/** Softer is silence. */
const SILENT_LEVEL = 1500
const FRAME_MS = (FRAME_SAMPLES / SAMPLE_RATE) * 1000

/** Words, and silences in milliseconds between them. */
export type Line = readonly (Word | number)[]

/** The sound of a line, in frames from `startMs` on. */
export function soundOf(line: Line, startMs = 0): AudioFrame[] {
  const pieces = line.map(item =>
    typeof item === 'number'
      ? new Int16Array((item * SAMPLE_RATE) / 1000)
      : Int16Array.from({ length: ((WORD_MS + GAP_MS) * SAMPLE_RATE) / 1000 }, (_, index) =>
          index < (WORD_MS * SAMPLE_RATE) / 1000 ? LOWEST_LEVEL + VOCABULARY.indexOf(item) * LEVEL_STEP : 0,
        ),
  )
  const all = Int16Array.from(pieces.flatMap(piece => [...piece]))
  return Array.from({ length: Math.floor(all.length / FRAME_SAMPLES) }, (_, place) => ({
    samples: all.slice(place * FRAME_SAMPLES, (place + 1) * FRAME_SAMPLES),
    audioMs: startMs + place * FRAME_MS,
  }))
}

/** Says a line to a transcriber, with the edges that voice activity detection would find: 60 ms late and 200 ms late. */
export function say(transcriber: Transcriber, frames: readonly AudioFrame[]): void {
  let speaking = false
  let soft = 0
  let loud = 0
  for (const frame of frames) {
    transcriber.push(frame)
    const isLoud = frame.samples.some(sample => sample > SILENT_LEVEL)
    loud = isLoud ? loud + 1 : 0
    soft = isLoud ? 0 : soft + 1
    if (!speaking && loud === 3) {
      speaking = true
      transcriber.speech('started', frame.audioMs - 2 * FRAME_MS)
    }
    if (speaking && soft === 10) {
      speaking = false
      transcriber.speech('stopped', frame.audioMs - 9 * FRAME_MS)
    }
  }
}

export interface HeardWord {
  word: Word
  startMs: number
  endMs: number
}

export interface RecogniserEvents {
  /** The words of the utterance so far; told at each word. */
  partial?(words: readonly HeardWord[]): void
  /** Silence has ended it. */
  final(words: readonly HeardWord[]): void
}

/** What a server does with sound: words and utterances. */
export interface Recogniser {
  /** Length of the sound so far. */
  readonly heardMs: number
  feed(samples: Int16Array): void
  /** Ends the utterance under way; true where it had words. */
  finalize(): boolean
}

/** An utterance ends with so much silence; 0: with `finalize` alone. */
export function createRecogniser(rate: number, silenceMs: number, events: RecogniserEvents): Recogniser {
  let samples = 0
  let levels: number[] = []
  let startSample = 0
  let lastLoud = 0
  let words: HeardWord[] = []
  const msOf = (sample: number) => (sample / rate) * 1000

  function endWord(): void {
    if (levels.length < rate * 0.05) {
      levels = []
      return
    }
    const level = levels.toSorted((one, other) => one - other)[Math.floor(levels.length / 2)]
    const place = Math.round((level - LOWEST_LEVEL) / LEVEL_STEP)
    const word = VOCABULARY[Math.min(VOCABULARY.length - 1, Math.max(0, place))]
    levels = []
    words.push({ word, startMs: msOf(startSample), endMs: msOf(lastLoud + 1) })
    events.partial?.(words)
  }

  function finalize(): boolean {
    if (levels.length > 0) endWord()
    const said = words
    words = []
    if (said.length > 0) events.final(said)
    return said.length > 0
  }

  return {
    get heardMs() {
      return msOf(samples)
    },
    feed(piece) {
      for (const sample of piece) {
        if (Math.abs(sample) > SILENT_LEVEL) {
          if (levels.length === 0) startSample = samples
          levels.push(sample)
          lastLoud = samples
        } else if (levels.length > 0 && msOf(samples - lastLoud) > 10) endWord()
        else if (words.length > 0 && silenceMs > 0 && msOf(samples - lastLoud) >= silenceMs) finalize()
        samples++
      }
    },
    finalize,
  }
}

export function textOf(words: readonly HeardWord[]): string {
  return words.map(({ word }) => word).join(' ')
}

/** Bytes as samples, whatever their place in memory. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(new Uint8Array(bytes).buffer, 0, Math.floor(bytes.length / 2))
}
