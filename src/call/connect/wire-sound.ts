import { decodeMulaw, encodeMulaw } from '../../audio/mulaw.ts'
import { createResampler } from '../../audio/resample.ts'
import { joinSamples } from '../../audio/samples.ts'
import { soundBytes } from '../../audio/wav/encode.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'

/** Sound as it goes over the connection: mono, without a header (API: `transport.audioFormat`). */
export interface WireFormat {
  format: 'pcm_s16le' | 'mulaw'
  /** Hertz, from 8000 to 192000. */
  sampleRate: number
}

const FRAMES_A_SECOND = 50

export interface WireEncoder {
  /** Gives whole messages of 20 ms; what is left waits for the next sound. */
  encode(samples: Int16Array): Uint8Array[]
  close(): void
}

export interface WireDecoder {
  /** Bytes may be cut anywhere: half a sample waits for the next message. */
  decode(bytes: Uint8Array): Int16Array
  close(): void
}

/** Makes messages of 16 kHz samples. Throws VapiError `unsupported-sample-rate`. */
export async function createWireEncoder({ format, sampleRate }: WireFormat): Promise<WireEncoder> {
  const resampler = await createResampler(SAMPLE_RATE, sampleRate)
  const length = Math.round(sampleRate / FRAMES_A_SECOND)
  let rest: Int16Array = new Int16Array(0)
  return {
    encode(samples) {
      const all = joinSamples([rest, resampler.process(samples)])
      const messages: Uint8Array[] = []
      let from = 0
      for (; from + length <= all.length; from += length) {
        const frame = all.subarray(from, from + length)
        messages.push(format === 'mulaw' ? encodeMulaw(frame) : soundBytes(frame))
      }
      rest = all.slice(from)
      return messages
    },
    close: () => resampler.close(),
  }
}

/** Makes 16 kHz samples of messages. Throws VapiError `unsupported-sample-rate`. */
export async function createWireDecoder({ format, sampleRate }: WireFormat): Promise<WireDecoder> {
  const resampler = await createResampler(sampleRate, SAMPLE_RATE)
  let half: number | null = null

  function pcm(bytes: Uint8Array): Int16Array {
    const all = half === null ? bytes : Buffer.concat([Uint8Array.of(half), bytes])
    const samples = new Int16Array(all.length >> 1)
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength)
    for (let index = 0; index < samples.length; index++) samples[index] = view.getInt16(index * 2, true)
    half = all.length % 2 === 0 ? null : (all[all.length - 1] ?? 0)
    return samples
  }

  return {
    decode: bytes => resampler.process(format === 'mulaw' ? decodeMulaw(bytes) : pcm(bytes)),
    close: () => resampler.close(),
  }
}
