/** Sound that may begin with the header of a WAV file. */
import type { VoicePiece } from '../../engine/ports/voice.ts'
import { type ErrorContext, providerFailure } from '../provider-error.ts'
import { createSampleJoiner, type SoundReader } from './http-voice.ts'
import { readWavHeader, type WavHeader } from './wav-header.ts'

export interface WavReaderOptions {
  /** Of sound without a header. */
  sampleRate: number
  context: ErrorContext
  /** What the user should know of a header; absent where one is awaited. */
  headerWarning?: (header: WavHeader) => string
}

/** What begins files of other kinds. */
const OTHER_KINDS: readonly (readonly [start: string, name: string])[] = [
  ['ID3', 'MP3'],
  ['OggS', 'Ogg'],
  ['fLaC', 'FLAC'],
]

/**
 * Reads bare 16-bit samples, or a WAV file: its header is taken out and its rate counts, further channels are mixed into
 * one. Sound of another kind is an error.
 */
export function createWavReader({ sampleRate, context, headerWarning }: WavReaderOptions): SoundReader {
  const join = createSampleJoiner()
  let held: Buffer | null = Buffer.alloc(0)
  let header: WavHeader | null = null
  let odd: number[] = []

  function samplesOf(bytes: Uint8Array, warning?: string): VoicePiece[] {
    const joined = join(bytes)
    const samples = header === null || header.channels < 2 ? joined : mixed(joined, header.channels)
    if (samples.length === 0 && warning === undefined) return []
    const audio = { type: 'pcm', samples, sampleRate: header?.sampleRate ?? sampleRate } as const
    return [{ audio, ...(warning !== undefined && { warning }) }]
  }

  function mixed(samples: Int16Array, channels: number): Int16Array {
    const all = [...odd, ...samples]
    const frames = Math.floor(all.length / channels)
    odd = all.slice(frames * channels)
    return Int16Array.from({ length: frames }, (_, frame) => {
      const one = all.slice(frame * channels, (frame + 1) * channels)
      return Math.round(one.reduce((sum, sample) => sum + sample, 0) / channels)
    })
  }

  return {
    isRaw: true,
    push(bytes) {
      if (held === null) return samplesOf(bytes)
      held = Buffer.concat([held, bytes])
      const start = held.toString('latin1', 0, 4)
      const other = OTHER_KINDS.find(([beginning]) => start.startsWith(beginning))
      if (other !== undefined)
        throw providerFailure(context, `answered with ${other[1]}; 16-bit samples are needed`)
      const found = readWavHeader(held)
      if (found === 'more') return []
      const whole = held
      held = null
      if (found === null) return samplesOf(whole)
      if (!found.is16Bit || found.channels === 0 || found.sampleRate === 0)
        throw providerFailure(context, 'answered with a WAV file whose samples are not of 16 bits')
      header = found
      return samplesOf(whole.subarray(found.dataAt), headerWarning?.(found))
    },
    // A header that is not whole is no sound.
    end: () => (held === null || held.toString('latin1', 0, 4) === 'RIFF' ? [] : samplesOf(held)),
  }
}
