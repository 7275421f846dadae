import { describe, expect, it } from 'vitest'
import { formatDollarAmounts } from '../../../src/format/steps/07-dollar-amounts.ts'
import { runStep } from '../support.ts'

describe('formatDollarAmounts', () => {
  it.each([
    ['$42.50', 'forty two dollars and fifty cents'],
    ['$5', 'five dollars'],
    ['$1', 'one dollar'],
    ['$1.01', 'one dollar and one cent'],
    ['$5.00', 'five dollars'],
    ['$42.5', 'forty two dollars and fifty cents'],
    ['$0.50', 'fifty cents'],
    ['$.99', 'ninety nine cents'],
    ['$0', 'zero dollars'],
    ['$1,234.56', 'one thousand two hundred thirty four dollars and fifty six cents'],
    ['$12345', 'twelve thousand three hundred forty five dollars'],
    ['$0.005', 'zero point zero zero five dollars'],
    ['-$3', 'minus three dollars'],
    ['$-3', 'minus three dollars'],
    ['It is $5.', 'It is five dollars.'],
    ['($5, $6)', '(five dollars, six dollars)'],
  ])('says amounts: %j -> %j', (before, after) => {
    expect(runStep(formatDollarAmounts, before)).toBe(after)
  })

  it.each([
    ['$1M', 'one million dollars'],
    ['$1.5 million', 'one point five million dollars'],
    ['$10k', 'ten thousand dollars'],
    ['$2bn', 'two billion dollars'],
  ])('says scales: %j -> %j', (before, after) => {
    expect(runStep(formatDollarAmounts, before)).toBe(after)
  })

  it.each([
    ['$5-$10', 'five to ten dollars'],
    ['$5 – $10', 'five to ten dollars'],
    ['$5–10M', 'five to ten million dollars'],
    ['$5.50-$10', 'five dollars and fifty cents to ten dollars'],
  ])('says ranges: %j -> %j', (before, after) => {
    expect(runStep(formatDollarAmounts, before)).toBe(after)
  })

  it.each([
    ['$9.99/mo', 'nine dollars and ninety nine cents per month'],
    ['$20/hour', 'twenty dollars per hour'],
    ['$5/constructor', 'five dollars per constructor'],
    ['$49 USD', 'forty nine US dollars'],
    ['US$5', 'five US dollars'],
    ['€20', 'twenty euros'],
    ['£1.01', 'one pound and one penny'],
  ])('says rates, countries and other currencies: %j -> %j', (before, after) => {
    expect(runStep(formatDollarAmounts, before)).toBe(after)
  })

  it.each(['$', '$name', '$$$', '$1,23', '$5x', '$1.2.3', 'a$5'])('leaves what is no amount: %j', text => {
    expect(runStep(formatDollarAmounts, text)).toBe(text)
  })
})
