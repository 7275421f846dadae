import { describe, expect, it } from 'vitest'
import { formatAcronyms } from '../../../src/format/steps/06-acronyms.ts'
import { runStep } from '../support.ts'

describe('formatAcronyms', () => {
  it.each([
    ['NASA and .NET', 'nasa and .net'],
    ['ASP.NET', 'ASP.net'],
    ['COVID-19', 'covid-19'],
  ])('makes known acronyms lower case: %j', (before, after) => {
    expect(runStep(formatAcronyms, before)).toBe(after)
  })

  it.each([
    ['an FBQ', 'an F B Q'],
    ['HTML, (TV)', 'H T M L, (T V)'],
    ['two PDFs', 'two P D Fs'],
    ['**SMS**', '**S M S**'],
  ])('spaces out other capitals without a vowel: %j', (before, after) => {
    expect(runStep(formatAcronyms, before)).toBe(after)
  })

  it.each(['API', 'USA', 'PLEASE', 'MY', 'WHY', 'Mr', 'X', 'MP3', 'HTTp', 'GRÖSSE', 'ÄBC'])(
    'keeps capitals with a vowel, single letters and mixed words: %j',
    text => {
      expect(runStep(formatAcronyms, text)).toBe(text)
    },
  )

  it.each(['DR SMITH', '320 ST 21 RD', 'HMM', '5 KM', '5KG', '2:30 PM', 'SMTH@example.COM', 'NZ$5'])(
    'keeps titles, street names, sounds, units, emails and countries of currencies: %j',
    text => {
      expect(runStep(formatAcronyms, text)).toBe(text)
    },
  )

  it('leaves a word that an exact replacement names, so that the replacement still finds it', () => {
    const replacement = {
      type: 'exact',
      key: 'the FBQ',
      value: 'the quote',
      replaceAllEnabled: false,
    } as const
    expect(runStep(formatAcronyms, 'the FBQ and the XYLT, BCD', { replacements: [replacement] })).toBe(
      'the FBQ and the XYLT, B C D',
    )
  })
})
