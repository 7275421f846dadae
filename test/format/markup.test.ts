import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMarkup } from '../../src/format/markup.ts'
import { createPronouncer } from '../../src/format/pronunciation.ts'

const kinds = (text: string) =>
  readMarkup(text).map(({ from: _from, to: _to, ...piece }) => Object.values(piece).join(':'))

describe('markup', () => {
  it.each([
    ['<break time="1.5s"/>', 1500],
    ["<BREAK time='250ms'></break>", 250],
    ['<break time=".5s">', 500],
    ['<break/>', 500],
    ['<break strength="strong"/>', 750],
    ['<break strength="none"/>', 0],
    ['<break time="99s"/>', 10_000],
    ['<break time="soon"/>', 500],
  ])('%s is a break of %i ms', (text, durationMs) => {
    expect(readMarkup(text)[0]).toMatchObject({ type: 'break', durationMs })
  })

  it('is read in order, with what it encloses', () => {
    expect(
      kinds('a <spell>B1</spell><phoneme alphabet="ipa" ph="x&quot;">c</phoneme> <sub alias="e">d</sub>'),
    ).toEqual(['text:a ', 'spell:B1', 'phoneme:c:ipa:x"', 'text: ', 'sub:d:e'])
  })

  it('without its partner or its attribute is a tag alone', () => {
    expect(kinds('<sub>a</sub> <phoneme ph="x">b <spell/>c')).toEqual([
      'tag:sub',
      'text:a',
      'tag:sub',
      'text: ',
      'tag:phoneme',
      'text:b ',
      'tag:spell',
      'text:c',
    ])
    expect(kinds('<spell>to the end')).toEqual(['spell:to the end'])
  })

  it('is no comparison', () =>
    expect(kinds('3 < 4 and 5 > 2, I <3 you')).toEqual(['text:3 < 4 and 5 > 2, I <3 you']))

  const parts = fc.constantFrom(
    '<',
    '>',
    '<spell>',
    '</spell>',
    '<break/>',
    '<sub alias="x">',
    '</sub>',
    '<<',
    '>>',
    'UN',
    ' ',
    '"',
    '<phoneme ph="',
    '/>',
  )
  const anyText = fc.array(parts).map(list => list.join(''))

  it('covers any text without a gap', () => {
    fc.assert(
      fc.property(anyText, text => {
        let position = 0
        for (const { from, to } of readMarkup(text)) {
          expect(from).toBe(position)
          expect(to).toBeGreaterThan(from)
          position = to
        }
        expect(position).toBe(text.length)
      }),
    )
  })

  it('is left whole by a dictionary, in any text', () => {
    const pronounce = createPronouncer([{ type: 'alias', text: 'UN', alias: 'one' }])
    const marks = (text: string) =>
      readMarkup(text).flatMap(({ type, from, to }) => (type === 'text' ? [] : text.slice(from, to)))
    fc.assert(
      fc.property(anyText, text => {
        expect(marks(pronounce(text).text)).toEqual(marks(text))
      }),
    )
  })

  it('takes time in proportion to its length', () => {
    for (const part of [
      '<spell>',
      '<sub alias="x">',
      '<phoneme ph="x">',
      '<sub>',
      '</sub>',
      '<',
      '<<',
      '<a ',
    ]) {
      const start = performance.now()
      readMarkup(part.repeat(Math.ceil(50_000 / part.length)))
      expect(performance.now() - start).toBeLessThan(1000)
    }
  })
})
