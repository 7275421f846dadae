import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatTimes } from '../../../src/format/steps/10-times.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatTimes', () => {
  it.each([
    ['14:00', '14'],
    ['14:30', '14 30'],
    ['9:05', '9 oh 5'],
    ['07:00', '7'],
    ['2:30 pm', '2 30 pm'],
    ['2:30pm', '2 30 pm'],
    ['2:00 PM', '2 PM'],
    ['2pm', '2 pm'],
    ['10 a.m.', '10 a.m.'],
    ['00:00', 'midnight'],
    ['14:00:00', '14'],
    ['14:05:09', '14 oh 5 and 9 seconds'],
    ['1:00:01', '1 and 1 second'],
    ['John 3:16', 'John 3 16'],
  ])('%j -> %j, alone and in the whole pipeline', (before, after) => {
    expect(runStep(formatTimes, before)).toBe(after)
    expect(format(before).text).toBe(after)
  })

  it.each([
    ['9:00-17:00', '9 to 17'],
    ['9:00 – 17:30', '9 to 17 30'],
    ['2-4 pm', '2 to 4 pm'],
    ['9am-5pm', '9 am to 5 pm'],
    ['14:00 - 15 people', '14 - 15 people'],
  ])('says ranges: %j -> %j', (before, after) => {
    expect(runStep(formatTimes, before)).toBe(after)
  })

  it.each(['25:00', '14:75', '16:9', '1:2:3', '13pm', '5 amps', '12'])('leaves what is no time: %j', text => {
    expect(runStep(formatTimes, text)).toBe(text)
  })
})
