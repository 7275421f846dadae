/** Adds its sound to what is already there. */
export type Background = (samples: Int16Array) => void

const SAMPLE_RATE = 16_000
/** Level of the room, in full scale: about -46 dBFS, well under speech. */
const ROOM = 0.005
/** Keys that somebody types, on average, and how loud they are. */
const KEYS_PER_SECOND = 2.5
const KEY = 0.02
const KEY_SECONDS = 0.012

/**
 * The sound of an office, made and not recorded: the hum of a room and, now and then, keys that are typed. The same seed
 * gives the same sound.
 */
export function createOffice(seed: number): Background {
  let state = seed >>> 0 || 1
  let low = 0
  let lower = 0
  let key = 0
  const decay = Math.exp(-1 / (KEY_SECONDS * SAMPLE_RATE))
  /** From -1 to 1 (xorshift). */
  function noise(): number {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 31 - 1
  }
  return samples => {
    for (let place = 0; place < samples.length; place++) {
      // Two poles leave the deep part of the noise, as walls do.
      low += 0.06 * (noise() - low)
      lower += 0.06 * (low - lower)
      if ((noise() + 1) / 2 < KEYS_PER_SECOND / SAMPLE_RATE) key = KEY * (0.3 + 0.7 * Math.abs(noise()))
      key *= decay
      const sound = (lower * 12 * ROOM + key * noise()) * 32_767
      const mixed = Math.round((samples[place] ?? 0) + sound)
      samples[place] = Math.max(-32_768, Math.min(32_767, mixed))
    }
  }
}
