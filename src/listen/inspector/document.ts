import { readFile } from 'node:fs/promises'
import { packageFile } from '../../package-root.ts'
import { html } from '../../web/html.ts'
import { renderPage } from '../../web/page.ts'
import { inspectorStyles } from './styles.ts'

/** The script of the page, bundled from `browser/main.ts` when the program is built. */
export function readPageScript(): Promise<string> {
  return readFile(packageFile('dist', 'pages', 'inspector.js'), 'utf8')
}

/** The page of the inspector, without any data: its script asks for all of it. */
export function inspectorPage(script: string): string {
  return renderPage({
    title: 'vapi listen',
    styles: inspectorStyles,
    script,
    sources: { 'connect-src': ["'self'"] },
    body: html`<div id="app"><noscript><p class="start">The inspector needs JavaScript.</p></noscript></div>`,
  })
}
