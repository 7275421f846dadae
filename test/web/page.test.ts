import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { html } from '../../src/web/html.ts'
import { renderPage } from '../../src/web/page.ts'
import { markupProblems } from './markup.ts'

const body = html`<main><h1>Page</h1></main>`

function policyOf(page: string): string {
  const found = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? ''
  return found.replaceAll('&#39;', "'")
}

function hashOf(page: string, element: 'script' | 'style'): string {
  const text = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page)?.[1] ?? ''
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

describe('renderPage', () => {
  it('renders a whole document', () => {
    const page = renderPage({ title: 'A <title> & more', body })
    expect(markupProblems(page)).toEqual([])
    expect(page).toContain('<title>A &lt;title&gt; &amp; more</title>')
  })

  it('allows exactly its own styles and script', () => {
    const page = renderPage({ title: 't', body, styles: 'p { color: red }', script: 'document.title = "x"' })
    expect(policyOf(page)).toBe(
      `default-src 'none'; style-src ${hashOf(page, 'style')}; script-src ${hashOf(page, 'script')}; ` +
        `base-uri 'none'; form-action 'none'`,
    )
  })

  it('allows no script where it has none', () => {
    const page = renderPage({ title: 't', body })
    expect(page).not.toContain('<script')
    expect(policyOf(page)).not.toContain('script-src')
  })

  it('allows the further sources that are asked for', () => {
    const page = renderPage({ title: 't', body, sources: { 'media-src': ["'self'", 'file:'] } })
    expect(policyOf(page)).toContain("; media-src 'self' file:; ")
  })

  it.each(["'none'; script-src *", 'https://a b', 'x,y', ''])('refuses the source %j', source => {
    expect(() => renderPage({ title: 't', body, sources: { 'media-src': [source] } })).toThrow('not a source')
  })

  it.each(['</style>', '</SCRIPT>', '<!-- x'])('refuses %j inside of styles and scripts', text => {
    expect(() => renderPage({ title: 't', body, styles: text })).toThrow('inline')
    expect(() => renderPage({ title: 't', body, script: text })).toThrow('inline')
  })
})
