import { describe, expect, it } from 'vitest'
import { createResampler } from '../../src/audio/resample.ts'

function tone(hertz: number, rate: number, length: number, height = 0.5): Float32Array {
  return Float32Array.from({ length }, (_, index) => height * Math.sin((2 * Math.PI * hertz * index) / rate))
}

/** The whole stream converted in pieces. */
async function convert(
  samples: Float32Array,
  fromRate: number,
  toRate: number,
  pieceLength = samples.length,
) {
  const resampler = await createResampler(fromRate, toRate)
  const converted: number[] = []
  for (let from = 0; from < samples.length; from += pieceLength) {
    for (const value of resampler.process(samples.subarray(from, from + pieceLength))) converted.push(value)
  }
  converted.push(...resampler.flushFloat())
  resampler.close()
  return Float32Array.from(converted)
}

/** How much louder (dB) the true tone is than what differs from it, `margin` samples from both ends left out. */
function signalToNoise(samples: Float32Array, hertz: number, rate: number, margin: number): number {
  const ideal = tone(hertz, rate, samples.length)
  let signal = 0
  let noise = 0
  for (let index = margin; index < samples.length - margin; index++) {
    signal += ideal[index] ** 2
    noise += (samples[index] - ideal[index]) ** 2
  }
  return 10 * Math.log10(signal / noise)
}

function loudness(samples: Float32Array): number {
  return 10 * Math.log10(samples.reduce((sum, value) => sum + value * value, 0) / samples.length + 1e-20)
}

describe('createResampler', () => {
  // The tone compared is in phase with the input: a delay of a single sample would leave under 20 dB.
  it.each([
    [48_000, 16_000, 1000],
    [44_100, 16_000, 1000],
    [24_000, 16_000, 3000],
    [22_050, 16_000, 1000],
    [8000, 16_000, 1000],
    [16_000, 48_000, 3000],
    [16_000, 44_100, 1000],
    [16_000, 24_000, 6000],
    [192_000, 16_000, 1000],
    [8000, 192_000, 1000],
    [11_025, 16_000, 1000],
  ])('keeps a tone from %i to %i Hz pure and in time', async (fromRate, toRate, hertz) => {
    const converted = await convert(tone(hertz, fromRate, fromRate), fromRate, toRate)
    expect(converted).toHaveLength(toRate)
    expect(signalToNoise(converted, hertz, toRate, Math.round(toRate / 100))).toBeGreaterThan(80)
  })

  it('keeps all of a voice: 60 to 6500 Hz within half a decibel', async () => {
    for (const hertz of [60, 300, 1000, 3000, 5000, 6500]) {
      const converted = await convert(tone(hertz, 48_000, 48_000), 48_000, 16_000)
      const level = loudness(converted.subarray(800, 15_200)) - loudness(tone(hertz, 16_000, 16_000))
      expect(Math.abs(level)).toBeLessThan(0.5)
    }
  })

  it('lets nothing above half the new rate through as a false tone', async () => {
    for (const hertz of [9500, 10_000, 12_000, 15_000, 20_000]) {
      const converted = await convert(tone(hertz, 48_000, 48_000), 48_000, 16_000)
      expect(loudness(converted.subarray(800, 15_200))).toBeLessThan(-90)
    }
  })

  it('gives the same in any pieces', async () => {
    const samples = tone(700, 44_100, 44_100)
    const whole = await convert(samples, 44_100, 16_000)
    for (const pieceLength of [1, 441, 882, 5000]) {
      expect(await convert(samples, 44_100, 16_000, pieceLength)).toEqual(whole)
    }
  })

  it.each([
    [48_000, 16_000],
    [44_100, 16_000],
    [16_000, 44_100],
    [11_025, 16_000],
  ])('does not drift from %i to %i Hz in a minute of 20 ms frames', async (fromRate, toRate) => {
    const resampler = await createResampler(fromRate, toRate)
    const frame = Math.round(fromRate / 50)
    const source = tone(440, fromRate, frame * 3000)
    let length = 0
    let last = new Float32Array(0)
    for (let from = 0; from < source.length; from += frame) {
      last = Float32Array.from(resampler.process(source.subarray(from, from + frame)))
      length += last.length
      // What is held back is never more than 10 ms.
      const expected = ((from + frame) * toRate) / fromRate
      expect(expected - length).toBeGreaterThanOrEqual(-1)
      expect(expected - length).toBeLessThan(toRate / 100)
    }
    const start = length - last.length
    const ideal = Float32Array.from(
      last,
      (_, index) => 0.5 * Math.sin((2 * Math.PI * 440 * (start + index)) / toRate),
    )
    expect(Math.max(...last.map((value, index) => Math.abs(value - ideal[index])))).toBeLessThan(1e-3)
    length += resampler.flush().length
    expect(length).toBe(Math.round((source.length * toRate) / fromRate))
    resampler.close()
  })

  it('is right to a sample in length for every short input', async () => {
    for (const [fromRate, toRate] of [
      [48_000, 16_000],
      [192_000, 16_000],
      [44_100, 16_000],
      [16_000, 44_100],
    ] as const) {
      for (const length of [0, 1, 2, 7, 100, 1023, 1025]) {
        const converted = await convert(new Float32Array(length).fill(0.1), fromRate, toRate)
        expect(converted).toHaveLength(Math.round((length * toRate) / fromRate))
      }
    }
  })

  it('takes 16-bit samples and holds them at full scale', async () => {
    const resampler = await createResampler(8000, 16_000)
    const square = Int16Array.from({ length: 800 }, (_, index) => (index % 40 < 20 ? 32767 : -32768))
    const converted = [...resampler.process(square), ...resampler.flush()]
    expect(converted).toHaveLength(1600)
    expect([Math.max(...converted), Math.min(...converted)]).toEqual([32767, -32768])
    resampler.close()
  })

  it('gives the input back where the rates are equal', async () => {
    const resampler = await createResampler(16_000, 16_000)
    const samples = Int16Array.of(1, -2, 32767)
    expect(resampler.process(samples)).toEqual(samples)
    expect(resampler.flush()).toHaveLength(0)
    resampler.close()
  })

  it('keeps two streams apart', async () => {
    const [one, other] = await Promise.all([createResampler(48_000, 16_000), createResampler(48_000, 16_000)])
    one.process(new Float32Array(960).fill(0.9))
    const quiet = [...other.process(new Float32Array(960)), ...other.flushFloat()]
    expect(quiet.every(value => value === 0)).toBe(true)
    one.close()
    one.close()
    other.close()
  })

  it.each([0, 7999, 192_001, 22_050.5, Number.NaN])('refuses a rate of %d Hz', async rate => {
    await expect(createResampler(rate, 16_000)).rejects.toMatchObject({
      code: 'unsupported-sample-rate',
      exit: 2,
    })
    await expect(createResampler(16_000, rate)).rejects.toMatchObject({ code: 'unsupported-sample-rate' })
  })
})
