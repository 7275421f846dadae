import type { Background } from './office.ts'

/** Its end goes over into its beginning in so many samples (50 ms), so that the seam is not heard. */
const SEAM_SAMPLES = 800

/** Plays samples again and again under what is there, as loud as they are. There must be at least one. */
export function createLoop(samples: Int16Array): Background {
  const loop = withoutSeam(samples)
  let place = 0
  return into => {
    for (let index = 0; index < into.length; index++) {
      const mixed = (into[index] ?? 0) + (loop[place] ?? 0)
      into[index] = Math.max(-32_768, Math.min(32_767, mixed))
      place = (place + 1) % loop.length
    }
  }
}

/** The sound, shorter by the seam, in which its end fades into its beginning. */
function withoutSeam(samples: Int16Array): Int16Array {
  if (samples.length < 4 * SEAM_SAMPLES) return samples
  const length = samples.length - SEAM_SAMPLES
  const loop = samples.slice(0, length)
  for (let index = 0; index < SEAM_SAMPLES; index++) {
    const share = index / SEAM_SAMPLES
    loop[index] = Math.round((samples[index] ?? 0) * share + (samples[length + index] ?? 0) * (1 - share))
  }
  return loop
}
