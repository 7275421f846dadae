/** Telephone sound of 8 bits a sample, mu-law of ITU-T G.711, to and from 16-bit samples. */

const BIAS = 132
const CLIP = 32_635

/** One byte a sample. */
export function encodeMulaw(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length)
  for (const [index, sample] of samples.entries()) bytes[index] = encodeSample(sample)
  return bytes
}

export function decodeMulaw(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(bytes.length)
  for (const [index, byte] of bytes.entries()) samples[index] = decodeByte(byte)
  return samples
}

/** A sign, the number of a segment that doubles with each, and four bits of the place in it; all inverted. */
function encodeSample(sample: number): number {
  const magnitude = Math.min(CLIP, Math.abs(sample)) + BIAS
  const segment = 31 - Math.clz32(magnitude) - 7
  const place = (magnitude >> (segment + 3)) & 0x0f
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | place) & 0xff
}

function decodeByte(byte: number): number {
  const code = ~byte & 0xff
  const magnitude = ((((code & 0x0f) << 3) + BIAS) << ((code >> 4) & 7)) - BIAS
  return (code & 0x80) === 0 ? magnitude : -magnitude
}
