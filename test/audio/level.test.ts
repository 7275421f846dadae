import { describe, expect, it } from 'vitest'
import { levelBar, levelDb } from '../../src/audio/level.ts'

describe('the level', () => {
  it('is 0 dBFS for a full-scale square wave and 3 dB less for a sine', () => {
    expect(
      levelDb(Int16Array.from({ length: 320 }, (_, index) => (index % 2 ? 32_767 : -32_768))),
    ).toBeCloseTo(0, 3)
    const sine = Int16Array.from({ length: 320 }, (_, index) => 32_767 * Math.sin((2 * Math.PI * index) / 32))
    expect(levelDb(sine)).toBeCloseTo(-3.01, 2)
  })

  it('falls by 20 dB with a tenth of the amplitude', () => {
    expect(levelDb(new Int16Array(100).fill(10_000)) - levelDb(new Int16Array(100).fill(1000))).toBeCloseTo(
      20,
      9,
    )
  })

  it('is -90 dBFS for silence, for less than that, and for no samples', () => {
    expect(levelDb(new Int16Array(320))).toBe(-90)
    expect(levelDb(Int16Array.from({ length: 320 }, (_, index) => (index === 0 ? 1 : 0)))).toBe(-90)
    expect(levelDb(new Int16Array(0))).toBe(-90)
  })

  it('is shown by a bar from -60 to 0 dBFS that always has the same width', () => {
    expect(levelBar(-90, 6)).toBe('░░░░░░')
    expect(levelBar(-60, 6)).toBe('░░░░░░')
    expect(levelBar(-30, 6)).toBe('███░░░')
    expect(levelBar(0, 6)).toBe('██████')
    expect(levelBar(5, 6)).toBe('██████')
    expect(levelBar(-30, 0)).toBe('')
  })
})
