import { describe, expect, it } from 'vitest'
import { clipText, glance, html, visibleText } from '../../src/web/html.ts'

describe('html', () => {
  it('escapes text for content and quoted attributes', () => {
    const hostile = `"><script>alert('1')</script>&amp;`
    expect(`${html`<p title="${hostile}">${hostile}</p>`}`).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</p>',
    )
  })

  it('inserts markup as it is, joins lists, and leaves nothing for nothing', () => {
    const items = ['<a>', 'b'].map(text => html`<li>${text}</li>`)
    expect(`${html`<ul>${items}</ul>${null}${undefined}${false}${0}${''}`}`).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li></ul>0',
    )
  })

  it('does not take an object that looks like markup for markup', () => {
    const forged = JSON.parse('{"markup":"<script>","toString":"<script>"}')
    const pretending = { toString: () => '<script>' } as unknown as string
    expect(`${html`${forged}`}`).toBe(
      '{&quot;markup&quot;:&quot;&lt;script&gt;&quot;,&quot;toString&quot;:&quot;&lt;script&gt;&quot;}',
    )
    expect(`${html`${pretending}`}`).toBe('{}')
  })
})

describe('visibleText', () => {
  it('shows control characters and bidirectional overrides as signs', () => {
    expect(visibleText('a\u0000b\u001b[31mc\u007f')).toBe('a␀b␛[31mc␡')
    expect(visibleText('abc\u202egpj.exe\u2066x\u2069')).toBe('abc[U+202E]gpj.exe[U+2066]x[U+2069]')
    expect(visibleText('\u0085\ufffe\u{1ffff}')).toBe('[U+0085][U+FFFE][U+1FFFF]')
  })

  it('replaces lone surrogates and keeps whole characters, line ends and tabs', () => {
    expect(visibleText('\ud83d x 😀\r\n\r\t')).toBe('\ufffd x 😀\n\n\t')
    expect(visibleText('שלום, مرحبا \u200f!')).toBe('שלום, مرحبا \u200f!')
  })
})

describe('clipText and glance', () => {
  it('keep short texts', () => {
    expect(clipText('abc', 3)).toBe('abc')
    expect(glance('abc', 3)).toBe('abc')
  })

  it('say that something is missing, and how much', () => {
    expect(clipText('a'.repeat(2500), 1000)).toBe(`${'a'.repeat(1000)}… (1,500 more characters)`)
    expect(glance('abcdef', 3)).toBe('abc…')
  })

  it('never halve a character', () => {
    expect(clipText('ab😀cd', 3)).toBe('ab… (4 more characters)')
    expect(glance('ab😀cd', 4)).toBe('ab😀…')
  })
})
