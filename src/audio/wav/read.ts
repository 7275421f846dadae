import { createResampler } from '../resample.ts'
import { toInt16 } from '../samples.ts'
import { readFormat, type WavFormat } from './format.ts'
import { invalidWav, otherFormatOf, otherKind } from './invalid.ts'

/** Sound out of a WAV file. */
export interface WavSound {
  sampleRate: number
  /** One array of equal length for each channel; full scale is 1, floats in the file may go beyond it. */
  channels: Float32Array[]
  durationMs: number
  /** True where the file ends before the sound that it announces: what is there was read. */
  truncated: boolean
}

interface Chunk {
  id: string
  start: number
  /** As the file says; it may reach beyond the end. */
  size: number
}

/** The size that programs write which do not know the length in advance, as for a pipe. */
const UNKNOWN_SIZE = 0xffff_ffff

/**
 * Reads PCM of 8 to 32 bits and floats of 32 or 64, of any rate and number of channels. A data size of 0 or
 * 0xFFFFFFFF means until the end of the file. Values that are no numbers become silence.
 * Throws VapiError `invalid-wav` (exit 2) for anything else; where it is sound of another kind, with the
 * command that converts it.
 */
export function readWav(bytes: Uint8Array): WavSound {
  checkSignature(bytes)
  let format: WavFormat | undefined
  for (const chunk of chunksOf(bytes)) {
    if (chunk.id === 'fmt ') format = readFormat(bytes.subarray(chunk.start, chunk.start + chunk.size))
    if (chunk.id !== 'data') continue
    if (!format) throw invalidWav('the WAV file has no format before its sound')
    return readSound(bytes, chunk, format)
  }
  const announced = uint32(bytes, 4) + 8
  if (!format || announced > bytes.length) throw invalidWav('the header of the WAV file is cut off')
  throw invalidWav('there is no sound in the WAV file')
}

/** The sound as 16 kHz mono of 16 bits: the mean of all channels, resampled. Rates as for `createResampler`. */
export async function toMono16k(sound: WavSound): Promise<Int16Array> {
  const resampler = await createResampler(sound.sampleRate, 16_000)
  const converted = resampler.process(mix(sound.channels))
  const rest = resampler.flushFloat()
  resampler.close()
  const whole = new Float32Array(converted.length + rest.length)
  whole.set(converted)
  whole.set(rest, converted.length)
  return toInt16(whole)
}

function checkSignature(bytes: Uint8Array): void {
  if (bytes.length === 0) throw invalidWav('the file is empty')
  const riff = ['RIFF', 'RF64', 'BW64'].includes(idAt(bytes, 0))
  if (riff && bytes.length < 12) throw invalidWav('the header of the WAV file is cut off')
  if (riff && idAt(bytes, 8) === 'WAVE') return
  const other = otherFormatOf(bytes)
  throw otherKind(
    other === null ? 'the file is not a WAV file' : `the file is not a WAV file, it looks like ${other}`,
  )
}

/** Chunks are padded to an even length. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = uint32(bytes, at + 4)
    yield { id: idAt(bytes, at), start: at + 8, size }
    at += 8 + size + (size % 2)
  }
}

function readSound(bytes: Uint8Array, chunk: Chunk, format: WavFormat): WavSound {
  const rest = bytes.length - chunk.start
  // A file of no sound at all may have notes behind its empty data.
  const notes = chunk.size === 0 && ['LIST', 'id3 '].includes(idAt(bytes, chunk.start))
  const open = (chunk.size === 0 && !notes) || chunk.size === UNKNOWN_SIZE
  const size = open ? rest : Math.min(chunk.size, rest)
  const frames = Math.floor(size / (format.channels * format.sampleBytes))
  if (frames === 0) throw invalidWav('there is no sound in the WAV file')
  return {
    sampleRate: format.sampleRate,
    channels: readChannels(new DataView(bytes.buffer, bytes.byteOffset + chunk.start, size), format, frames),
    durationMs: (frames * 1000) / format.sampleRate,
    truncated: !open && chunk.size > rest,
  }
}

function readChannels(data: DataView, format: WavFormat, frames: number): Float32Array[] {
  const read = sampleReader(data, format)
  const blockBytes = format.channels * format.sampleBytes
  return Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(frames)
    for (let frame = 0; frame < frames; frame++) {
      samples[frame] = read(frame * blockBytes + channel * format.sampleBytes)
    }
    return samples
  })
}

function sampleReader(data: DataView, { encoding, sampleBytes }: WavFormat): (at: number) => number {
  if (encoding === 'float') {
    const read = sampleBytes === 4 ? data.getFloat32.bind(data) : data.getFloat64.bind(data)
    return at => finite(Math.fround(read(at, true)))
  }
  switch (sampleBytes) {
    case 1:
      // 8-bit samples alone are without a sign.
      return at => (data.getUint8(at) - 128) / 128
    case 2:
      return at => data.getInt16(at, true) / 2 ** 15
    case 3:
      return at => ((data.getInt8(at + 2) << 16) | data.getUint16(at, true)) / 2 ** 23
    default:
      return at => data.getInt32(at, true) / 2 ** 31
  }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}

function mix(channels: Float32Array[]): Float32Array {
  const [first, ...others] = channels
  if (others.length === 0) return first
  const mixed = new Float32Array(first.length)
  for (const channel of channels) {
    for (let index = 0; index < mixed.length; index++)
      mixed[index] = mixed[index] + channel[index] / channels.length
  }
  return mixed
}

function idAt(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4))
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
}
