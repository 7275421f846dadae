import { VapiError } from '../../errors.ts'

/** One thing to do for a text that is spoken: say a sentence, or be silent for a while. */
export type SpokenPart = { type: 'say'; text: string } | { type: 'pause'; durationMs: number }

/** Longer sentences are cut at a comma or a space, so that their first sound does not wait for their last word. */
const MAX_SENTENCE_CHARACTERS = 200
const DEFAULT_BREAK_MS = 500
const MAX_BREAK_MS = 10_000

/** Words whose full stop does not end a sentence. */
const ABBREVIATION =
  /(?:^|[\s("'])(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|vs|etc|e\.g|i\.e|approx|[A-Z])\.["')\]]*$/i
const SENTENCE_END = /[.!?]+["')\]]*\s+|\n+/g
const TAG = /<(\/?)([a-z][\w:-]*)([^<>]*)>/gi
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
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/**
 * Splits a text into sentences that the English voice can read, and pauses.
 *
 * Tags: `<break time="1s"/>` (seconds or milliseconds, at most 10 s) is a pause, `<spell>AB1</spell>` is read
 * letter by letter, every other tag is dropped and its content kept.
 * @throws VapiError `voice-cannot-read` when there is nothing to read, or most letters are of another script.
 */
export function spokenParts(text: string): SpokenPart[] {
  const parts: SpokenPart[] = []
  let open = ''
  let spelling = false
  let from = 0
  const take = (until: number) => {
    const raw = text.slice(from, until)
    open += spelling ? ` ${[...raw].filter(character => character.trim()).join(' ')} ` : raw
  }
  const say = () => {
    for (const sentence of sentences(readable(open))) parts.push({ type: 'say', text: sentence })
    open = ''
  }
  assertReadable(text.replace(TAG, ' '))
  for (const tag of text.matchAll(TAG)) {
    take(tag.index)
    from = tag.index + tag[0].length
    const name = tag[2].toLowerCase()
    if (name === 'spell') spelling = tag[1] === ''
    if (name === 'break' && tag[1] === '') {
      say()
      parts.push({ type: 'pause', durationMs: breakMs(tag[3]) })
    } else {
      open += ' '
    }
  }
  take(text.length)
  say()
  if (parts.length === 0) throw cannotRead('there is no word in it')
  return parts
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
  return text
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name])
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

function sentences(text: string): string[] {
  const found: string[] = []
  let from = 0
  for (const end of text.matchAll(SENTENCE_END)) {
    const until = end.index + end[0].length
    if (end[0][0] === '.' && ABBREVIATION.test(text.slice(from, until).trimEnd())) continue
    found.push(text.slice(from, until))
    from = until
  }
  found.push(text.slice(from))
  return found
    .map(sentence => sentence.replace(/\s+/g, ' ').trim())
    .filter(sentence => HAS_WORD.test(sentence))
    .flatMap(cutLong)
}

/** Cuts at the last comma within the limit, else at the last space, else anywhere. */
function cutLong(sentence: string): string[] {
  if (sentence.length <= MAX_SENTENCE_CHARACTERS) return [sentence]
  const head = sentence.slice(0, MAX_SENTENCE_CHARACTERS)
  const comma = Math.max(head.lastIndexOf(', '), head.lastIndexOf('; '), head.lastIndexOf(': ')) + 1
  const at = comma || head.lastIndexOf(' ') || MAX_SENTENCE_CHARACTERS
  const cut = at > 0 ? at : MAX_SENTENCE_CHARACTERS
  return [sentence.slice(0, cut), ...cutLong(sentence.slice(cut).trim())]
}

function breakMs(attributes: string): number {
  const time = /time\s*=\s*["']?\s*(\d+(?:\.\d+)?)\s*(ms|s)/i.exec(attributes)
  if (!time) return DEFAULT_BREAK_MS
  return Math.min(MAX_BREAK_MS, Math.round(Number(time[1]) * (time[2].toLowerCase() === 's' ? 1000 : 1)))
}
