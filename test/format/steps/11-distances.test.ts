import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatDistances } from '../../../src/format/steps/11-distances.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatDistances', () => {
  it.each([
    ['5km', '5 kilometers'],
    ['5 km.', '5 kilometers.'],
    ['1km', '1 kilometer'],
    ['2.5 mi', '2.5 miles'],
    ['1,500 m', '1,500 meters'],
    ['12345 km', '12345 kilometers'],
    ['6 ft', '6 feet'],
    ['5 KM', '5 kilometers'],
    ['-5km', 'minus 5 kilometers'],
    ['5-10 km', '5 to 10 kilometers'],
    ['a 5-km run', 'a 5 kilometer run'],
    ['5in', '5 inches'],
  ])('%j -> %j, alone and in the whole pipeline', (before, after) => {
    expect(runStep(formatDistances, before)).toBe(after)
    expect(format(before).text).toBe(after)
  })

  it.each(['5 in the morning', '5kms2', 'A5 km', '60 km/h', '5M', 'km', '$5m'])('leaves %j', text => {
    expect(runStep(formatDistances, text)).toBe(text)
  })
})
