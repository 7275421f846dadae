import type { Heard } from './streaming.ts'

/** Final text of a part of an utterance. */
export interface Piece {
  /** With the spaces that belong before and after it, where the pieces are joined without any. */
  text: string
  startMs: number
  /** Counted from the connection's first sample, like `startMs`. */
  endMs: number
  confidence?: number
  language?: string
}

/** Collects the pieces of an utterance, for providers that give its final text bit by bit. */
export interface Utterance {
  /** Takes the next piece. An utterance that has gone on for long is told before it ends. */
  add(piece: Piece): Heard[]
  /** Lets go of pieces that begin at this moment or later: the provider gives them again. */
  dropFrom(startMs: number): void
  /** What is known so far, with text that may still change. */
  soFar(changing: string, endMs: number | null): Heard[]
  /** The utterance is over; `endMs` where the provider gives no times. */
  end(endOfTurn: boolean, endMs?: number | null): Heard[]
}

/** Sound without a final transcript is kept for 30 s: what is known of a longer utterance is told before. */
const LONGEST_MS = 20_000

export function createUtterance(separator: '' | ' '): Utterance {
  let pieces: Piece[] = []
  const textWith = (more: string) =>
    [...pieces.map(({ text }) => text), more]
      .filter(text => text !== '')
      .join(separator)
      .trim()

  function end(endOfTurn: boolean, endMs?: number | null): Heard[] {
    const said = pieces
    const text = textWith('')
    pieces = []
    if (text === '') return []
    const streamMs = endMs === undefined ? Math.max(...said.map(piece => piece.endMs)) : endMs
    return [
      {
        type: 'transcript',
        transcriptType: 'final',
        text,
        streamMs,
        ...confidence(said),
        ...language(said),
        ...(endOfTurn && { endOfTurn }),
      },
    ]
  }

  return {
    add(piece) {
      pieces.push(piece)
      const [first = piece] = pieces
      return piece.endMs - first.startMs > LONGEST_MS ? end(false) : []
    },
    dropFrom(startMs) {
      pieces = pieces.filter(piece => piece.startMs < startMs)
    },
    soFar(changing, endMs) {
      const text = textWith(changing)
      if (text === '') return []
      return [{ type: 'transcript', transcriptType: 'partial', text, streamMs: endMs, ...language(pieces) }]
    },
    end,
  }
}

/** The mean, by length of text. */
function confidence(pieces: readonly Piece[]): { confidence?: number } {
  let sum = 0
  let length = 0
  for (const piece of pieces) {
    if (piece.confidence === undefined) continue
    sum += piece.confidence * piece.text.length
    length += piece.text.length
  }
  return length === 0 ? {} : { confidence: sum / length }
}

/** The language of most of the text. */
function language(pieces: readonly Piece[]): { language?: string } {
  const lengths = new Map<string, number>()
  for (const piece of pieces)
    if (piece.language !== undefined)
      lengths.set(piece.language, (lengths.get(piece.language) ?? 0) + piece.text.length)
  const [most] = [...lengths].sort(([, one], [, other]) => other - one)
  return most === undefined ? {} : { language: most[0] }
}
