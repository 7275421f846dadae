/**
 * Markup that is safe to insert. Only `html` makes it: an object that merely looks like one (out of a tool's
 * arguments, say) is never taken for markup, since the private field cannot come out of JSON.
 */
export class Html {
  readonly #markup: string

  private constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }

  /** The one way in; everything but the literal parts of a template is escaped. */
  static fromTemplate(strings: TemplateStringsArray, pieces: readonly Piece[]): Html {
    let markup = strings[0] ?? ''
    for (const [place, piece] of pieces.entries()) markup += markupOf(piece) + (strings[place + 1] ?? '')
    return new Html(markup)
  }
}

/** What a template takes: text and numbers are escaped, lists are joined, nothing stays nothing. */
export type Piece = string | number | Html | null | undefined | false | readonly Piece[]

/**
 * Makes markup: html`<p title="${title}">${text}</p>`. Every inserted text is escaped for element content and for
 * quoted attributes alike, so attributes must be quoted; never insert into `<script>`, `<style>` or a tag's name.
 */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return Html.fromTemplate(strings, pieces)
}

function markupOf(piece: Piece): string {
  if (piece instanceof Html) return piece.toString()
  if (Array.isArray(piece)) return piece.map(markupOf).join('')
  if (piece === null || piece === undefined || piece === false) return ''
  return escapeText(typeof piece === 'object' ? JSON.stringify(piece) : String(piece))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Escapes any text for element content and quoted attributes. */
export function escapeText(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
}

/** What HTML forbids as text, and the bidirectional controls that turn the text after them around. */
const HIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u202a-\u202e\u2066-\u2069]/gu

/**
 * Text in which nothing acts unseen: control characters, lone surrogates, noncharacters and bidirectional
 * embeddings, overrides and isolates become visible signs. Line ends become `\n`; tabs stay.
 */
export function visibleText(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(HIDDEN, character => {
    const code = character.codePointAt(0) ?? 0
    if (character === '\n' || character === '\t') return character
    if (code < 0x20) return String.fromCodePoint(0x2400 + code)
    if (code === 0x7f) return '\u2421'
    if (code >= 0xd800 && code <= 0xdfff) return '\ufffd'
    return `[U+${code.toString(16).toUpperCase().padStart(4, '0')}]`
  })
}

/** Cuts a text after `limit` characters, without halving one, and says how much is missing. */
export function clipText(text: string, limit: number): string {
  if (text.length <= limit) return text
  const shown = beginning(text, limit)
  return `${shown}… (${(text.length - shown.length).toLocaleString('en')} more characters)`
}

/** The beginning of a text that is told in full elsewhere. */
export function glance(text: string, limit: number): string {
  return text.length <= limit ? text : `${beginning(text, limit)}…`
}

function beginning(text: string, limit: number): string {
  const code = text.charCodeAt(limit - 1)
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit)
}
