import { describe, expect, it } from 'vitest'
import { beepSamples, createBeepDetector } from '../../src/audio/beep.ts'
import { SAMPLE_RATE } from '../../src/engine/ports/audio-input.ts'

const FRAME = 320
const silence = (ms: number) => new Int16Array((ms / 1000) * SAMPLE_RATE)

/** Repeatable noise from -amplitude to amplitude. */
function noise(samples: Int16Array, amplitude: number): Int16Array {
  let seed = 1
  return samples.map(sample => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.round(sample + ((seed / 2 ** 31) * 2 - 1) * amplitude)
  })
}

/** Something like a vowel: many overtones of a pitch that moves. */
function vowel(ms: number, hz: number): Int16Array {
  const count = (ms / 1000) * SAMPLE_RATE
  return Int16Array.from({ length: count }, (_, index) => {
    const seconds = index / SAMPLE_RATE
    const phase = 2 * Math.PI * hz * seconds * (1 + 0.05 * Math.sin(seconds * 5))
    return [1, 2, 3, 4, 5].reduce((sum, tone) => sum + (3000 / tone) * Math.sin(tone * phase), 0)
  })
}

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap(part => [...part]))
}

/** When beeps were told, in milliseconds, in frames of 20 ms. */
function beepsIn(samples: Int16Array): number[] {
  const detector = createBeepDetector()
  const found: number[] = []
  for (let from = 0; from + FRAME <= samples.length; from += FRAME) {
    const ended = detector.push(samples.subarray(from, from + FRAME))
    if (ended) found.push(((from + FRAME) / SAMPLE_RATE) * 1000)
  }
  return found
}

describe('a beep', () => {
  it.each([
    [440, 200],
    [620, 1000],
    [1000, 400],
    [1400, 300],
    [2000, 2500],
  ])('of %d Hz and %d ms is told once, when it is over', (hz, lastsMs) => {
    const found = beepsIn(join(silence(500), beepSamples(lastsMs, hz), silence(500)))
    expect(found).toHaveLength(1)
    expect(found[0]).toBeGreaterThanOrEqual(500 + lastsMs)
    expect(found[0]).toBeLessThanOrEqual(500 + lastsMs + 60)
  })

  it('is heard in the noise of a line', () => {
    const noisy = noise(join(silence(500), beepSamples(400), silence(500)), 1200)
    expect(beepsIn(noisy)).toHaveLength(1)
  })

  it('is heard right after speech', () => {
    expect(beepsIn(join(vowel(900, 140), beepSamples(400), silence(300)))).toHaveLength(1)
  })
})

describe('no beep', () => {
  it.each([
    ['silence', silence(1000)],
    ['noise', noise(silence(1000), 8000)],
    ['a voice', vowel(1000, 180)],
    ['a click', beepSamples(60)],
    ['a tone that does not end', beepSamples(4000)],
    ['a dial tone', beepSamples(1000, 350)],
    ['the tone of a telephone that rings', beepSamples(1000, 425)],
    ['a tone that can hardly be heard', beepSamples(400).map(sample => sample / 100)],
    [
      'two tones at once, as of a busy line',
      beepSamples(500, 480).map((sample, index) => sample + (beepSamples(500, 620)[index] ?? 0)),
    ],
  ])('is %s', (_what, samples) => {
    expect(beepsIn(join(silence(200), samples, silence(300)))).toEqual([])
  })
})
