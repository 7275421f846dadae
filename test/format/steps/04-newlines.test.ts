import { describe, expect, it } from 'vitest'
import { replaceNewLinesWithPeriods } from '../../../src/format/steps/04-newlines.ts'
import { runStep } from '../support.ts'

describe('replaceNewLinesWithPeriods', () => {
  it.each([
    ['Hello  world\n to say\nWe have NASA', 'Hello  world .  to say . We have NASA'],
    ['one\r\ntwo', 'one . two'],
    ['one\n\n \n\ntwo', 'one . two'],
    ['one\n', 'one . '],
  ])('%j -> %j', (before, after) => {
    expect(runStep(replaceNewLinesWithPeriods, before)).toBe(after)
  })

  it.each([
    ['Done.\nNext', 'Done. Next'],
    ['Really? \n\nYes', 'Really?  Yes'],
    ['here,\ncall', 'here, call'],
    ['\nHello', ' Hello'],
  ])('adds no second stop behind punctuation or at the start: %j', (before, after) => {
    expect(runStep(replaceNewLinesWithPeriods, before)).toBe(after)
  })
})
