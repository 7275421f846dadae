import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { Voice, VoicePiece } from '../../engine/ports/voice.ts'
import { createResampler, type Resampler } from '../resample.ts'

/** The same voice with its sound at the rate of the call. */
export function atCallRate(voice: Voice): Voice {
  return {
    name: voice.name,
    capabilities: voice.capabilities,
    close: () => voice.close(),
    async *speak(request, signal) {
      let resampler: Resampler | null = null
      try {
        for await (const piece of voice.speak(request, signal)) {
          const { audio } = piece
          if (audio.type === 'silent' || audio.sampleRate === SAMPLE_RATE) {
            yield piece
            continue
          }
          resampler ??= await createResampler(audio.sampleRate, SAMPLE_RATE)
          yield { ...piece, audio: pcm(resampler.process(audio.samples)) }
        }
        const rest = resampler?.flush()
        if (rest !== undefined && rest.length > 0) yield { audio: pcm(rest) }
      } finally {
        resampler?.close()
      }
    },
  }
}

function pcm(samples: Int16Array): VoicePiece['audio'] {
  return { type: 'pcm', samples, sampleRate: SAMPLE_RATE }
}
