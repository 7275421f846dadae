import { invalidWav, otherKind } from './invalid.ts'

/** How the samples of a WAV file are written. */
export interface WavFormat {
  encoding: 'integer' | 'float'
  channels: number
  sampleRate: number
  /** Bytes of one sample: 1 to 4 for integers, 4 or 8 for floats. */
  sampleBytes: number
}

const PCM = 1
const FLOAT = 3
const EXTENSIBLE = 0xfffe
/** The last fourteen bytes of the identifier of every extensible format that stands for a plain format tag. */
const TAG_IDENTIFIER = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]

/** Names of format tags that are met in practice (RFC 2361 and the registry in mmreg.h). */
const TAG_NAMES: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  6: 'A-law',
  7: 'mu-law',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  80: 'MPEG',
  85: 'MP3',
  255: 'AAC',
  353: 'Windows Media Audio',
}

/** Reads the content of a `fmt ` chunk. Throws VapiError `invalid-wav`. */
export function readFormat(chunk: Uint8Array): WavFormat {
  if (chunk.length < 16) throw invalidWav('the header of the WAV file is cut off')
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const tag = formatTag(view)
  const channels = view.getUint16(2, true)
  const sampleRate = view.getUint32(4, true)
  const blockBytes = view.getUint16(12, true)
  const bits = view.getUint16(14, true)
  if (tag !== PCM && tag !== FLOAT) {
    const name = TAG_NAMES[tag] ?? 'unknown'
    throw otherKind(`the WAV file is encoded as ${name} (format tag ${tag}), which is not supported`)
  }
  if (channels === 0 || sampleRate === 0) {
    throw invalidWav(`the WAV file says that it has ${channels} channels at ${sampleRate} Hz`)
  }
  // Samples fill their container from the top (12 bits in 2 bytes), so that the container alone matters.
  const sampleBytes = blockBytes > 0 ? blockBytes / channels : Math.ceil(bits / 8)
  const known = tag === PCM ? [1, 2, 3, 4] : [4, 8]
  if (!known.includes(sampleBytes)) {
    throw otherKind(
      `the WAV file has ${tag === PCM ? 'integer' : 'float'} samples of ${bits} bits in blocks of ${blockBytes} bytes`,
    )
  }
  return { encoding: tag === PCM ? 'integer' : 'float', channels, sampleRate, sampleBytes }
}

/** The format tag; an extensible format carries it at the start of its identifier. */
function formatTag(view: DataView): number {
  const tag = view.getUint16(0, true)
  if (tag !== EXTENSIBLE) return tag
  if (view.byteLength < 40) throw invalidWav('the header of the WAV file is cut off')
  const plain = TAG_IDENTIFIER.every((byte, index) => view.getUint8(26 + index) === byte)
  return plain ? view.getUint16(24, true) : EXTENSIBLE
}
