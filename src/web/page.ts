import { createHash } from 'node:crypto'
import { escapeText, type Html } from './html.ts'
import { baseStyles } from './styles.ts'

/** What a page may load beside itself, by directive of the content security policy. */
export type PageSources = Partial<Record<'connect-src' | 'img-src' | 'media-src', readonly string[]>>

export interface Page {
  title: string
  /** Everything inside `<body>`. */
  body: Html
  /** CSS after the shell's own. */
  styles?: string
  /** JavaScript, run once the body is there; a page without it has no script at all. */
  script?: string
  sources?: PageSources
}

/**
 * Renders a self-contained HTML document. Its content security policy allows its own styles and script by their
 * hashes and, beside them, `sources` alone: no style attributes, event handlers, frames, forms or plug-ins.
 * Throws where `styles`, `script` or a source could break out of its place.
 */
export function renderPage({ title, body, styles = '', script, sources = {} }: Page): string {
  const css = inlineText(baseStyles + styles)
  const code = script === undefined ? undefined : inlineText(script)
  const policy = [
    "default-src 'none'",
    `style-src ${hashSource(css)}`,
    ...(code === undefined ? [] : [`script-src ${hashSource(code)}`]),
    ...Object.entries(sources).map(([directive, allowed]) => [directive, ...allowed.map(source)].join(' ')),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeText(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeText(title)}</title>
<style>${css}</style>
</head>
<body>
${body}
${code === undefined ? '' : `<script>${code}</script>\n`}</body>
</html>
`
}

/** The hash of an inline element covers its text exactly. */
function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

function inlineText(text: string): string {
  if (/<[/!]/.test(text)) throw new Error('an inline style or script must not contain "</" or "<!"')
  return text.trim()
}

function source(text: string): string {
  if (!/^[^\s;,"]+$/.test(text)) throw new Error(`not a source of a content security policy: ${text}`)
  return text
}
