/** The level that stands for silence, in dBFS. */
export const SILENCE_DB = -90
/** The lowest level that a bar shows, in dBFS; the noise of a quiet room is about there. */
const BAR_FLOOR_DB = -60
const FULL_SCALE = 32_768

/** The root-mean-square level in dBFS, from -90 (silence, no samples) to 0 (a full-scale square wave). */
export function levelDb(samples: Int16Array): number {
  let energy = 0
  for (const sample of samples) energy += sample * sample
  const level = 10 * Math.log10(energy / Math.max(1, samples.length) / FULL_SCALE ** 2)
  return Math.max(SILENCE_DB, level)
}

/** A level meter of `width` characters for a terminal: empty at -60 dBFS and below, full at 0. */
export function levelBar(db: number, width: number): string {
  const share = Math.min(1, Math.max(0, 1 - db / BAR_FLOOR_DB))
  const filled = Math.round(share * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}
