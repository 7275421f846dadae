import { createFourierTransform } from '../../src/audio/fourier-transform.ts'

/** What the measurement needs of a denoiser. */
interface Filter {
  readonly delayMs: number
  process(frame: Int16Array): Int16Array
}

const FRAME = 320
const SIZE = 512

/** A whole sound through a filter, its delay taken out: as long as before, silent at the end. */
export function filterSound(filter: Filter, samples: Int16Array): Int16Array {
  const late = Math.round(filter.delayMs * 16)
  const frames = Math.ceil((samples.length + late) / FRAME)
  const padded = new Int16Array(frames * FRAME)
  padded.set(samples)
  const filtered = new Int16Array(frames * FRAME)
  for (let at = 0; at < padded.length; at += FRAME)
    filtered.set(filter.process(padded.subarray(at, at + FRAME)), at)
  return filtered.slice(late, late + samples.length)
}

/** Mean power of each bin of 31.25 Hz, over stretches of a sound, in dBFS. */
export function binLevels(
  samples: Int16Array,
  stretches: readonly (readonly [from: number, to: number])[],
): Float64Array {
  const transform = createFourierTransform(SIZE)
  const window = Float64Array.from({ length: SIZE }, (_, at) => Math.sin((Math.PI * (at + 0.5)) / SIZE) ** 2)
  const power = new Float64Array(transform.bins)
  const work = new Float64Array(SIZE)
  let count = 0
  for (const [from, to] of stretches) {
    for (let at = from; at + SIZE <= to; at += SIZE / 2) {
      for (let index = 0; index < SIZE; index++) work[index] = (samples[at + index] / 32_768) * window[index]
      transform.forward(work)
      for (let bin = 0; bin < transform.bins; bin++)
        power[bin] += transform.real[bin] ** 2 + transform.imaginary[bin] ** 2
      count++
    }
  }
  const scale = SIZE * window.reduce((sum, value) => sum + value ** 2, 0)
  return power.map(value => 10 * Math.log10((2 * value) / count / scale + 1e-14))
}

/** Mean power over stretches, in dBFS. */
export function levelOf(
  samples: Int16Array,
  stretches: readonly (readonly [from: number, to: number])[],
): number {
  let sum = 0
  let count = 0
  for (const [from, to] of stretches) {
    for (let at = from; at < to; at++) sum += (samples[at] / 32_768) ** 2
    count += to - from
  }
  return 10 * Math.log10(sum / count + 1e-14)
}

/** The bin in which a frequency lies. */
export function binOf(hertz: number): number {
  return Math.round((hertz * SIZE) / 16_000)
}

/** The stretches between those where someone speaks, without `margin` samples at their edges. */
export function pausesOf(
  spoken: readonly (readonly [from: number, to: number])[],
  length: number,
  margin = 3200,
): [number, number][] {
  const edges = [0, ...spoken.flat(), length]
  const pauses: [number, number][] = []
  for (let index = 0; index < edges.length; index += 2) {
    const from = edges[index] + margin
    const to = edges[index + 1] - margin / 4
    if (to - from >= 1600) pauses.push([from, to])
  }
  return pauses
}
