import { describe, expect, it } from 'vitest'
import { clockTime, dateInWords, endingInWords, lengthInWords } from '../../../src/call/report/words.ts'

describe('words of the report', () => {
  it.each([
    [0, '0:00.00'],
    [3504, '0:03.50'],
    [59_999, '1:00.00'],
    [83_250, '1:23.25'],
    [3_723_500, '1:02:03.50'],
    [-20, '0:00.00'],
  ])('gives %d ms as the moment %s', (ms, text) => {
    expect(clockTime(ms)).toBe(text)
  })

  it.each([
    [0, '0.0 s'],
    [8233, '8.2 s'],
    [59_940, '59.9 s'],
    [59_960, '1 min'],
    [203_000, '3 min 23 s'],
    [3_900_000, '1 h 5 min'],
  ])('gives %d ms as the length %s', (ms, text) => {
    expect(lengthInWords(ms)).toBe(text)
  })

  it('gives dates in UTC and keeps what is none', () => {
    expect(dateInWords('2026-01-05T10:00:00+01:00')).toMatch(/^5 January 2026.* 09:00 UTC$/)
    expect(dateInWords('yesterday')).toBe('yesterday')
  })

  it.each([
    ['customer-ended-call', 'The customer hung up'],
    ['silence-timed-out', 'Nobody spoke for too long'],
    ['customer-did-not-answer', 'The customer did not answer'],
    ['call.in-progress.error-vapifault-openai-voice-failed', 'An error ended the call: openai voice failed'],
    ['call.in-progress.error-providerfault-openai-llm-failed', 'An error ended the call: openai llm failed'],
    ['pipeline-error-openai-llm-failed', 'An error ended the call: openai llm failed'],
    ['something-of-tomorrow', 'Something of tomorrow'],
    ['constructor', 'Constructor'],
    ['', 'Not told'],
  ])('tells the reason %j as %j', (reason, text) => {
    expect(endingInWords(reason)).toBe(text)
  })
})
