/** Samples from -1 to 1 as 16-bit ones, rounded and held at the limits. */
export function toInt16(samples: Float32Array): Int16Array {
  const rounded = new Int16Array(samples.length)
  for (let index = 0; index < samples.length; index++) {
    rounded[index] = Math.max(-32768, Math.min(32767, Math.round(samples[index] * 32768)))
  }
  return rounded
}

/** 16-bit samples as ones from -1 to 1. */
export function toFloat(samples: Int16Array): Float32Array {
  const floats = new Float32Array(samples.length)
  for (let index = 0; index < samples.length; index++) floats[index] = samples[index] / 32768
  return floats
}

/** Pieces of sound as one. */
export function joinSamples(pieces: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}
