import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { replaceColonsWithPeriods } from '../../../src/format/steps/05-colons.ts'
import { planWith, runStep } from '../support.ts'

describe('replaceColonsWithPeriods', () => {
  it.each([
    ['price: $42.50', 'price. $42.50'],
    ['note:this', 'note.this'],
    ['at 5:', 'at 5.'],
    ['7: seven', '7. seven'],
    ['a::b', 'a..b'],
  ])('%j -> %j', (before, after) => {
    expect(runStep(replaceColonsWithPeriods, before)).toBe(after)
  })

  it.each(['14:00', 'at 14:00:59 sharp', 'a 16:9 screen', 'John 3:16'])(
    'leaves times and ratios: %j',
    text => {
      expect(runStep(replaceColonsWithPeriods, text)).toBe(text)
    },
  )

  it('leaves web addresses and the attributes of kept tags', () => {
    const format = createFormatter(planWith({ formattersEnabled: ['colon'] }))
    const kept = 'https://example.com:80/a <break time="a:b"/> <spell>x: y</spell> <<a:b>>'
    expect(format(`see: ${kept}`).text).toBe(`see. ${kept}`)
  })
})
