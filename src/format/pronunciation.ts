/** Pronunciation dictionaries: what a voice is to say in place of single words (seed, Pronunciation dictionaries). */
import { encodeAttribute, readMarkup } from './markup.ts'
import type { FormattedText } from './plan.ts'
import { TrackedText } from './tracked-text.ts'

export type PhonemeAlphabet = 'ipa' | 'cmu-arpabet'

/** A rule of a dictionary. `text` is looked for with its case, as whole words. */
export type PronunciationRule =
  | { readonly type: 'alias'; readonly text: string; readonly alias: string }
  | {
      readonly type: 'phoneme'
      readonly text: string
      readonly phonemes: string
      readonly alphabet: PhonemeAlphabet
    }

export type Pronouncer = (text: string) => FormattedText

const WORD = String.raw`[\p{L}\p{N}\p{M}_]`

/**
 * Applies rules in their order to a text that is about to be spoken; what one has written is not looked at again, and
 * nothing inside tags is. Aliases become plain text, phonemes an SSML tag around the word. `spans` lead back to the text.
 */
export function createPronouncer(rules: readonly PronunciationRule[]): Pronouncer {
  const patterns = rules.map(({ text }) => wholeWords(text))
  return source => {
    let text = settleMarkup(source)
    for (const [place, rule] of rules.entries()) {
      if (rule.text === '' || !text.openText.includes(rule.text)) continue
      text = text.replace(patterns[place], () => replacementOf(rule))
    }
    return { text: text.text, spans: text.spans() }
  }
}

function replacementOf(rule: PronunciationRule): string {
  if (rule.type === 'alias') return rule.alias
  const phonemes = rule.alphabet === 'ipa' ? rule.phonemes.replace(/^\/|\/$/g, '') : rule.phonemes
  return `<phoneme alphabet="${rule.alphabet}" ph="${encodeAttribute(phonemes.trim())}">${rule.text}</phoneme>`
}

/** Tags stay as they are, as does what the voice spells or says in another way already. */
function settleMarkup(source: string): TrackedText {
  const settled = readMarkup(source).flatMap(({ type, from, to }) =>
    type === 'text' ? [] : [{ from, to, text: source.slice(from, to), protection: 'kept' as const }],
  )
  return TrackedText.of(source).edit(settled)
}

/** Finds a text where no word goes on before or after it; a sign at its edge (`.NET`, `C++`) needs no such edge. */
function wholeWords(text: string): RegExp {
  const isWord = new RegExp(WORD, 'u')
  const before = isWord.test(text.slice(0, 1)) ? `(?<!${WORD})` : ''
  const after = isWord.test(text.slice(-1)) ? `(?!${WORD})` : ''
  return new RegExp(before + text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') + after, 'gu')
}
