/**
 * Text that remembers, through any number of edits, which source characters each part came from and which parts are
 * finished. Immutable: every edit gives a new TrackedText.
 */
import type { FormattedSpan } from './plan.ts'

/**
 * `open`: any step may change it. `done`: written or settled by a step; only the replacements may still change it.
 * `kept`: an audio tag; nothing changes it.
 */
export type Protection = 'open' | 'done' | 'kept'

/**
 * Stand for protected characters where patterns look (private use, neither word nor space). A pattern may name the
 * first to ask whether something visible stands right before it; the second is white space at a stretch's end.
 */
export const VISIBLE_MASK = '\uE000'
const SPACE_MASK = '\uE001'

/** A stretch that maps linearly to `sourceFrom..sourceTo`. Never empty. */
interface Piece {
  text: string
  readonly sourceFrom: number
  sourceTo: number
  readonly protection: Protection
  /** The text, masked if it is protected. */
  openText: string
}

/** Replaces `from..to` by `text`. The same text again only changes the protection and keeps all offsets. */
export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
  readonly protection: Protection
}

/** Gives the replacement of a match, or undefined to leave it as it is, open to later steps. */
export type Replacer = (match: RegExpExecArray) => string | undefined

export class TrackedText {
  readonly text: string
  readonly #pieces: readonly Readonly<Piece>[]
  #openText: string | undefined

  private constructor(pieces: readonly Readonly<Piece>[]) {
    this.#pieces = pieces
    this.text = joined(pieces, piece => piece.text)
  }

  static of(source: string): TrackedText {
    return new TrackedText(source === '' ? [] : [pieceOf(source, 0, source.length, 'open')])
  }

  /** What steps search: the text with everything done or kept masked, at the same offsets. */
  get openText(): string {
    this.#openText ??= joined(this.#pieces, piece => piece.openText)
    return this.#openText
  }

  /** What replacements search: only kept tags are masked. */
  get replaceableText(): string {
    return joined(this.#pieces, piece => (piece.protection === 'kept' ? piece.openText : piece.text))
  }

  /** Replaces what a global pattern finds in the open text. What the replacer returns is done. */
  replace(pattern: RegExp, replacer: Replacer): TrackedText {
    return this.#replaceIn(this.openText, pattern, replacer)
  }

  /** As `replace`, but also in what earlier steps have written. */
  replaceEverywhere(pattern: RegExp, replacer: Replacer): TrackedText {
    return this.#replaceIn(this.replaceableText, pattern, replacer)
  }

  /** Applies edits that are in order and do not overlap. An edit that touches a kept tag is ignored. */
  edit(edits: readonly Edit[]): TrackedText {
    if (edits.length === 0) return this
    const editor = new PieceEditor(this.#pieces)
    for (const edit of edits) {
      editor.copyTo(edit.from)
      if (this.text.slice(edit.from, edit.to) === edit.text) editor.copyTo(edit.to, edit.protection)
      else editor.replaceTo(edit.to, edit.text, edit.protection)
    }
    editor.copyTo(this.text.length)
    return new TrackedText(editor.edited)
  }

  /** The map back to the source; see `FormattedText`. */
  spans(): FormattedSpan[] {
    const spans: FormattedSpan[] = []
    let from = 0
    for (const piece of this.#pieces) {
      const { sourceFrom, sourceTo } = piece
      const to = from + piece.text.length
      const last = spans.at(-1)
      const isContinued =
        last?.sourceTo === sourceFrom &&
        isOneToOne(piece) &&
        last.to - last.from === sourceFrom - last.sourceFrom
      if (isContinued) spans[spans.length - 1] = { ...last, to, sourceTo }
      else spans.push({ from, to, sourceFrom, sourceTo })
      from = to
    }
    return spans
  }

  #replaceIn(searched: string, pattern: RegExp, replacer: Replacer): TrackedText {
    if (searched.search(pattern) < 0) return this
    const edits: Edit[] = []
    for (const match of searched.matchAll(pattern)) {
      const text = replacer(match)
      if (text === undefined) continue
      edits.push({ from: match.index, to: match.index + match[0].length, text, protection: 'done' })
    }
    return this.edit(edits)
  }
}

/** Goes once through pieces, from left to right, and builds the edited ones. */
class PieceEditor {
  readonly edited: Piece[] = []
  readonly #pieces: readonly Readonly<Piece>[]
  #index = 0
  /** How much of the piece at `#index` is behind. */
  #offset = 0
  #position = 0
  /** Where in the source the last stretch behind ended. */
  #sourceBehind = 0
  /** Whether the last edited piece was made by joining here and so may be changed. */
  #isLastOwn = false

  constructor(pieces: readonly Readonly<Piece>[]) {
    this.#pieces = pieces
  }

  /** Takes everything up to a position over, with another protection if one is given; kept tags stay kept. */
  copyTo(position: number, protection?: Protection): void {
    while (this.#position < position) {
      const piece = this.#next(position)
      const isChanged = protection !== undefined && piece.protection !== 'kept'
      this.#add(isChanged ? pieceOf(piece.text, piece.sourceFrom, piece.sourceTo, protection) : piece)
    }
  }

  /** Puts a text in place of everything up to a position; takes it over as it is if a kept tag is touched. */
  replaceTo(position: number, text: string, protection: Protection): void {
    if (this.#isKeptBefore(position)) {
      this.copyTo(position)
      return
    }
    const sourceFrom = this.#sourceAhead()
    while (this.#position < position) this.#next(position)
    const sourceTo = Math.max(sourceFrom, this.#sourceBehind)
    if (text !== '') this.#add(pieceOf(text, sourceFrom, sourceTo, protection))
  }

  /** The next piece or, if it reaches beyond the position, its part before that. */
  #next(position: number): Piece {
    const piece = this.#pieces[this.#index]
    const end = Math.min(piece.text.length, this.#offset + position - this.#position)
    const part = end - this.#offset === piece.text.length ? piece : partOf(piece, this.#offset, end)
    this.#position += end - this.#offset
    this.#offset = end
    if (end === piece.text.length) {
      this.#index++
      this.#offset = 0
    }
    this.#sourceBehind = part.sourceTo
    return part
  }

  /** Inside a kept tag counts too, so that nothing is put into one. */
  #isKeptBefore(position: number): boolean {
    if (this.#offset > 0 && this.#pieces[this.#index].protection === 'kept') return true
    let start = this.#position - this.#offset
    for (let index = this.#index; start < position; index++) {
      if (this.#pieces[index].protection === 'kept') return true
      start += this.#pieces[index].text.length
    }
    return false
  }

  #sourceAhead(): number {
    const piece = this.#pieces[this.#index]
    return piece === undefined ? this.#sourceBehind : sourceAt(piece, this.#offset)
  }

  #add(piece: Piece): void {
    const last = this.edited.at(-1)
    if (last === undefined || !isContinuation(last, piece)) {
      this.edited.push(piece)
      this.#isLastOwn = false
      return
    }
    const own = this.#isLastOwn ? last : { ...last }
    own.text += piece.text
    own.openText += piece.openText
    own.sourceTo = piece.sourceTo
    this.edited[this.edited.length - 1] = own
    this.#isLastOwn = true
  }
}

function pieceOf(text: string, sourceFrom: number, sourceTo: number, protection: Protection): Piece {
  return { text, sourceFrom, sourceTo, protection, openText: protection === 'open' ? text : masked(text) }
}

function partOf(piece: Piece, from: number, to: number): Piece {
  return pieceOf(piece.text.slice(from, to), sourceAt(piece, from), sourceAt(piece, to), piece.protection)
}

function sourceAt(piece: Piece, offset: number): number {
  return piece.sourceFrom + Math.round(((piece.sourceTo - piece.sourceFrom) * offset) / piece.text.length)
}

function isOneToOne(piece: Piece): boolean {
  return piece.text.length === piece.sourceTo - piece.sourceFrom
}

function isContinuation(last: Piece, piece: Piece): boolean {
  return (
    last.protection === piece.protection &&
    last.sourceTo === piece.sourceFrom &&
    isOneToOne(last) &&
    isOneToOne(piece)
  )
}

/** White space shows only at the end, where a pattern may look back at it. */
function masked(text: string): string {
  const mask = VISIBLE_MASK.repeat(text.length)
  return /\s$/.test(text.slice(-1)) ? mask.slice(1) + SPACE_MASK : mask
}

function joined(pieces: readonly Piece[], textOf: (piece: Piece) => string): string {
  return pieces.length === 1 ? textOf(pieces[0]) : pieces.map(textOf).join('')
}
