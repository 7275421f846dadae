import { fieldOf } from './live-call.ts'
import type { Json, JsonObject } from './types.ts'

/** How the monitor’s sound is laid out: signed 16-bit little endian, channels interleaved. */
export interface MonitorSound {
  /** Hertz. */
  sampleRate: number
  channels: number
}

/** What the maker’s support once named; it is not documented. */
export const ASSUMED_SOUND: MonitorSound = { sampleRate: 16_000, channels: 2 }

/**
 * The layout that a message of the stream announces, as far as it does: `sampleRate` and `channels` at its top or in
 * `audioFormat`, as in the start message of custom transcribers. Null where it announces none.
 */
export function announcedSound(message: JsonObject): Partial<MonitorSound> | null {
  const places: (Json | undefined)[] = [message, message.audioFormat, message.format]
  for (const place of places) {
    const sampleRate = wholeNumber(fieldOf(place, 'sampleRate'), 8000, 192_000)
    const channels = wholeNumber(fieldOf(place, 'channels'), 1, 8)
    if (sampleRate !== null || channels !== null)
      return { ...(sampleRate !== null && { sampleRate }), ...(channels !== null && { channels }) }
  }
  return null
}

/** Makes whole samples of bytes that are cut anywhere: what is left of a moment of all channels waits for the next piece. */
export function createSampleReader(channels: number): (bytes: Uint8Array) => Int16Array {
  const moment = channels * 2
  let rest: Uint8Array = new Uint8Array(0)
  return bytes => {
    const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    const whole = all.length - (all.length % moment)
    rest = all.slice(whole)
    const samples = new Int16Array(whole / 2)
    const view = new DataView(all.buffer, all.byteOffset, whole)
    for (let index = 0; index < samples.length; index++) samples[index] = view.getInt16(index * 2, true)
    return samples
  }
}

/** All channels as one, by their mean. */
export function mixToMono(interleaved: Int16Array, channels: number): Int16Array {
  if (channels === 1) return interleaved
  const mono = new Int16Array(Math.floor(interleaved.length / channels))
  for (let moment = 0; moment < mono.length; moment++) {
    let sum = 0
    for (let channel = 0; channel < channels; channel++) sum += interleaved[moment * channels + channel] ?? 0
    mono[moment] = Math.round(sum / channels)
  }
  return mono
}

function wholeNumber(value: Json | undefined, minimum: number, maximum: number): number | null {
  const fits = typeof value === 'number' && Number.isInteger(value) && value >= minimum && value <= maximum
  return fits ? value : null
}
