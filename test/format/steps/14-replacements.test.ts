import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import type { Replacement } from '../../../src/format/plan.ts'
import { applyReplacements } from '../../../src/format/steps/14-replacements.ts'
import { planWith, runStep } from '../support.ts'

function exact(key: string, value: string, replaceAllEnabled = false): Replacement {
  return { type: 'exact', key, value, replaceAllEnabled }
}
function regex(pattern: RegExp, value: string): Replacement {
  return { type: 'regex', pattern, value }
}
function replaced(text: string, ...replacements: Replacement[]): string {
  return runStep(applyReplacements, text, { replacements })
}

describe('applyReplacements', () => {
  const streets = [exact('ST', 'STREET'), exact('RD', 'ROAD')]

  it('expands street abbreviations', () => {
    expect(replaced('320 ST 21 RD', ...streets)).toBe('320 STREET 21 ROAD')
  })

  it('expands them at the end of the whole pipeline too', () => {
    const format = createFormatter(planWith({ replacements: streets }))
    expect(format('320 ST 21 RD').text).toBe('three hundred twenty STREET twenty one ROAD')
  })

  it('replaces the first exact occurrence, or all if told so', () => {
    expect(replaced('hello hello', exact('hello', 'hi'))).toBe('hi hello')
    expect(replaced('hello hello', exact('hello', 'hi', true))).toBe('hi hi')
  })

  it('takes an exact key and value literally', () => {
    expect(replaced('a.c abc', exact('a.c', '$& $1'))).toBe('$& $1 abc')
    expect(replaced('abc', exact('', 'x', true))).toBe('abc')
  })

  it('replaces every match of a regex, with or without the global flag', () => {
    expect(replaced('hello there world', regex(/\b[a-zA-Z]{5}\b/, 'hi'))).toBe('hi hi hi')
    expect(replaced('aXbx', regex(/x/gi, '-'))).toBe('a-b-')
  })

  it('starts at the beginning whatever was searched with the regex before', () => {
    const pattern = /a/g
    pattern.lastIndex = 2
    expect(replaced('aaa', regex(pattern, 'b'))).toBe('bbb')
  })

  it.each([
    [/(\d{3})(\d{3})(\d{4})/, '($1) $2-$3'],
    [/(?<area>\d{3})/, '<$<area>>$<none>'],
    [/\d/, "[$&|$`|$']$$ $0 $9 $10"],
    [/(\d)(x)?/, '$2$12$01$<n>'],
    [/(?=3)/, '|'],
    [/$/, '!'],
  ])('expands %s with %j as String.replace does', (pattern, value) => {
    const text = 'call 1234567890 now'
    expect(replaced(text, regex(pattern, value))).toBe(text.replace(new RegExp(pattern, 'g'), value))
  })

  it('expands any replacement text as String.replace does', () => {
    const value = fc.string({ unit: fc.constantFrom('$', '1', '2', '0', '&', '`', "'", '<', '>', 'n', 'x') })
    fc.assert(
      fc.property(value, text => {
        const pattern = /(?<n>b)(c)?/g
        expect(replaced('abcab', regex(pattern, text))).toBe('abcab'.replace(pattern, text))
      }),
    )
  })

  it('applies each replacement to the result of the one before', () => {
    expect(replaced('a', exact('a', 'b'), exact('b', 'c'))).toBe('c')
  })

  it('reaches what other steps have written', () => {
    const format = createFormatter(planWith({ replacements: [exact('dollars', 'bucks')] }))
    expect(format('$42.50').text).toBe('forty two bucks and fifty cents')
  })

  it('does not touch kept tags', () => {
    const replacements = [exact('a', 'x', true), regex(/./, 'y'), regex(/(?:)/, '.')]
    const format = createFormatter(planWith({ replacements }))
    expect(format('a<break time="a"/>').text).toBe('.y.<break time="a"/>.')
  })
})
