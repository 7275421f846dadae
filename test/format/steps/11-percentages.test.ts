import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatPercentages } from '../../../src/format/steps/11-percentages.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatPercentages', () => {
  it.each([
    ['50%', '50 percent'],
    ['50 %', '50 percent'],
    ['2.5%.', '2.5 percent.'],
    ['-5%', 'minus 5 percent'],
    ['5-10%', '5 to 10 percent'],
    ['50%-60%', '50 to 60 percent'],
    ['2% -5%', '2 percent minus 5 percent'],
  ])('%j -> %j, alone and in the whole pipeline', (before, after) => {
    expect(runStep(formatPercentages, before)).toBe(after)
    expect(format(before).text).toBe(after)
  })

  it.each(['%', '%20', '100%x', 'a5%'])('leaves %j', text => {
    expect(runStep(formatPercentages, text)).toBe(text)
  })
})
