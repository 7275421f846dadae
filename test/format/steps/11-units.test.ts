import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatUnits } from '../../../src/format/steps/11-units.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatUnits', () => {
  it.each([
    ['43 lb', 'forty three pounds'],
    ['1 lb', 'one pound'],
    ['2.5kg', 'two point five kilograms'],
    ['5000 mg', 'five thousand milligrams'],
    ['72°F', 'seventy two degrees Fahrenheit'],
    ['-3 °C', 'minus three degrees Celsius'],
    ['90°', 'ninety degrees'],
    ['60 km/h', 'sixty kilometers per hour'],
    ['1,200 sq ft', 'one thousand two hundred square feet'],
    ['10 GB', 'ten gigabytes'],
    ['5-10 min', 'five to ten minutes'],
    ['a 5-lb bag', 'a five pound bag'],
  ])('%j -> %j, alone and in the whole pipeline', (before, after) => {
    expect(runStep(formatUnits, before)).toBe(after)
    expect(format(before).text).toBe(after)
  })

  it.each(['5G', '5 minds', '5 gold', 'lb', 'X5 kg'])('leaves %j', text => {
    expect(runStep(formatUnits, text)).toBe(text)
  })
})
