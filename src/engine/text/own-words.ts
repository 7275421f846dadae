import { normalisePhrase } from './phrases.ts'

/** So many words, and so much of what was heard, must have been said in this order where nothing but the words tells. */
const BY_WORDS = { minimum: 6, coverage: 0.9 }
/** The same where both sides sounded alike: a recogniser makes errors. Fewer words must stand in what was said as they are. */
const BY_SOUND = { minimum: 3, coverage: 0.5 }
/** Between the words that were said too there may be so many others, as a share of what was heard. */
const STRETCH = 1.5
/** Both sides sound alike, or do not: the likeness of their loudness. */
export const ALIKE = 0.75
export const UNLIKE = 0.3

/** A text as words to compare, hyphens apart: recognisers write them as they like. */
export function plainWordsOf(text: string): string[] {
  const words = normalisePhrase(text.replace(/[-‐‑]/g, ' '))
  return words === '' ? [] : words.split(' ')
}

/**
 * True where what was heard is what the assistant had just said, and not a person who takes up a word or two: nearly all of
 * it, in the same order and close together. `echo`: how alike the two sounded (-1 to 1), null where that is not known. Sound that is
 * alike lets fewer words do, and errors of the recogniser; unlike sound clears who says the same with a voice of their own. Words
 * alone must be many: "Tuesday at nine thirty", and a number that is repeated with one digit put right, are a person's.
 */
export function isOwnSpeech(heard: string, said: string, echo: number | null): boolean {
  if (echo !== null && echo < UNLIKE) return false
  const words = plainWordsOf(heard)
  if (words.length === 0) return false
  const isAlike = echo !== null && echo >= ALIKE
  const { minimum, coverage } = isAlike ? BY_SOUND : BY_WORDS
  if (words.length < minimum) return isAlike && isPartOf(words, plainWordsOf(said))
  const matches = longestMatch(words, plainWordsOf(said))
  return matches >= minimum && matches >= coverage * words.length
}

/**
 * True of unfinished words that may turn out to be the assistant's: all of them were said in this order without a gap, the last one
 * perhaps only begun.
 */
export function mayBeOwnSpeech(heard: string, said: string, echo: number | null): boolean {
  if (echo !== null && echo < UNLIKE) return false
  const words = plainWordsOf(heard)
  return words.length > 0 && isPartOf(words, plainWordsOf(said), true)
}

/** The words stand in the text as they are; with `begun`, the last one may be the beginning of a word. */
function isPartOf(words: readonly string[], text: readonly string[], begun = false): boolean {
  const last = words.length - 1
  return text.some((_, from) =>
    words.every((word, place) => {
      const other = text[from + place]
      return other === word || (begun && place === last && other?.startsWith(word) === true)
    }),
  )
}

/** The most words of `heard` that stand in this order within any stretch of `said` that is not much longer. */
function longestMatch(heard: readonly string[], said: readonly string[]): number {
  const width = Math.ceil(heard.length * STRETCH)
  let best = 0
  for (let from = 0; from < said.length; from++) {
    if (!heard.includes(said[from] ?? '')) continue
    best = Math.max(best, commonWords(heard, said.slice(from, from + width)))
    if (from + width >= said.length) break
  }
  return best
}

/** Length of the longest common subsequence. */
function commonWords(first: readonly string[], second: readonly string[]): number {
  let row: number[] = new Array(second.length + 1).fill(0)
  for (const word of first) {
    const next = [0]
    for (let place = 1; place <= second.length; place++) {
      const both = word === second[place - 1] ? (row[place - 1] ?? 0) + 1 : 0
      next.push(Math.max(both, row[place] ?? 0, next[place - 1] ?? 0))
    }
    row = next
  }
  return row[second.length] ?? 0
}
