export interface WavParts {
  formatTag?: number
  channels?: number
  sampleRate?: number
  bits?: number
  /** Bytes of one sample of all channels; by default what `bits` and `channels` need. */
  blockBytes?: number
  /** What stands behind the sixteen bytes of the format. */
  formatExtension?: number[]
  data?: Uint8Array
  /** What the data chunk says of its size, if not the truth. */
  dataSize?: number
  chunksBefore?: [id: string, content: Uint8Array][]
  chunksAfter?: [id: string, content: Uint8Array][]
  riff?: string
}

/** A WAV file made of parts, true or not. */
export function makeWav(parts: WavParts): Uint8Array {
  const { channels = 1, sampleRate = 16_000, bits = 16, data = new Uint8Array(0) } = parts
  const blockBytes = parts.blockBytes ?? (channels * bits) / 8
  const format = Buffer.alloc(16)
  format.writeUInt16LE(parts.formatTag ?? 1, 0)
  format.writeUInt16LE(channels, 2)
  format.writeUInt32LE(sampleRate, 4)
  format.writeUInt32LE(sampleRate * blockBytes, 8)
  format.writeUInt16LE(blockBytes, 12)
  format.writeUInt16LE(bits, 14)
  const body = Buffer.concat([
    Buffer.from('WAVE'),
    chunk('fmt ', Buffer.concat([format, Buffer.from(parts.formatExtension ?? [])])),
    ...(parts.chunksBefore ?? []).map(([id, content]) => chunk(id, content)),
    chunk('data', data, parts.dataSize),
    ...(parts.chunksAfter ?? []).map(([id, content]) => chunk(id, content)),
  ])
  return new Uint8Array(chunk(parts.riff ?? 'RIFF', body))
}

/** The extension of WAVE_FORMAT_EXTENSIBLE for a plain format tag. */
export function extensible(formatTag: number, validBits: number): number[] {
  const identifier = [formatTag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71]
  return [22, 0, validBits, 0, 4, 0, 0, 0, ...identifier]
}

function chunk(id: string, content: Uint8Array, size = content.length): Buffer {
  const head = Buffer.alloc(8)
  head.write(id, 'latin1')
  head.writeUInt32LE(size, 4)
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)])
}
