import { describe, expect, it } from 'vitest'
import { removeMarkdownSymbols } from '../../../src/format/steps/02-markdown.ts'
import { runStep } from '../support.ts'

describe('removeMarkdownSymbols', () => {
  it.each([
    ['**Wanted** to say *hi*', '**Wanted** to say *hi*'],
    ['_very_ `code` ~~gone~~', 'very code gone'],
    ['_john@example.com_', 'john@example.com'],
  ])('%j -> %j', (before, after) => {
    expect(runStep(removeMarkdownSymbols, before)).toBe(after)
  })

  it('keeps the underscores of an email address', () => {
    const text = 'jane_smith@example.com and joe_x@my-company.co.uk'
    expect(runStep(removeMarkdownSymbols, text)).toBe(text)
  })
})
