import { VapiError } from '../../errors.ts'
import { decodeEntities, type MarkupPiece, readMarkup } from '../../format/markup.ts'
import { flitePhones } from './phonemes.ts'

/** One thing to do for a text that is spoken: say a sentence, or be silent for a while. */
export type SpokenPart = SpokenSentence | { type: 'pause'; durationMs: number }

export interface SpokenSentence {
  type: 'say'
  /** For Flite; with phoneme tags where `ssml` is true. */
  text: string
  ssml: boolean
  /** Phonemes of it that Flite does not have: the word was left as it is written. */
  unsaid: string[]
  /** Where it stands in the text that was given, tags included. */
  from: number
  to: number
}

/** Longer sentences are cut at a comma or a space, so that their first sound does not wait for their last word. */
const MAX_SENTENCE_CHARACTERS = 200

/** Words whose full stop does not end a sentence. */
const ABBREVIATION =
  /(?:^|[\s("'])(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|vs|etc|e\.g|i\.e|approx|[A-Z])\.["')\]]*$/i
const SENTENCE_END = /[.!?…]+["'”’)\]]*\s+|\n+/g
const HAS_WORD = /[A-Za-z0-9]/

const LATIN_LETTERS: Record<string, string> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'Th',
  ı: 'i',
}

/** A stretch of what is spoken, and where it comes from. */
interface Stretch {
  spoken: string
  /** Where the spoken text begins among the stretches. */
  at: number
  from: number
  to: number
  /** Flite's phones for it, or null. */
  phones: string | null
}

/**
 * Splits a text into sentences that the English voice can read, and pauses.
 *
 * Markup: `<break time="1s"/>` (at most 10 s) is a pause, `<spell>AB1</spell>` is read letter by letter, `<phoneme>` by
 * its phonemes, `<sub alias="…">` by its alias; every other tag is dropped and its content kept.
 * @throws VapiError `voice-cannot-read` when there is nothing to read, or most letters are of another script.
 */
export function spokenParts(text: string): SpokenPart[] {
  const pieces = readMarkup(text)
  assertReadable(pieces.map(piece => ('text' in piece ? piece.text : ' ')).join(''))
  const parts: SpokenPart[] = []
  let open = new SpokenRun()
  for (const piece of pieces) {
    if (piece.type !== 'break') open.add(piece)
    else {
      parts.push(...open.sentences(), { type: 'pause', durationMs: piece.durationMs })
      open = new SpokenRun()
    }
  }
  parts.push(...open.sentences())
  if (parts.length === 0) throw cannotRead('there is no word in it')
  return parts
}

/** What is spoken without a pause by a tag. */
class SpokenRun {
  private readonly stretches: Stretch[] = []
  private readonly unsaid: { phonemes: string; at: number }[] = []
  private spoken = ''

  add(piece: Exclude<MarkupPiece, { type: 'break' }>): void {
    const phones = piece.type === 'phoneme' ? flitePhones(piece.phonemes, piece.alphabet) : null
    if (piece.type === 'phoneme' && phones === null)
      this.unsaid.push({ phonemes: piece.phonemes, at: this.spoken.length })
    const spoken = spokenOf(piece)
    const { from, to } = piece
    if (spoken !== '') this.stretches.push({ spoken, at: this.spoken.length, from, to, phones })
    this.spoken += spoken
  }

  sentences(): SpokenSentence[] {
    return sentenceRanges(this.spoken).flatMap(([start, end]) => {
      const text = this.readableBetween(start, end)
      if (!HAS_WORD.test(text.replace(/<[^<>]*>/g, ''))) return []
      const unsaid = this.unsaid.filter(({ at }) => at >= start && at < end).map(({ phonemes }) => phonemes)
      return [
        {
          type: 'say' as const,
          text,
          ssml: text.includes('<'),
          unsaid,
          from: this.sourceAt(start, 'start'),
          to: this.sourceAt(end, 'end'),
        },
      ]
    })
  }

  /** Text for Flite; phones are given as SSML, with the punctuation after them inside, where Flite looks for it. */
  private readableBetween(start: number, end: number): string {
    let text = ''
    let plain = ''
    const closePlain = () => {
      text += readable(plain)
      plain = ''
    }
    for (const { spoken, at, phones } of this.stretches) {
      const part = spoken.slice(Math.max(0, start - at), Math.max(0, end - at))
      if (part !== spoken || phones === null) plain += part
      else {
        closePlain()
        text += `<phoneme ph="${phones}">${readable(part).trim()}</phoneme>`
      }
    }
    closePlain()
    return text
      .replace(/<\/phoneme>([,.;:!?]+)/g, '$1</phoneme>')
      .replace(/\s+/g, ' ')
      .trim()
  }

  /** Where in the given text a spoken character stands; inside what is said in another way, its edge. */
  private sourceAt(position: number, edge: 'start' | 'end'): number {
    const found = this.stretches.findLast(({ at }) => (edge === 'start' ? at <= position : at < position))
    if (found === undefined) return 0
    const { spoken, at, from, to } = found
    if (spoken.length === to - from) return Math.min(to, from + position - at)
    return edge === 'start' ? from : to
  }
}

function spokenOf(piece: Exclude<MarkupPiece, { type: 'break' }>): string {
  switch (piece.type) {
    case 'text':
    case 'phoneme':
      return piece.text
    case 'sub':
      return ` ${piece.alias} `
    case 'spell':
      return ` ${[...piece.text].filter(character => character.trim()).join(' ')} `
    case 'tag':
      return ' '
  }
}

function assertReadable(text: string): void {
  const letters = text.match(/\p{L}/gu) ?? []
  const foreign = letters.filter(letter => !/\p{Script=Latin}/u.test(letter))
  if (foreign.length * 2 > letters.length) throw cannotRead('it reads English only')
}

function cannotRead(reason: string): VapiError {
  return new VapiError({
    code: 'voice-cannot-read',
    message: `the embedded voice cannot read this text: ${reason}`,
    retryable: false,
    endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
    hint: 'choose a voice of another provider for this language',
  })
}

/** ASCII text that Flite pronounces as a person would read the original. */
function readable(text: string): string {
  return decodeEntities(text)
    .replace(/[‘’‚‛′`´]/g, "'")
    .replace(/[“”„‟″«»]/g, '"')
    .replace(/(\d)\s?[–—]\s?(?=\d)/g, '$1 to ')
    .replace(/\s*[–—―]\s*/g, ', ')
    .replace(/…/g, '...')
    .replace(
      /([€£])\s?(\d[\d,]*(?:\.\d+)?)/g,
      (_, sign: string, sum: string) => `${sum} ${sign === '€' ? 'euros' : 'pounds'}`,
    )
    .replace(/°/g, ' degrees ')
    .replace(/&/g, ' and ')
    .replace(/@/g, ' at ')
    .replace(/\+(?=\s*\d)/g, ' plus ')
    .replace(/=/g, ' equals ')
    .replace(/#(?=\d)/g, ' number ')
    .replace(/[ßẞæÆœŒøØłŁđĐðÐþÞı]/g, letter => LATIN_LETTERS[letter])
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\n\x20-\x7e]|[*_#~^|\\{}<>]/g, ' ')
}

/** Where each sentence of a text begins and ends; long ones in pieces. */
function sentenceRanges(text: string): [start: number, end: number][] {
  const found: [number, number][] = []
  let from = 0
  for (const end of text.matchAll(SENTENCE_END)) {
    const until = end.index + end[0].length
    if (end[0][0] === '.' && ABBREVIATION.test(text.slice(from, until).trimEnd())) continue
    found.push([from, until])
    from = until
  }
  found.push([from, text.length])
  return found.flatMap(([start, end]) => cutLong(text, start, end))
}

/** Cuts at the last comma within the limit, else at the last space, else anywhere. */
function cutLong(text: string, from: number, to: number): [start: number, end: number][] {
  const start = from + (/^\s*/.exec(text.slice(from, to))?.[0].length ?? 0)
  if (text.slice(start, to).trimEnd().length <= MAX_SENTENCE_CHARACTERS) return [[start, to]]
  const head = text.slice(start, start + MAX_SENTENCE_CHARACTERS)
  const comma = Math.max(head.lastIndexOf(', '), head.lastIndexOf('; '), head.lastIndexOf(': ')) + 1
  const at = comma || head.lastIndexOf(' ')
  const cut = start + (at > 0 ? at : MAX_SENTENCE_CHARACTERS)
  return [[start, cut], ...cutLong(text, cut, to)]
}
