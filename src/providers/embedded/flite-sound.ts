/** The voices inside Flite: slt (woman), rms (man), awb (Scottish man), kal16 and kal (older, fast, 16 and 8 kHz). */
export const FLITE_VOICES = ['slt', 'rms', 'awb', 'kal16', 'kal'] as const
export type FliteVoiceId = (typeof FLITE_VOICES)[number]

/** Decibels that bring each voice to about -20 dBFS RMS, from its measured level over ordinary sentences. */
const GAIN_DB: Record<FliteVoiceId, number> = { slt: -5, rms: 0, awb: 0, kal16: 8, kal: 1 }
/** Loudest sample that a gain may lead to: -1 dBFS. */
const MAX_PEAK = 32_767 * 10 ** (-1 / 20)
/** Flite begins every sentence with about 0.2 s of silence, which the listener would wait for. */
const KEPT_LEAD_SECONDS = 0.04
/** Samples above this are sound: -50 dBFS. */
const SOUND_LEVEL = 32_768 * 10 ** (-50 / 20)

export interface FliteSound {
  samples: Int16Array<ArrayBuffer>
  sampleRate: number
}

/** Reads the WAV file that Flite writes: a 44-byte header, then mono 16-bit samples. */
export function soundOfWav(wav: Uint8Array, voice: FliteVoiceId): FliteSound {
  const sampleRate = new DataView(wav.buffer, wav.byteOffset, wav.byteLength).getUint32(24, true)
  const data = wav.slice(44)
  const samples = new Int16Array(data.buffer, 0, data.length >> 1)
  return { samples: levelled(withoutLead(samples, sampleRate), voice), sampleRate }
}

function withoutLead(samples: Int16Array<ArrayBuffer>, sampleRate: number): Int16Array<ArrayBuffer> {
  const sound = samples.findIndex(sample => Math.abs(sample) > SOUND_LEVEL)
  return samples.slice(Math.max(0, sound - Math.round(KEPT_LEAD_SECONDS * sampleRate)))
}

function levelled(samples: Int16Array<ArrayBuffer>, voice: FliteVoiceId): Int16Array<ArrayBuffer> {
  const peak = samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), 1)
  const gain = Math.min(10 ** (GAIN_DB[voice] / 20), MAX_PEAK / peak)
  return samples.map(sample => Math.round(sample * gain))
}
