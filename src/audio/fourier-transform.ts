/** A transform of real samples with its own work space. `size` is a power of two. */
export interface FourierTransform {
  /** Bins from 0 Hz to half the sample rate: size / 2 + 1. */
  readonly bins: number
  /** Parts of the spectrum; of bins beyond `bins` only the mirrored ones are there. Valid until the next call. */
  readonly real: Float64Array
  readonly imaginary: Float64Array
  /** Transforms samples into `real` and `imaginary`. */
  forward(samples: Float64Array): void
  /** Makes samples of the first `bins` bins, real parts of the inverse, scaled so that it undoes `forward`. */
  inverse(samples: Float64Array): void
}

/** A radix-2 transform, decimated in time. */
export function createFourierTransform(size: number): FourierTransform {
  const bins = size / 2 + 1
  const bits = Math.log2(size)
  const cosines = Float64Array.from({ length: size / 2 }, (_, index) =>
    Math.cos((2 * Math.PI * index) / size),
  )
  const sines = Float64Array.from({ length: size / 2 }, (_, index) => -Math.sin((2 * Math.PI * index) / size))
  const reversed = Uint16Array.from({ length: size }, (_, index) => reverseBits(index, bits))
  const real = new Float64Array(size)
  const imaginary = new Float64Array(size)
  const spectrumReal = new Float64Array(size)
  const spectrumImaginary = new Float64Array(size)

  function turn(): void {
    for (let half = 1; half < size; half *= 2) {
      const step = size / (2 * half)
      for (let block = 0; block < size; block += 2 * half) {
        for (let k = 0; k < half; k++) {
          const upper = block + k
          const lower = upper + half
          const cosine = cosines[k * step]
          const sine = sines[k * step]
          const turnedReal = real[lower] * cosine - imaginary[lower] * sine
          const turnedImaginary = real[lower] * sine + imaginary[lower] * cosine
          real[lower] = real[upper] - turnedReal
          imaginary[lower] = imaginary[upper] - turnedImaginary
          real[upper] += turnedReal
          imaginary[upper] += turnedImaginary
        }
      }
    }
  }

  return {
    bins,
    real,
    imaginary,
    forward(samples) {
      for (let index = 0; index < size; index++) real[index] = samples[reversed[index]]
      imaginary.fill(0)
      turn()
    },
    inverse(samples) {
      // The inverse of a spectrum is the conjugate of the transform of its conjugate; the result is real.
      for (let bin = 0; bin < bins; bin++) {
        spectrumReal[bin] = real[bin]
        spectrumImaginary[bin] = -imaginary[bin]
      }
      for (let bin = bins; bin < size; bin++) {
        spectrumReal[bin] = real[size - bin]
        spectrumImaginary[bin] = imaginary[size - bin]
      }
      for (let index = 0; index < size; index++) {
        real[index] = spectrumReal[reversed[index]]
        imaginary[index] = spectrumImaginary[reversed[index]]
      }
      turn()
      for (let index = 0; index < size; index++) samples[index] = real[index] / size
    },
  }
}

function reverseBits(index: number, bits: number): number {
  let result = 0
  for (let bit = 0; bit < bits; bit++) if (index & (1 << bit)) result |= 1 << (bits - 1 - bit)
  return result
}
