import { describe, expect, it } from 'vitest'
import { joinSamples } from '../../../src/audio/samples.ts'
import {
  createWireDecoder,
  createWireEncoder,
  type WireFormat,
} from '../../../src/call/connect/wire-sound.ts'

const tone = (ms: number) =>
  Int16Array.from({ length: ms * 16 }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 400 * index) / 16_000)),
  )

async function there(format: WireFormat, samples: Int16Array): Promise<Uint8Array[]> {
  const encoder = await createWireEncoder(format)
  const messages: Uint8Array[] = []
  for (let from = 0; from < samples.length; from += 320)
    messages.push(...encoder.encode(samples.subarray(from, from + 320)))
  encoder.close()
  return messages
}

describe('sound on the wire', () => {
  it.each([
    ['pcm_s16le', 16_000, 640],
    ['pcm_s16le', 24_000, 960],
    ['pcm_s16le', 44_100, 1764],
    ['mulaw', 8000, 160],
    ['mulaw', 16_000, 320],
  ] as const)('goes out in messages of 20 ms: %s at %i Hz', async (format, sampleRate, bytes) => {
    const messages = await there({ format, sampleRate }, tone(1000))
    expect(new Set(messages.map(({ length }) => length))).toEqual(new Set([bytes]))
    expect(messages.length).toBeGreaterThanOrEqual(48)
    expect(messages.length).toBeLessThanOrEqual(50)
  })

  it('is the same sound when it comes back, cut at odd places', async () => {
    const sent = tone(1000)
    const bytes = Buffer.concat(await there({ format: 'pcm_s16le', sampleRate: 16_000 }, sent))
    const decoder = await createWireDecoder({ format: 'pcm_s16le', sampleRate: 16_000 })
    const pieces: Int16Array[] = []
    for (let from = 0, size = 1; from < bytes.length; from += size, size = ((size * 7) % 1000) | 1)
      pieces.push(decoder.decode(bytes.subarray(from, from + size)))
    expect(joinSamples(pieces)).toEqual(sent)
  })

  it('keeps its pitch and level through mu-law at 8 kHz', async () => {
    const decoder = await createWireDecoder({ format: 'mulaw', sampleRate: 8000 })
    const messages = await there({ format: 'mulaw', sampleRate: 8000 }, tone(1000))
    const heard = joinSamples(messages.map(message => decoder.decode(message)))
    const middle = heard.subarray(4000, 12_000)
    const crossings = middle.filter((sample, index) => sample >= 0 && (middle[index - 1] ?? 0) < 0).length
    expect(crossings).toBeGreaterThanOrEqual(199)
    expect(crossings).toBeLessThanOrEqual(201)
    const rms = Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length)
    expect(rms).toBeGreaterThan(5400)
    expect(rms).toBeLessThan(5900)
  })
})
