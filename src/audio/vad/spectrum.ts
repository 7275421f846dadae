/** Samples of one spectrum. */
const SIZE = 256
/** Magnitudes of one spectrum, from 0 Hz to half the sample rate. */
export const SPECTRUM_BINS = SIZE / 2 + 1

/** Writes the magnitudes of the Hann-windowed Fourier transform of 256 samples from `from` on into `output` at `to`. */
export type MagnitudeSpectrum = (
  samples: Float32Array,
  from: number,
  output: Float32Array,
  to: number,
) => void

/** Makes a transform with its own work space: a radix-2 transform, decimated in time. */
export function createMagnitudeSpectrum(): MagnitudeSpectrum {
  const window = Float64Array.from(
    { length: SIZE },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / SIZE),
  )
  const cosines = Float64Array.from({ length: SIZE / 2 }, (_, index) =>
    Math.cos((2 * Math.PI * index) / SIZE),
  )
  const sines = Float64Array.from({ length: SIZE / 2 }, (_, index) => -Math.sin((2 * Math.PI * index) / SIZE))
  const reversed = Uint8Array.from({ length: SIZE }, (_, index) => reverseBits(index))
  const real = new Float64Array(SIZE)
  const imaginary = new Float64Array(SIZE)

  return (samples, from, output, to) => {
    for (let index = 0; index < SIZE; index++) {
      const source = reversed[index]
      real[index] = samples[from + source] * window[source]
    }
    imaginary.fill(0)
    for (let half = 1; half < SIZE; half *= 2) {
      const turn = SIZE / (2 * half)
      for (let block = 0; block < SIZE; block += 2 * half) {
        for (let k = 0; k < half; k++) {
          const upper = block + k
          const lower = upper + half
          const cosine = cosines[k * turn]
          const sine = sines[k * turn]
          const turnedReal = real[lower] * cosine - imaginary[lower] * sine
          const turnedImaginary = real[lower] * sine + imaginary[lower] * cosine
          real[lower] = real[upper] - turnedReal
          imaginary[lower] = imaginary[upper] - turnedImaginary
          real[upper] = real[upper] + turnedReal
          imaginary[upper] = imaginary[upper] + turnedImaginary
        }
      }
    }
    for (let bin = 0; bin < SPECTRUM_BINS; bin++) {
      output[to + bin] = Math.sqrt(real[bin] ** 2 + imaginary[bin] ** 2)
    }
  }
}

function reverseBits(index: number): number {
  let reversed = 0
  for (let bit = 0; bit < 8; bit++) if (index & (1 << bit)) reversed |= 128 >> bit
  return reversed
}
