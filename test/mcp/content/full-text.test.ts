import { describe, expect, it } from 'vitest'
import { pagesOfFullText } from '../../../src/mcp/content/full-text.ts'
import { officialPage } from '../../../src/mcp/content/official-page.ts'
import { durationOf } from '../page.ts'

const idsOf = (text: string) => pagesOfFullText(text).map(({ id }) => id)

describe('all pages in one file, each after a heading', () => {
  const text = `
> The whole documentation.

# Calls

> How calls go.

Source: https://docs.vapi.ai/calls/basics

Text of calls.

## Ends

\`\`\`bash
# not a page
\`\`\`

# Voices
URL: <https://docs.vapi.ai/voices.md>

Text of voices.

# No Address, at all!

Text.
`

  it('have title, description, address and text', () => {
    expect(pagesOfFullText(text)).toMatchObject([
      {
        id: 'calls/basics',
        title: 'Calls',
        description: 'How calls go.',
        url: 'https://docs.vapi.ai/calls/basics',
        text: 'Text of calls.\n\n## Ends\n\n```bash\n# not a page\n```',
      },
      { id: 'voices', title: 'Voices', text: 'Text of voices.' },
      { id: 'no-address-at-all', title: 'No Address, at all!', text: 'Text.' },
    ])
  })

  it('may end their lines as Windows does', () => {
    expect(pagesOfFullText(text.replaceAll('\n', '\r\n'))).toEqual(pagesOfFullText(text))
  })

  it('may have the same title', () => {
    expect(idsOf('# A\n\na\n\n# A\n\nb\n\n# A 2\n\nc\n\n# A\n\nd\n')).toEqual(['a', 'a-2', 'a-2-2', 'a-3'])
  })

  it('may have their title twice', () => {
    expect(pagesOfFullText('# A\n\n# A\n\nText.\n')).toMatchObject([{ id: 'a', title: 'A', text: 'Text.' }])
  })

  it('have their address behind the request that they are about as well', () => {
    const page =
      '# List calls\n\nGET https://api.vapi.ai/call\n\nReference: https://docs.vapi.ai/api-reference/calls/list\n\nText.'
    expect(pagesOfFullText(page)).toMatchObject([{ id: 'api-reference/calls/list', category: 'api' }])
  })
})

describe('all pages in one file, each after its front matter', () => {
  const text = `---
title: Calls
subtitle: How calls go
slug: calls/basics
---

# Calls

Text of calls.

# Ends

\`\`\`md
---
title: not a page
---
\`\`\`

***

title: Voices
'og:title': Other
slug: /voices

---------------------

Text of voices.

---

A rule before this.

---
title: Later
---

Text.
`

  it('have title, description, address and text, whatever headings are in them', () => {
    const [calls, voices, later, ...more] = pagesOfFullText(text)
    expect(calls).toMatchObject({
      id: 'calls/basics',
      title: 'Calls',
      description: 'How calls go',
      url: 'https://docs.vapi.ai/calls/basics',
    })
    expect(calls?.text).toContain('# Ends')
    expect(calls?.text).toContain('title: not a page')
    expect(voices).toMatchObject({ id: 'voices', title: 'Voices', url: 'https://docs.vapi.ai/voices' })
    expect(voices?.text).toContain('A rule before this.')
    expect(later).toMatchObject({ id: 'later', title: 'Later', text: 'Text.' })
    expect(more).toEqual([])
  })

  it('may stand beside pages after a heading with an address', () => {
    const mixed = `${text}\n# List calls\n\nReference: https://docs.vapi.ai/api-reference/calls/list\n\nText.\n\n# Next\n\nText.\n`
    expect(idsOf(mixed)).toEqual(['calls/basics', 'voices', 'later', 'api-reference/calls/list', 'next'])
  })
})

describe('what is no such file', () => {
  it.each([
    ['nothing', ''],
    ['a page of HTML', '<!doctype html><title>Not found</title><h1>Not found</h1>'],
    ['JSON', '{"title":"x"}'],
    ['headings without text', '# A\n\n# B\n'],
    ['rules', '---\n---\n---\n'],
    ['front matter that cannot be read', '---\ntitle: [\n---\n\nText.\n'],
    ['a title that is no text', '---\ntitle: {a: b}\n---\n\nText.\n'],
  ])('has no pages: %s', (_what, text) => {
    expect(pagesOfFullText(text)).toEqual([])
  })

  it('may have names of the language this is written in', () => {
    expect(idsOf('# __proto__\n\na\n\n# constructor\n\nb\n\n# __proto__\n\nc\n')).toEqual([
      'proto',
      'constructor',
      'proto-2',
    ])
  })
})

describe('a file takes time by its size alone', () => {
  const durationFor = (unit: string, size: number) => {
    const text = `# x\n${unit.repeat(size / unit.length)}`
    return durationOf(() => pagesOfFullText(text))
  }

  it.each(['---\n\n', '# a\nx\n', '```x\n', '<!--'])(
    'of five million characters: %j',
    { timeout: 120_000 },
    unit => {
      expect(durationFor(unit, 5_000_000)).toBeLessThan(60_000)
    },
  )

  it.each([
    '---\n',
    '***\n\n\n\n',
    '# a\n',
    '---\ntitle: a\n---\n',
    '---\ntitle: a\n---\nx\n',
    '\n',
    ' ',
    '# a\n> ',
    'source: https://a ',
    '# a\n<!--',
    '[',
  ])('of half a million: %j', { timeout: 60_000 }, unit => {
    expect(durationFor(unit, 500_000)).toBeLessThan(30_000)
  })

  it.each(['[', '{a: ', '- ', '&a ', '*a ', '"'])('also in front matter: %j', { timeout: 60_000 }, unit => {
    const front = `---\ntitle: ${unit.repeat(100_000)}\n---\n\nText.\n`
    expect(durationOf(() => pagesOfFullText(front))).toBeLessThan(30_000)
    expect(durationOf(() => officialPage('a', front))).toBeLessThan(30_000)
  })
})
