import { describe, expect, it } from 'vitest'
import { formatEmails } from '../../../src/format/steps/08-emails.ts'
import { runStep } from '../support.ts'

describe('formatEmails', () => {
  it.each([
    ['JOHN.DOE@example.COM', 'JOHN dot DOE at example dot COM'],
    ['jane_smith-work@my-company.co.uk', 'jane underscore smith dash work at my dash company dot co dot uk'],
    ['joe+news@example.org', 'joe plus news at example dot org'],
    ['Write to info@example.com.', 'Write to info at example dot com.'],
    ['(a@b.io, c@d.io)', '(a at b dot io, c at d dot io)'],
  ])('%j -> %j', (before, after) => {
    expect(runStep(formatEmails, before)).toBe(after)
  })

  it.each(['@john', 'user@localhost', '5 @ 3', 'a@b', 'x@1.2', 'a@@b.com', 'no address. at all'])(
    'leaves what is no address: %j',
    text => {
      expect(runStep(formatEmails, text)).toBe(text)
    },
  )
})
