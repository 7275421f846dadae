import { describe, expect, it } from 'vitest'
import type { Denoising } from '../../../src/audio/denoise/denoiser.ts'
import { createFourier, type FourierSettings } from '../../../src/audio/denoise/fourier.ts'
import { createSignalProcessor } from '../../../src/audio/plane/signal.ts'
import type { AudioFrame } from '../../../src/engine/ports/audio-input.ts'
import { join, silence, vowel } from '../vad/sounds.ts'

const fourier: FourierSettings = {
  mediaDetectionEnabled: true,
  staticThreshold: -35,
  baselineOffsetDb: -15,
  windowSizeMs: 3000,
  baselinePercentile: 85,
}

/** Frames as those hear them who listen, when all of them have been judged. */
function process(samples: Int16Array, denoising: Denoising): Promise<AudioFrame[]> {
  return new Promise((resolve, reject) => {
    const frames: AudioFrame[] = []
    const count = Math.floor(samples.length / 320)
    let judged = 0
    const processor = createSignalProcessor(
      { denoising, judgeTurns: false },
      {
        heard: frame => void frames.push(frame),
        judged: (_edges, _finished, audioMs) => {
          expect(audioMs).toBe(frames[judged++]?.audioMs)
          if (judged === count) void processor.close().then(() => resolve(frames))
        },
        failed: reject,
      },
    )
    for (let frame = 0; frame < count; frame++)
      processor.process({ samples: samples.slice(frame * 320, (frame + 1) * 320), audioMs: frame * 20 })
  })
}

describe('the signal worker', () => {
  const sound = join(silence(200), vowel('a', 300, 110), silence(200))

  it('passes sound on as it is where nothing is to be taken out', async () => {
    const frames = await process(sound, { smart: null, fourier: null })
    expect(frames.map(({ audioMs }) => audioMs)).toEqual(frames.map((_, index) => index * 20))
    expect(frames[15].samples).toEqual(sound.slice(15 * 320, 16 * 320))
  })

  it('runs Fourier denoising with its settings, and dates frames by what it is late', async () => {
    const frames = await process(sound, { smart: null, fourier })
    const own = createFourier(fourier)
    for (const [index, { samples, audioMs }] of frames.entries()) {
      expect(samples).toEqual(own.process(sound.slice(index * 320, (index + 1) * 320)))
      expect(audioMs).toBe(index * 20 - own.delayMs)
    }
  })
})
