import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatNumbers } from '../../../src/format/steps/12-numbers.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatNumbers', () => {
  it.each([
    ['-9', 'minus nine'],
    ['2.5', 'two point five'],
    ['2023', '2023'],
    ['0', 'zero'],
    ['42', 'forty two'],
    ['101', 'one hundred one'],
    ['1200', 'twelve hundred'],
    ['1234', 'one thousand two hundred thirty four'],
    ['1900', '1900'],
    ['2099', '2099'],
    ['2100', '2 1 0 0'],
    ['12345', '1 2 3 4 5'],
    ['-12345', 'minus 1 2 3 4 5'],
    ['-2000', 'minus two thousand'],
    ['−9', 'minus nine'],
    ['3.05', 'three point zero five'],
    ['.5', 'point five'],
    ['2.50', 'two point five zero'],
    ['12,345', 'twelve thousand three hundred forty five'],
    ['1,234,567.8', 'one million two hundred thirty four thousand five hundred sixty seven point eight'],
    ['007', '0 0 7'],
    ['02139', '0 2 1 3 9'],
  ])('%j -> %j, alone and in the whole pipeline', (before, after) => {
    expect(runStep(formatNumbers, before)).toBe(after)
    expect(format(before).text).toBe(after)
  })

  it.each([
    [0, '5 and 12', '5 and 1 2'],
    [100, '100 and 101', 'one hundred and 1 0 1'],
    [100, '2023', '2023'],
    [300_000, '12345 or 4500', 'twelve thousand three hundred forty five or forty five hundred'],
    [300_000, '300001', '3 0 0 0 0 1'],
    [Number.POSITIVE_INFINITY, '12345678901234567', '1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7'],
  ])('reads whole numbers above the cutoff %d digit by digit: %j -> %j', (cutoff, before, after) => {
    expect(runStep(formatNumbers, before, { numberToDigitsCutoff: cutoff })).toBe(after)
  })

  it.each([
    ['3-5 days', 'three to five days'],
    ['3–5', 'three to five'],
    ['2023-2024', '2023 to 2024'],
    ['1990-95', '1990 to ninety five'],
    ['123-45-6789', '1 2 3 4 5 6 7 8 9'],
    ['90210-1234', '9 0 2 1 0 1 2 3 4'],
    ['4111 1111 1111 1111', '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1'],
    ['2020 2021 2022 2023', '2020 2021 2022 2023'],
    ['5 - 3', 'five - three'],
    ['COVID-19', 'COVID-nineteen'],
    ['a 5-year plan', 'a five-year plan'],
  ])('tells ranges, codes and words with hyphens apart: %j -> %j', (before, after) => {
    expect(runStep(formatNumbers, before)).toBe(after)
  })

  it.each([
    ['1,2,3', 'one,two,three'],
    ['1.2.3', 'one dot two dot three'],
    ['5.', 'five.'],
    ['(5)', '(five)'],
    ['wait...5 more', 'wait...five more'],
    ['1st, 2nd, 11th, 21st', 'first, second, eleventh, twenty first'],
    ['5 **6** #7', 'five **six** #seven'],
  ])('%j -> %j', (before, after) => {
    expect(runStep(formatNumbers, before)).toBe(after)
  })

  it.each([
    '1/2',
    '24/7',
    '16:9',
    'MP3',
    '5G',
    '1990s',
    '1th',
    '2nds',
    '1e5',
    '$5',
    '50%',
    '20€',
    'x.5',
    '3.5GHz',
  ])('leaves %j', text => {
    expect(runStep(formatNumbers, text)).toBe(text)
  })
})
