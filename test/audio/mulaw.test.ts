import { describe, expect, it } from 'vitest'
import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts'

const encode = (...samples: number[]) => [...encodeMulaw(Int16Array.from(samples))]
const decode = (...bytes: number[]) => [...decodeMulaw(Uint8Array.from(bytes))].map(sample => sample + 0)

describe('mu-law', () => {
  it('has the values of the table of G.711', () => {
    expect(encode(0, 32_767, -32_768, -1)).toEqual([0xff, 0x80, 0x00, 0x7f])
    expect(decode(0xff, 0x7f, 0x80, 0x00, 0xfe, 0xf0, 0xef)).toEqual([0, 0, 32_124, -32_124, 8, 120, 132])
  })

  it('gives every byte back, but that silence has one of its two', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
    const again = encodeMulaw(decodeMulaw(bytes))
    expect([...again]).toEqual([...bytes].map(byte => (byte === 0x7f ? 0xff : byte)))
  })

  it('is never further off than half a step: 1/32 of the sample, or 4', () => {
    for (let sample = -32_124; sample <= 32_124; sample += 7) {
      const [again = 0] = decode(...encode(sample))
      expect(Math.abs(again - sample)).toBeLessThanOrEqual(Math.max(4, (Math.abs(sample) + 132) / 32))
    }
  })
})
