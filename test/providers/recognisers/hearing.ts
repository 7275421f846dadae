import { readFileSync } from 'node:fs'
import { createVoiceActivityDetector } from '../../../src/audio/vad/detector.ts'
import { loadSileroWeights } from '../../../src/audio/vad/silero-weights.ts'
import { FRAME_SAMPLES, SAMPLE_RATE } from '../../../src/engine/ports/audio-input.ts'
import type { Transcriber, Transcript } from '../../../src/engine/ports/transcriber.ts'
import { packageFile } from '../../../src/package-root.ts'
import type { FliteEngine } from '../../../src/providers/embedded/flite-engine.ts'

/** Sound with the utterances said in it, and when their words end, in milliseconds. */
export interface Speech {
  samples: Int16Array
  utterances: { text: string; endMs: number }[]
}

/** Says sentences with the embedded voice, a second of faint noise before, between and after them. */
export async function sayAll(engine: FliteEngine, sentences: readonly string[]): Promise<Speech> {
  const voice = engine.voice({ voice: 'rms' })
  const sound: number[] = []
  const utterances: Speech['utterances'] = []
  const pause = () => sound.push(...faintNoise(SAMPLE_RATE))
  pause()
  for (const text of sentences) {
    for await (const { audio } of voice.speak({ text, settings: {} }, new AbortController().signal)) {
      if (audio.type === 'pcm') sound.push(...audio.samples)
    }
    const lastLoud = sound.findLastIndex(sample => Math.abs(sample) > 300)
    utterances.push({ text, endMs: (lastLoud / SAMPLE_RATE) * 1000 })
    pause()
  }
  return { samples: Int16Array.from(sound), utterances }
}

/** The same noise at every call, about -60 dBFS. */
export function faintNoise(length: number): Int16Array {
  let seed = 1
  return new Int16Array(length).map(() => {
    seed = (seed * 16_807) % 2_147_483_647
    return (seed % 101) - 50
  })
}

/** Gives a transcriber sound faster than it would be heard, with the edges that voice activity detection finds. */
export function hear(transcriber: Transcriber, samples: Int16Array): void {
  const weights = loadSileroWeights(readFileSync(packageFile('dist', 'data', 'silero-v6.bin')))
  const detector = createVoiceActivityDetector(weights)
  for (let from = 0; from + FRAME_SAMPLES <= samples.length; from += FRAME_SAMPLES) {
    const frame = { samples: samples.slice(from, from + FRAME_SAMPLES), audioMs: (from / SAMPLE_RATE) * 1000 }
    transcriber.push(frame)
    for (const { type, audioMs } of detector.process(frame)) transcriber.speech(type, audioMs)
  }
}

/** Collects what a transcriber says. */
export class Notes {
  readonly transcripts: Transcript[] = []
  readonly failures: Error[] = []
  #waiting: (() => void)[] = []

  transcript(transcript: Transcript): void {
    this.transcripts.push(transcript)
    this.#wake()
  }

  failed(error: Error): void {
    this.failures.push(error)
    this.#wake()
  }

  finals(): Transcript[] {
    return this.transcripts.filter(({ transcriptType }) => transcriptType === 'final')
  }

  /** Resolves when `isSo` holds; it is asked after every transcript and failure. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  #wake(): void {
    for (const resume of this.#waiting.splice(0)) resume()
  }
}

/** Words wrong, missing or too many, as a share of the words said. */
export function wordErrorRate(said: string, heard: string): number {
  const [expected, got] = [wordsOf(said), wordsOf(heard)]
  let row = got.map((_, index) => index + 1)
  for (const [index, word] of expected.entries()) {
    let [left, diagonal] = [index + 1, index]
    row = row.map((above, column) => {
      const cost = Math.min(above + 1, left + 1, diagonal + (got[column] === word ? 0 : 1))
      diagonal = above
      left = cost
      return cost
    })
  }
  return (row.at(-1) ?? expected.length) / expected.length
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z']+/g) ?? []
}
