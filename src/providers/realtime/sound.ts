import { createResampler } from '../../audio/resample.ts'
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import { createSampleJoiner } from '../voices/http-voice.ts'

/** Brings the sound of one answer, which is one stream however it is cut, to the rate of the call. */
export interface SoundReader {
  push(bytes: Uint8Array): Int16Array
  /** What is left; nothing may be called after. */
  end(): Int16Array
}

export async function createSoundReader(rate: number): Promise<SoundReader> {
  const resampler = await createResampler(rate, SAMPLE_RATE)
  const join = createSampleJoiner()
  return {
    push: bytes => resampler.process(join(bytes)),
    end() {
      const rest = resampler.flush()
      resampler.close()
      return rest
    },
  }
}
