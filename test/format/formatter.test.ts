import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFormatter, type FormattedText, type FormatterName } from '../../src/format/formatter.ts'
import { FORMATTER_NAMES } from '../../src/format/plan.ts'
import { STEPS } from '../../src/format/steps.ts'
import { planWith } from './support.ts'

const format = createFormatter(planWith())

describe('the formatter', () => {
  it('does all of the documented work in one pass', () => {
    const source = [
      'Hello <tag> world',
      '**Wanted** to say _hi_',
      'We have NASA and .NET',
      'Call 123-456-7890',
      'price: $42.50 on 2023 05 10 at 14:00',
      '5km, 43 lb, 50%, -9, 2.5, 2023 and 12345',
      'JOHN.DOE@example.COM',
    ].join('\n')
    expect(format(source).text).toBe(
      'Hello  world . Wanted to say hi . We have nasa and .net . Call 1 2 3 4 5 6 7 8 9 0 . ' +
        'price. forty two dollars and fifty cents on Wednesday, May 10, 2023 at 14 . ' +
        '5 kilometers, forty three pounds, 50 percent, minus nine, two point five, 2023 and 1 2 3 4 5 . ' +
        'JOHN dot DOE at example dot COM',
    )
  })

  it.each([
    ['Hello <tag> world', 'Hello  world'],
    ['Hello  world\n to say\nWe have NASA', 'Hello  world .  to say . We have nasa'],
    ['price: $42.50', 'price. forty two dollars and fifty cents'],
    ['NASA and .NET', 'nasa and .net'],
    ['JOHN.DOE@example.COM', 'JOHN dot DOE at example dot COM'],
    ['2023 05 10', 'Wednesday, May 10, 2023'],
    ['14:00', '14'],
    ['5km', '5 kilometers'],
    ['43 lb', 'forty three pounds'],
    ['50%', '50 percent'],
    ['123-456-7890', '1 2 3 4 5 6 7 8 9 0'],
    ['**Bold** and *italic*', 'Bold and italic'],
  ])('gives the documented result also where all steps run: %j -> %j', (before, after) => {
    expect(format(before).text).toBe(after)
  })

  it('takes times, units and minus signs where another step has written just before', () => {
    expect(format('Now:\n-5 degrees, COVID-19, 9 AM').text).toBe(
      'Now. minus five degrees, covid-nineteen, 9 AM',
    )
  })

  it('keeps the words of numbers apart where an asterisk goes', () => {
    expect(format('3*4 is **12**').text).toBe('three four is twelve')
  })

  it('keeps audio tags with their content and attributes through all steps', () => {
    const tags = '<break time="1.5s"/><spell>NDA: $5 *x* _y_ 50%\n</spell><<ˈ|v|ɑ|5>>'
    expect(format(`5 ${tags} 5`).text).toBe(`five ${tags} five`)
  })

  it('leaves texts as they are when it is not enabled', () => {
    const replacements = [{ type: 'exact', key: '5', value: 'x', replaceAllEnabled: true }] as const
    const disabled = createFormatter(planWith({ enabled: false, replacements }))
    const text = '<tag> $5: *x*\n'
    expect(disabled(text)).toEqual({ text, spans: [{ from: 0, to: 14, sourceFrom: 0, sourceTo: 14 }] })
  })
})

describe('formattersEnabled', () => {
  const source = '<tag>_a_ *b*\nc: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42'
  const changes: Partial<Record<FormatterName, string>> = {
    markdown: 'a *b*\nc: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    asterisk: '_a_\nc: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    newline: '_a_ *b* . c: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    colon: '_a_ *b*\nc. NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    acronym: '_a_ *b*\nc: nasa $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    dollarAmount: '_a_ *b*\nc: NASA five dollars j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    email: '_a_ *b*\nc: NASA $5 j at x dot org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
    date: '_a_ *b*\nc: NASA $5 j@x.org Wednesday, May 10, 2023 14:00 5km 5 lb 50% 555-0100 42',
    time: '_a_ *b*\nc: NASA $5 j@x.org 2023-05-10 14 5km 5 lb 50% 555-0100 42',
    distance: '_a_ *b*\nc: NASA $5 j@x.org 2023-05-10 14:00 5 kilometers 5 lb 50% 555-0100 42',
    unit: '_a_ *b*\nc: NASA $5 j@x.org 2023-05-10 14:00 5km five pounds 50% 555-0100 42',
    percentage: '_a_ *b*\nc: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50 percent 555-0100 42',
    phoneNumber: '_a_ *b*\nc: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 5 5 5 0 1 0 0 42',
    number: '_a_ *b*\nc: NASA $5 j@x.org 2 0 2 3 0 5 1 0 14:00 5km five lb 50% 5 5 5 0 1 0 0 forty two',
    stripAsterisk: '_a_ b\nc: NASA $5 j@x.org 2023-05-10 14:00 5km 5 lb 50% 555-0100 42',
  }

  it.each(FORMATTER_NAMES)('%s alone changes only what is its own; angle brackets always go', name => {
    const alone = createFormatter(planWith({ formattersEnabled: [name] }))
    expect(alone(source).text).toBe(changes[name] ?? source.replace('<tag>', ''))
  })

  it('runs only replacements beside angle bracket removal when it is empty', () => {
    const replacements = [{ type: 'exact', key: 'x', value: 'y', replaceAllEnabled: false }] as const
    const bare = createFormatter(planWith({ formattersEnabled: [], replacements }))
    expect(bare('<tag>*x*: $5').text).toBe('*y*: $5')
  })

  it('has a step for every name but the two without an effect', () => {
    const names = STEPS.flatMap(step => step.name ?? [])
    expect(names).toEqual(FORMATTER_NAMES.filter(name => name !== 'quote' && name !== 'dash'))
  })

  it('leaves only the removal of asterisk phrases off by default', () => {
    expect(STEPS.filter(step => !step.isOnByDefault).map(step => step.name)).toEqual(['asterisk'])
  })
})

describe('spans', () => {
  /** Where something heard up to a position of the formatted text ends in the source. */
  function sourceOf({ text, spans }: FormattedText, heard: string): [number, number][] {
    const from = text.indexOf(heard)
    return spans
      .filter(span => span.from < from + heard.length && span.to > from)
      .map(span => [span.sourceFrom, span.sourceTo])
  }

  it('lead from spoken words back to the original ones', () => {
    const source = 'Pay $42.50 on 2023-05-10 please, <b>5km</b> away.'
    const formatted = format(source)
    const original = (heard: string) => sourceOf(formatted, heard).map(([from, to]) => source.slice(from, to))
    expect(original('forty two dollars and fifty cents')).toEqual(['$42.50'])
    expect(original('May 10')).toEqual(['2023-05-10'])
    expect(original('5 kilometers')).toEqual(['5km'])
  })

  it('are in order, within bounds, and cover the formatted text, whatever the text', () => {
    fc.assert(
      fc.property(anyText(), text => {
        const formatted = format(text)
        let position = 0
        let sourcePosition = 0
        for (const span of formatted.spans) {
          expect(span.from).toBe(position)
          expect(span.to).toBeGreaterThan(span.from)
          expect(span.sourceFrom).toBeGreaterThanOrEqual(sourcePosition)
          expect(span.sourceTo).toBeGreaterThanOrEqual(span.sourceFrom)
          position = span.to
          sourcePosition = span.sourceTo
        }
        expect(position).toBe(formatted.text.length)
        expect(sourcePosition).toBeLessThanOrEqual(text.length)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('plain words', () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/)
  const sentence = fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 20 }), fc.constantFrom(', ', ' ', '. ', '? ', ' - '))
    .map(([words, joint]) => words.join(joint))

  it('stay unchanged, one to one', () => {
    fc.assert(
      fc.property(sentence, text => {
        const spans = [{ from: 0, to: text.length, sourceFrom: 0, sourceTo: text.length }]
        expect(format(text)).toEqual({ text, spans })
      }),
    )
  })

  it('stay what they have become when formatted again', () => {
    const withMarks = fc
      .array(fc.oneof(word, fc.constantFrom('*', '_', ':', '\n', '<x>', 'NASA', '$5')))
      .map(parts => parts.join(' '))
    fc.assert(
      fc.property(withMarks, text => {
        const once = format(text).text
        expect(format(once).text).toBe(once)
      }),
    )
  })
})

describe('any text', () => {
  it('passes unchanged when the formatter is not enabled', () => {
    const disabled = createFormatter(planWith({ enabled: false }))
    fc.assert(fc.property(anyText(), text => disabled(text).text === text))
  })

  it('keeps its audio tags', () => {
    const tag = '<spell>A1: $5</spell>'
    fc.assert(
      fc.property(anyText(), anyText(), (before, after) => {
        fc.pre(!/[<>]/.test(before + after))
        expect(format(before + tag + after).text).toContain(tag)
      }),
    )
  })
})

describe('hostile text', () => {
  const parts = [
    ...[
      '<',
      '<a',
      '<<a',
      '<spell>',
      '</spell',
      '*',
      '* a',
      '**a',
      ':',
      '1:',
      '1',
      '1.',
      '1,',
      '1,111,',
      '1-',
      '1/',
    ],
    ...[
      '1 ',
      '-1',
      '$',
      '$1',
      '$1-',
      '$1,111',
      '+',
      '+1 ',
      '+1(',
      '(123) ',
      '123-',
      '@',
      'a@',
      'a.',
      'a@b.',
      '_',
    ],
    ...[
      ' ',
      '\n',
      '\n ',
      '\r\n\t',
      'A',
      'AB ',
      '.A',
      'a',
      'a://',
      'www.',
      '.',
      '12:30',
      '1:1',
      '9am-',
      '2023-',
    ],
    ...['2023 05 ', '1/1/', '5k', '5 ', '5%-', '\uE000', '\u00e9', '😀'],
  ]
  const characters = 100_000

  it.each(parts)('of 100 kB takes time in proportion to its length: %j', part => {
    for (const ending of ['', 'x', '!']) {
      const text = part.repeat(Math.ceil(characters / part.length)) + ending
      const start = performance.now()
      format(text)
      // A step that is quadratic takes many seconds; the bench shows the real figures, all under 100 ms.
      expect(performance.now() - start).toBeLessThan(1_000)
    }
  })
})

/** Texts full of what the steps look for. */
function anyText(): fc.Arbitrary<string> {
  const telling = fc.constantFrom(
    ...[
      '<',
      '>',
      '<b>',
      '<<',
      '>>',
      '<break/>',
      '<spell>',
      '</spell>',
      '*',
      '_',
      '`',
      '~',
      '\n',
      '\r\n',
      ':',
      '.',
    ],
    ...[
      ',',
      '-',
      '–',
      '/',
      '$',
      '€',
      '%',
      '°',
      '@',
      '+',
      '(',
      ')',
      ' ',
      'NASA',
      'FBQ',
      '.NET',
      'a@b.com',
      'km',
    ],
    ...[
      'lb',
      'pm',
      'k',
      'st',
      'https://x.y/z',
      '2023',
      '05',
      '10',
      '14:00',
      '0',
      '5',
      '123',
      '456',
      '7890',
      '\uE000',
    ],
  )
  return fc
    .array(fc.oneof(telling, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 25 })
    .map(parts => parts.join(''))
}
