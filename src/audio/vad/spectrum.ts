import { createFourierTransform } from '../fourier-transform.ts'

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

/** Makes a transform with its own work space. */
export function createMagnitudeSpectrum(): MagnitudeSpectrum {
  const { real, imaginary, forward } = createFourierTransform(SIZE)
  const window = Float64Array.from(
    { length: SIZE },
    (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / SIZE),
  )
  const windowed = new Float64Array(SIZE)

  return (samples, from, output, to) => {
    for (let index = 0; index < SIZE; index++) windowed[index] = samples[from + index] * window[index]
    forward(windowed)
    for (let bin = 0; bin < SPECTRUM_BINS; bin++) {
      output[to + bin] = Math.sqrt(real[bin] ** 2 + imaginary[bin] ** 2)
    }
  }
}
