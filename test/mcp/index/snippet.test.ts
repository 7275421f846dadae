import { describe, expect, it } from 'vitest'
import { snippetOf } from '../../../src/mcp/index/snippet.ts'
import { durationOf } from '../page.ts'

const filler = Array.from({ length: 40 }, (_, place) => `Line ${place} is about nothing at all.`)

describe('a snippet', () => {
  it('is where the words are, in whole lines and not longer than wanted', () => {
    const text = [...filler, 'Here the elephant sleeps.', ...filler].join('\n')
    const snippet = snippetOf(text, ['eleph'], 200)
    expect(snippet).toContain('Here the elephant sleeps.')
    expect(snippet.length).toBeLessThanOrEqual(200)
    for (const line of snippet.split('\n')) expect(text.split('\n')).toContain(line)
  })

  it('is the whole of a short text', () => {
    expect(snippetOf('# A\n\nSome text.', ['text'])).toBe('# A\nSome text.')
  })

  it('is the beginning where none of the words are', () => {
    expect(snippetOf(filler.join('\n'), ['eleph'], 100)).toMatch(/^Line 0 /)
    expect(snippetOf(filler.join('\n'), [], 100)).toMatch(/^Line 0 /)
  })

  it('is empty for a blank text', () => {
    expect(snippetOf('', ['a'])).toBe('')
    expect(snippetOf(' \n\n', ['a'])).toBe('')
  })

  it('has code whole, however long, with its blank lines', () => {
    const code = ['```js', ...filler, '', 'elephant()', ...filler, '```'].join('\n')
    expect(snippetOf(`Before.\n\n${code}\n\nAfter.`, ['eleph'], 100)).toBe(code)
  })

  it.each([
    ['inner fences', '````md\n```js\nelephant()\n```\n````'],
    ['no end', '```js\nelephant()\n\n# more'],
  ])('has code whole that has %s', (_what, code) => {
    expect(snippetOf(`${filler.join('\n')}\n${code}`, ['eleph'], 60)).toContain(code)
  })

  it('takes a very long line apart, around the words', () => {
    const text = `${'nothing here '.repeat(500)}the elephant sleeps ${'nothing there '.repeat(500)}`
    const snippet = snippetOf(text, ['eleph'], 300)
    expect(snippet).toContain('elephant')
    expect(snippet.length).toBeLessThanOrEqual(300)
  })

  it('takes a line without spaces apart, and leaves letters whole', () => {
    const snippet = snippetOf('🙂'.repeat(5000), [], 99)
    expect(snippet).toMatch(/^(🙂)+$/u)
    expect(snippet.length).toBeLessThanOrEqual(198)
  })

  it.each(['a\n', '```x\n', '```\n', 'a ', 'a', '~~~', '\n', ' '])('takes no time for much of %j', unit => {
    const text = unit.repeat(600_000 / unit.length)
    expect(durationOf(() => snippetOf(text, ['a']))).toBeLessThan(10_000)
  })
})
