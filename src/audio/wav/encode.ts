export interface WavShape {
  /** Hertz. */
  sampleRate: number
  channels: number
}

/** Bytes before the sound in the files written here. */
export const HEADER_BYTES = 44

/** The header of a file of 16-bit PCM with so many bytes of sound; beyond 4 GiB the sizes say "until the end". */
export function wavHeader({ sampleRate, channels }: WavShape, soundBytes: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  const text = (at: number, id: string) => new TextEncoder().encodeInto(id, header.subarray(at))
  const size = (at: number, bytes: number) => view.setUint32(at, Math.min(bytes, 0xffff_ffff), true)
  text(0, 'RIFF')
  size(4, HEADER_BYTES - 8 + soundBytes)
  text(8, 'WAVEfmt ')
  size(16, 16)
  view.setUint16(20, 1, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, sampleRate, true)
  view.setUint32(28, sampleRate * channels * 2, true)
  view.setUint16(32, channels * 2, true)
  view.setUint16(34, 16, true)
  text(36, 'data')
  size(40, soundBytes)
  return header
}

/** Samples as the bytes of a WAV file: little endian on every machine. */
export function soundBytes(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < samples.length; index++) view.setInt16(index * 2, samples[index], true)
  return bytes
}

/** A whole WAV file of 16-bit PCM; samples of several channels are interleaved. */
export function encodeWav(samples: Int16Array, shape: WavShape): Uint8Array {
  const file = new Uint8Array(HEADER_BYTES + samples.length * 2)
  file.set(wavHeader(shape, samples.length * 2))
  file.set(soundBytes(samples), HEADER_BYTES)
  return file
}
