/** Markup inside a text for a voice: SSML as far as voices know it, and the two tags that the formatter keeps. */

interface Place {
  /** Offsets in the text, tags included. */
  readonly from: number
  readonly to: number
}

/** What a text for a voice is made of, in order and without gaps. */
export type MarkupPiece = Place &
  (
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'break'; readonly durationMs: number }
    /** To be read letter by letter. */
    | { readonly type: 'spell'; readonly text: string }
    | {
        readonly type: 'phoneme'
        readonly text: string
        readonly alphabet: string
        readonly phonemes: string
      }
    /** `alias` is spoken in place of `text`. */
    | { readonly type: 'sub'; readonly text: string; readonly alias: string }
    /** Any other tag, without what it encloses: `emphasis`, `speak`, `<<…>>` (`name` is empty) … */
    | { readonly type: 'tag'; readonly name: string }
  )

const TAG = /<<[^<>]*>>|<(?<slash>\/?)(?<name>[a-z][\w:-]*)(?<rest>(?:[\s/][^<>]*)?)>/gi
const ATTRIBUTE = /([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** A break without a time, and the longest one. */
const DEFAULT_BREAK_MS = 500
const LONGEST_BREAK_MS = 10_000
const STRENGTHS_MS: Readonly<Record<string, number>> = {
  none: 0,
  'x-weak': 100,
  weak: 250,
  medium: 500,
  strong: 750,
  'x-strong': 1000,
}

/** Names of the tags of SSML; others (`<flush/>`) are no markup of a voice. */
export const SSML_TAGS: ReadonlySet<string> = new Set(
  'break spell phoneme sub speak p s w token voice lang emphasis prosody say-as mark desc audio lexicon lookup meta metadata'.split(
    ' ',
  ),
)

/** Reads the markup of a text. Tags without their partner are `tag` pieces, but for `<spell>`, which goes to the end. */
export function readMarkup(text: string): MarkupPiece[] {
  if (!text.includes('<')) return text === '' ? [] : [{ type: 'text', text, from: 0, to: text.length }]
  const pieces: MarkupPiece[] = []
  let position = 0
  // Names without a closing tag ahead: they are not looked for again, which keeps the reading linear.
  const unclosed = new Set<string>()
  for (const match of text.matchAll(TAG)) {
    const from = match.index
    if (from < position) continue
    if (from > position)
      pieces.push({ type: 'text', text: text.slice(position, from), from: position, to: from })
    const piece = readTag(text, match, unclosed)
    pieces.push(piece)
    position = piece.to
  }
  if (position < text.length)
    pieces.push({ type: 'text', text: text.slice(position), from: position, to: text.length })
  return pieces
}

function readTag(text: string, match: RegExpExecArray, unclosed: Set<string>): MarkupPiece {
  const { slash, name: written = '', rest = '' } = match.groups ?? {}
  const name = written.toLowerCase()
  const from = match.index
  const to = from + match[0].length
  const tag: MarkupPiece = { type: 'tag', name, from, to }
  if (slash === '/') return tag
  const attributes = attributesOf(rest)
  if (name === 'break') return { type: 'break', durationMs: breakMs(attributes), from, to }
  if (!['spell', 'phoneme', 'sub'].includes(name) || rest.trimEnd().endsWith('/')) return tag
  const { alias, ph, alphabet = 'ipa' } = attributes
  if ((name === 'sub' && alias === undefined) || (name === 'phoneme' && ph === undefined)) return tag
  const closing = unclosed.has(name) ? null : new RegExp(`</${name}\\s*>`, 'i').exec(text.slice(to))
  if (closing === null) unclosed.add(name)
  if (closing === null && name !== 'spell') return tag
  const end = closing === null ? text.length : to + closing.index
  const place = { from, to: closing === null ? end : end + closing[0].length }
  const inner = text.slice(to, end)
  if (name === 'spell') return { type: 'spell', text: inner, ...place }
  if (alias !== undefined && name === 'sub') return { type: 'sub', text: inner, alias, ...place }
  return { type: 'phoneme', text: inner, alphabet: alphabet.toLowerCase(), phonemes: ph ?? '', ...place }
}

function attributesOf(rest: string): Record<string, string | undefined> {
  return Object.fromEntries(
    Array.from(rest.matchAll(ATTRIBUTE), ([, name, double, single]) => [
      name.toLowerCase(),
      decodeEntities(double ?? single ?? ''),
    ]),
  )
}

function breakMs({ time, strength }: Record<string, string | undefined>): number {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(ms|s)\s*$/i.exec(time ?? '') ?? []
  if (amount === undefined) return STRENGTHS_MS[strength?.toLowerCase() ?? ''] ?? DEFAULT_BREAK_MS
  return Math.min(LONGEST_BREAK_MS, Math.round(Number(amount) * (unit.toLowerCase() === 's' ? 1000 : 1)))
}

/** `&amp;` and its like as the signs that they stand for. */
export function decodeEntities(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name])
}

/** A text as the value of an attribute. */
export function encodeAttribute(text: string): string {
  return text.replace(/[&<>"]/g, sign => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[sign]};`)
}
