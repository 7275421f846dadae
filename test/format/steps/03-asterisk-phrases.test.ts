import { describe, expect, it } from 'vitest'
import { createFormatter } from '../../../src/format/formatter.ts'
import { removePhrasesInAsterisks } from '../../../src/format/steps/03-asterisk-phrases.ts'
import { planWith, runStep } from '../support.ts'

describe('removePhrasesInAsterisks', () => {
  it.each([
    ['**Wanted** to say *hi*', ' to say'],
    ['Hello *waves* there', 'Hello there'],
    ['***both***, then', ', then'],
  ])('%j -> %j', (before, after) => {
    expect(runStep(removePhrasesInAsterisks, before)).toBe(after)
  })

  it.each(['2 * 3 * 4', '* one\n* two', '**', '*open', 'a*\n*b'])('leaves what is no phrase: %j', text => {
    expect(runStep(removePhrasesInAsterisks, text)).toBe(text)
  })

  it('does not remove an audio tag', () => {
    const format = createFormatter(planWith({ formattersEnabled: ['asterisk'] }))
    expect(format('So *well <break time="1s"/> then* yes').text).toBe('So *well <break time="1s"/> then* yes')
  })
})
