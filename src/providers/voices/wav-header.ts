/** The header of a WAV file at the start of sound that comes piece by piece. */

export interface WavHeader {
  /** Where the samples begin, in bytes. */
  dataAt: number
  sampleRate: number
  channels: number
  /** False for anything but 16-bit integers. */
  is16Bit: boolean
}

/** Where no samples have come so far, it is no sound. */
const LONGEST = 4096
const PCM = 1
const EXTENSIBLE = 0xfffe

/** Reads the header; `more` where it is not whole yet, null where the bytes are no WAV file. */
export function readWavHeader(bytes: Uint8Array): WavHeader | 'more' | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const start = head.toString('latin1', 0, 4)
  if (start !== 'RIFF'.slice(0, start.length) || start === '') return start === '' ? 'more' : null
  let format: Omit<WavHeader, 'dataAt'> | null = null
  for (let at = 12; at + 8 <= head.length; ) {
    const id = head.toString('latin1', at, at + 4)
    const size = head.readUInt32LE(at + 4)
    if (id === 'data') return format === null ? null : { ...format, dataAt: at + 8 }
    if (id === 'fmt ') {
      if (at + 24 > head.length) return 'more'
      const tag = head.readUInt16LE(at + 8)
      format = {
        channels: head.readUInt16LE(at + 10),
        sampleRate: head.readUInt32LE(at + 12),
        is16Bit: (tag === PCM || tag === EXTENSIBLE) && head.readUInt16LE(at + 22) === 16,
      }
    }
    at += 8 + size + (size % 2)
  }
  return head.length > LONGEST ? null : 'more'
}
