import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrackedText } from '../../src/format/tracked-text.ts'

describe('TrackedText', () => {
  it('maps unchanged text one to one, in one span', () => {
    expect(TrackedText.of('hello').spans()).toEqual([{ from: 0, to: 5, sourceFrom: 0, sourceTo: 5 }])
    expect(TrackedText.of('').spans()).toEqual([])
  })

  it('gives a replacement the source range of its match and keeps the offsets around it', () => {
    const text = TrackedText.of('pay $5 now').replace(/\$5/g, () => 'five dollars')
    expect(text.text).toBe('pay five dollars now')
    expect(text.spans()).toEqual([
      { from: 0, to: 4, sourceFrom: 0, sourceTo: 4 },
      { from: 4, to: 16, sourceFrom: 4, sourceTo: 6 },
      { from: 16, to: 20, sourceFrom: 6, sourceTo: 10 },
    ])
  })

  it('names no source for what was removed', () => {
    const text = TrackedText.of('a_b_c').replace(/_/g, () => '')
    expect(text.spans()).toEqual([
      { from: 0, to: 1, sourceFrom: 0, sourceTo: 1 },
      { from: 1, to: 2, sourceFrom: 2, sourceTo: 3 },
      { from: 2, to: 3, sourceFrom: 4, sourceTo: 5 },
    ])
  })

  it('spans what was removed inside a later match', () => {
    const text = TrackedText.of('1_0').replace(/_/g, () => '')
    expect(text.replace(/10/g, () => 'ten').spans()).toEqual([{ from: 0, to: 3, sourceFrom: 0, sourceTo: 3 }])
  })

  it('gives a part of a replacement its share of the source', () => {
    const text = TrackedText.of('ab$42').replace(/\$42/g, () => 'forty two')
    expect(text.replaceEverywhere(/two/g, () => '2').spans()).toEqual([
      { from: 0, to: 2, sourceFrom: 0, sourceTo: 2 },
      { from: 2, to: 8, sourceFrom: 2, sourceTo: 4 },
      { from: 8, to: 9, sourceFrom: 4, sourceTo: 5 },
    ])
  })

  it('hides from patterns what is done, at the same offsets', () => {
    const text = TrackedText.of('5% of 5').replace(/5%/g, () => '5 percent')
    expect(text.replace(/5/g, () => 'five').text).toBe('5 percent of five')
    expect(text.openText).toHaveLength(text.text.length)
  })

  it('settles a match that is replaced by itself and keeps all its offsets', () => {
    const text = TrackedText.of('a 2023 b').replace(/2023/g, match => match[0])
    expect(text.replace(/\d/g, () => 'x').text).toBe('a 2023 b')
    expect(text.spans()).toEqual([{ from: 0, to: 8, sourceFrom: 0, sourceTo: 8 }])
  })

  it('leaves open what a replacer declines', () => {
    const text = TrackedText.of('1 2').replace(/\d/g, match => (match[0] === '1' ? undefined : 'two'))
    expect(text.replace(/\d/g, () => 'one').text).toBe('one two')
  })

  it('never changes what is kept', () => {
    const text = TrackedText.of('a<b>a').edit([{ from: 1, to: 4, text: '<b>', protection: 'kept' }])
    expect(text.replaceEverywhere(/a.*/g, () => 'x').text).toBe('a<b>a')
    expect(text.edit([{ from: 2, to: 2, text: 'x', protection: 'done' }]).text).toBe('a<b>a')
    expect(text.edit([{ from: 1, to: 1, text: 'x', protection: 'done' }]).text).toBe('ax<b>a')
  })

  it('agrees with String.replace, whatever is replaced in whatever order', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 })
    const step = fc.record({ pattern: fc.constantFrom(/a/g, /b+/g, /ab|bc/g, /c*/g, /(?=b)/g), by: letters })
    fc.assert(
      fc.property(letters, fc.array(step, { maxLength: 6 }), (source, steps) => {
        let plain = source
        let tracked = TrackedText.of(source)
        for (const { pattern, by } of steps) {
          plain = plain.replace(pattern, () => by)
          tracked = tracked.replaceEverywhere(pattern, () => by)
        }
        expect(tracked.text).toBe(plain)
      }),
    )
  })
})
