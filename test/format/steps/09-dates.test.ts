import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { formatDates } from '../../../src/format/steps/09-dates.ts'
import { planWith, runStep } from '../support.ts'

const format = createFormatter(planWith())

describe('formatDates', () => {
  it.each([
    '2023 05 10',
    '2023-05-10',
    '2023/05/10',
    '2023.05.10',
    '2023-5-10',
    '05/10/2023',
    '5/10/23',
    '10.05.2023',
  ])('says %j in full', date => {
    expect(runStep(formatDates, `on ${date}.`)).toBe('on Wednesday, May 10, 2023.')
  })

  it.each([
    ['25/12/2023', 'Monday, December 25, 2023'],
    ['2024-02-29', 'Thursday, February 29, 2024'],
    ['1776-07-04', 'Thursday, July 4, 1776'],
    ['7/4/76', 'Sunday, July 4, 1976'],
  ])('finds the weekday and the order of the parts: %j -> %j', (before, after) => {
    expect(runStep(formatDates, before)).toBe(after)
  })

  it('agrees with Intl on every day of some years', () => {
    const intl = new Intl.DateTimeFormat('en-US', { dateStyle: 'full', timeZone: 'UTC' })
    for (let day = Date.UTC(1999, 0, 1); day < Date.UTC(2005, 0, 1); day += 86_400_000) {
      expect(runStep(formatDates, new Date(day).toISOString().slice(0, 10))).toBe(intl.format(day))
    }
  })

  it.each(['2023-02-30', '2023-13-01', '02/29/2023', '13/13/2023', '2023/00/10'])(
    'leaves the impossible date %j as it is, for later steps too',
    text => {
      expect(runStep(formatDates, text)).toBe(text)
      expect(format(text).text).toBe(text)
    },
  )

  it.each(['1234 05 10', '2023 5 1', '1.2.3', '123-45-6789', '12/34', '1/2/3/2023', 'v2023-05-10'])(
    'leaves what is no date: %j',
    text => {
      expect(runStep(formatDates, text)).toBe(text)
    },
  )

  it('says a date and time of ISO 8601', () => {
    expect(format('2023-05-10T14:30:00.000Z').text).toBe('Wednesday, May 10, 2023 at 14 30 UTC')
  })

  it.each(['May 10, 2023', 'on May 10 we', '10 May 2023', 'Dec. 24'])(
    'settles the written date %j, so that its day stays a number',
    text => {
      expect(format(text).text).toBe(text)
    },
  )
})
