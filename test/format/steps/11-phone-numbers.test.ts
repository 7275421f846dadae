import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatPhoneNumbers } from '../../../src/format/steps/11-phone-numbers.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatPhoneNumbers', () => {
  it.each(['123-456-7890', '(123) 456-7890', '(123)456-7890', '123.456.7890', '123 456 7890'])(
    'reads %j digit by digit, alone and in the whole pipeline',
    number => {
      expect(runStep(formatPhoneNumbers, `Call ${number}.`)).toBe('Call 1 2 3 4 5 6 7 8 9 0.')
      expect(format(`Call ${number}.`).text).toBe('Call 1 2 3 4 5 6 7 8 9 0.')
    },
  )

  it.each([
    ['+1 123 456 7890', 'plus 1 1 2 3 4 5 6 7 8 9 0'],
    ['+1 (123) 456-7890', 'plus 1 1 2 3 4 5 6 7 8 9 0'],
    ['+11234567890', 'plus 1 1 2 3 4 5 6 7 8 9 0'],
    ['1-800-555-0100', '1 8 0 0 5 5 5 0 1 0 0'],
    ['+44 20 7946 0958', 'plus 4 4 2 0 7 9 4 6 0 9 5 8'],
    ['+49 (0)30 1234567', 'plus 4 9 0 3 0 1 2 3 4 5 6 7'],
    ['555-0100', '5 5 5 0 1 0 0'],
    ['(555-0100)', '(5 5 5 0 1 0 0)'],
  ])('%j -> %j, alone and in the whole pipeline', (before, after) => {
    expect(runStep(formatPhoneNumbers, before)).toBe(after)
    expect(format(before).text).toBe(after)
  })

  it.each(['123-45-6789', '1234-5678', '123-456-78901', '+5', 'a123-4567', '123-456-7890-1', '1.5-555-0100'])(
    'leaves %j',
    text => {
      expect(runStep(formatPhoneNumbers, text)).toBe(text)
    },
  )
})
