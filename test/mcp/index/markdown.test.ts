import { describe, expect, it } from 'vitest'
import {
  codeBlocksOf,
  readDocument,
  sectionsOf,
  stretchesOf,
  withoutComponents,
} from '../../../src/mcp/index/markdown.ts'
import { durationOf } from '../page.ts'

const lines = (...text: string[]) => text.join('\n')

describe('front matter', () => {
  it('is taken off the page', () => {
    expect(readDocument('---\ntitle: A\nslug: b/c\n---\n\nText')).toEqual({
      front: { title: 'A', slug: 'b/c' },
      body: '\nText',
    })
  })

  it('may have a byte order mark before it and end its lines as Windows does', () => {
    expect(readDocument('\uFEFF---\r\ntitle: A\r\n---\r\nText')).toEqual({
      front: { title: 'A' },
      body: 'Text',
    })
  })

  it('may be empty, and a rule further down is not its end', () => {
    expect(readDocument('---\n---\nText\n---\nMore')).toEqual({ front: {}, body: 'Text\n---\nMore' })
  })

  it.each([
    ['broken', '---\ntitle: [a\n---\nText', 'Text'],
    ['a list', '---\n- a\n---\nText', 'Text'],
    ['absent', 'Text', 'Text'],
    ['not ended', '---\ntitle: a\nText', '---\ntitle: a\nText'],
    ['a rule in the middle', 'Text\n---\ntitle: a\n---\n', 'Text\n---\ntitle: a\n---\n'],
  ])('that is %s gives no fields', (_what, file, body) => {
    expect(readDocument(file)).toEqual({ front: {}, body })
  })
})

describe('code fences', () => {
  it('that are indented lose their indent, and so does their code, but not its own', () => {
    expect(
      stretchesOf(lines('- item', '    ```js', '    if (a) {', '      b()', '    }', '    ```')),
    ).toEqual([
      { isCode: false, text: '- item' },
      { isCode: true, text: lines('```js', 'if (a) {', '  b()', '}', '```') },
    ])
  })

  it('that are not closed go to the end', () => {
    expect(stretchesOf('a\n```js\nb\n\n# c')).toEqual([
      { isCode: false, text: 'a' },
      { isCode: true, text: '```js\nb\n\n# c' },
    ])
  })

  it('end at a mark of their own kind, at least as long, with nothing behind it', () => {
    const code = lines('````md', '```js', 'a', '```', '~~~~', '````js', '`````')
    expect(stretchesOf(`${code}\nafter`)).toEqual([
      { isCode: true, text: code },
      { isCode: false, text: 'after' },
    ])
  })

  it('are not begun by code within a line', () => {
    expect(stretchesOf('```a``` is code\n# b').map(({ isCode }) => isCode)).toEqual([false])
  })

  it('may be of tildes', () => {
    expect(codeBlocksOf('~~~py\na\n~~~')).toEqual([{ language: 'py', code: 'a' }])
  })

  it('name a language in any case and with more behind it', () => {
    const text = '```TypeScript title="a.ts" {1}\na\n```\n```js{2}\nb\n```\n```bash,copy\nc\n```\n```\nd\n```'
    expect(codeBlocksOf(text)).toEqual([
      { language: 'typescript', code: 'a' },
      { language: 'js', code: 'b' },
      { language: 'bash', code: 'c' },
      { language: '', code: 'd' },
    ])
  })
})

describe('components', () => {
  it('go, and leave their titles and what stands in them', () => {
    const text =
      '<CardGroup cols={2}>\n  <Card title="First" icon="a" href={`/x`}>\n    Text.\n  </Card>\n</CardGroup>'
    expect(withoutComponents(text)).toBe('**First**\n\nText.')
  })

  it('have titles in either quotes or in braces', () => {
    expect(withoutComponents(`<Tab title='A'>a</Tab><Tab title={"B"}>b</Tab>`)).toBe('**A**\na\n**B**\nb')
  })

  it('go with attributes over several lines and objects in braces', () => {
    expect(withoutComponents('a <Card\n  style={{ a: 1, b: `c` }}\n  wide\n/> b')).toBe('a  b')
  })

  it('leave the words for an image', () => {
    expect(withoutComponents('<img src="a.png" alt="The dashboard" />')).toBe('The dashboard')
  })

  it('stay in code blocks and in code within a line', () => {
    const text = 'Write `<Card title="A">`.\n\n```jsx\n<Card title="A">\n  {/* kept */}\n</Card>\n```'
    expect(withoutComponents(text)).toBe(text)
  })

  it('are other things than the tags of SSML and than less-than signs', () => {
    const text =
      'Say <break time="1s"/> or <flush /> or <say-as interpret-as="date">1</say-as>, a < B and b > c.'
    expect(withoutComponents(text)).toBe(text)
  })

  it('go with comments, imports and exports', () => {
    const text = lines(
      `import { A } from '@site/a';`,
      `import './b.css'`,
      'export const c = 1',
      '{/* gone',
      'too */}Text<!-- gone -->.',
      'Import your number from a provider.',
    )
    expect(withoutComponents(text)).toBe('Text.\nImport your number from a provider.')
  })

  it('leave what follows a comment without an end', () => {
    expect(withoutComponents('a <!-- b {/* gone */} c')).toBe('a <!-- b  c')
  })

  it('leave lists with their indent', () => {
    expect(withoutComponents('- a\n  - b\n    1. c\n    text')).toBe('- a\n  - b\n    1. c\ntext')
  })
})

describe('sections', () => {
  const shown = (text: string) =>
    sectionsOf(text).map(({ headings, anchor, start, end }) => [
      headings.join(' > '),
      anchor,
      text.slice(start, end),
    ])

  it('are the headings with what stands under them, one behind the other without gaps', () => {
    const text = 'Before\n\n# A\na\n## B\nb\n### C\nc\n## D\nd\n'
    expect(shown(text)).toEqual([
      ['', '', 'Before\n\n'],
      ['A', 'a', '# A\na\n'],
      ['A > B', 'b', '## B\nb\n'],
      ['A > B > C', 'c', '### C\nc\n'],
      ['A > D', 'd', '## D\nd\n'],
    ])
  })

  it('may leave out levels', () => {
    expect(shown('#### A\n## B\n#### C\n').map(([headings]) => headings)).toEqual(['A', 'B', 'B > C'])
  })

  it.each([
    ['a fence', '# A\n```bash\n# not one\n```\n'],
    ['a fence without an end', '# A\n```bash\n# not one\n'],
    ['a fence in which another begins', '# A\n```md\n```js\n# not one\n```\n'],
    ['a longer fence', '# A\n````md\n```\n# not one\n```\n````\n'],
    ['an indented fence', '# A\n  ~~~\n# not one\n  ~~~\n'],
  ])('are not begun within %s', (_where, text) => {
    expect(shown(text).map(([headings]) => headings)).toEqual(['A'])
  })

  it('go on behind code within a line', () => {
    expect(shown('# A\n```code```\n# B\n').map(([headings]) => headings)).toEqual(['A', 'B'])
  })

  it.each([
    ['## Set up the `startSpeakingPlan`', 'Set up the startSpeakingPlan', 'set-up-the-startspeakingplan'],
    ['## What’s **new**, in _v2_? ##', 'What’s new, in v2?', 'whats-new-in-v2'],
    ['## [Squads](/squads) and more', 'Squads and more', 'squads-and-more'],
    ['## `max_tokens`', 'max_tokens', 'max_tokens'],
    ['## Use C#', 'Use C#', 'use-c'],
    ['## Über uns', 'Über uns', 'über-uns'],
    ['## हिन्दी', 'हिन्दी', 'हिन्दी'],
    ['## A  &  B', 'A & B', 'a-b'],
  ])('have the heading of %s without marks and an anchor', (line, heading, anchor) => {
    expect(sectionsOf(`${line}\n`)).toMatchObject([{ headings: [heading], anchor }])
  })

  it('have anchors that are there once', () => {
    const anchors = sectionsOf('# A\n# A\n# A 1\n# A\n').map(({ anchor }) => anchor)
    expect(anchors).toEqual(['a', 'a-1', 'a-1-1', 'a-2'])
  })

  it('are none where a page is blank', () => {
    expect(sectionsOf('')).toEqual([])
    expect(sectionsOf('\n \n')).toEqual([])
    expect(sectionsOf('#\n# #\n#a\n##### b\n')).toMatchObject([{ headings: [] }])
  })
})

describe('hostile pages take time by their size alone', () => {
  it.each([
    '<!--',
    '{/*',
    '```x\n',
    '```x`\n',
    '`',
    '~~~',
    '<A b="<A b=\'',
    '<A b={{}',
    '<A b={ ',
    '<A b=\'" c="\' ',
    '<A ',
    '<A b ',
    "import a from 'b from ",
    'import a\n',
    'export ',
    '- a  ',
    '# a #',
    '# a  ',
    '[',
    '[a](',
    '](',
    '# [a](',
    '_',
    '# _a',
    ' ',
    '\t',
    '\n',
    '---\n',
    '#',
    '# a\n',
    '# 1\n# 1 1\n',
    '\0',
    '🙂',
  ])('%j', unit => {
    const text = `x ${unit.repeat(400_000 / unit.length)}x`
    expect(durationOf(() => withoutComponents(readDocument(text).body))).toBeLessThan(10_000)
    expect(durationOf(() => sectionsOf(text))).toBeLessThan(10_000)
    expect(durationOf(() => sectionsOf(`# ${text}`))).toBeLessThan(10_000)
    expect(durationOf(() => codeBlocksOf(`---\n${text}`))).toBeLessThan(10_000)
  })
})
