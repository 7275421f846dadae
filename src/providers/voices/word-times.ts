/** Leads what providers tell of the times of words back to the text that was asked for. */
import type { WordTiming } from '../../engine/ports/voice.ts'

/** A word as a provider names it, and when it is heard, in milliseconds from the start of the sound. */
export interface SpokenWord {
  word: string
  startMs: number
  endMs: number
}

/**
 * Finds words in the text one after the other. A word that is not there (a number that was written out) has no times.
 * `nextOnly`: nothing is passed over, as the words may be cut off.
 */
export type WordFinder = (words: readonly SpokenWord[], nextOnly?: boolean) => WordTiming[]

/** A word is looked for this far ahead of the one before, in characters: what lies between was spoken in another way. */
const LOOK_AHEAD = 120
const WORD_SIGN = /[\p{L}\p{N}]/u
/** Scripts that put no space between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}]/u

export function createWordFinder(text: string): WordFinder {
  const lower = text.toLowerCase()
  // Some letters change their length in lower case, and offsets with it.
  const searched = lower.length === text.length ? lower : text
  let position = 0

  function find(word: string): number {
    for (let at = searched.indexOf(word, position); at >= 0; at = searched.indexOf(word, at + 1)) {
      if (at - position > LOOK_AHEAD) return -1
      if (beginsWord(at) && endsWord(at + word.length)) return at
    }
    return -1
  }

  const beginsWord = (at: number) => !joins(searched[at - 1], searched[at])
  const endsWord = (at: number) => !joins(searched[at - 1], searched[at])

  return (words, nextOnly = false) =>
    words.flatMap(({ word, startMs, endMs }) => {
      const bare = word.trim()
      const found = bare === '' ? -1 : find(searched === lower ? bare.toLowerCase() : bare)
      if (found < 0 || (nextOnly && WORD_SIGN.test(text.slice(position, found)))) return []
      const from = found
      let to = found + bare.length
      // Signs behind a word are heard with it.
      while (to < text.length && !/[\s<]/.test(text[to] ?? '') && !WORD_SIGN.test(text[to] ?? '')) to++
      position = to
      return [{ from, to, startMs, endMs }]
    })
}

/** Two signs of one word. */
function joins(left = ' ', right = ' '): boolean {
  return WORD_SIGN.test(left) && WORD_SIGN.test(right) && !UNSPACED.test(left) && !UNSPACED.test(right)
}

/** Makes words of characters that come with their times, in any number of parts. */
export interface CharacterJoiner {
  /** The words that these characters completed. */
  push(characters: readonly SpokenWord[]): SpokenWord[]
  /** The one that was not completed. */
  end(): SpokenWord[]
}

export function createCharacterJoiner(): CharacterJoiner {
  let open: SpokenWord | null = null
  const close = (): SpokenWord[] => {
    const closed = open
    open = null
    return closed === null ? [] : [closed]
  }
  return {
    push: characters =>
      characters.flatMap(character => {
        if (character.word.trim() === '') return close()
        if (UNSPACED.test(character.word)) return [...close(), character]
        open =
          open === null
            ? character
            : { ...open, word: open.word + character.word, endMs: Math.max(open.endMs, character.endMs) }
        return []
      }),
    end: close,
  }
}
