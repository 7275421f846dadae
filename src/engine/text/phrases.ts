/**
 * Words as the stop-speaking plan compares them: no case, no apostrophes, no punctuation around a word (ruling 4).
 * Inner hyphens stay: "uh-huh" is one word.
 */
export function normalisePhrase(text: string): string {
  return text
    .toLowerCase()
    .replace(/['’`´]/g, '')
    .split(/[\s—–…]+|\.{2,}|--+/)
    .map(word => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))
    .filter(word => word !== '')
    .join(' ')
}

/** True where the whole utterance is one of the phrases. */
export function isPhrase(utterance: string, phrases: readonly string[]): boolean {
  return phrases.includes(normalisePhrase(utterance))
}

/** True where the utterance so far may still become one of the phrases. */
export function beginsPhrase(utterance: string, phrases: readonly string[]): boolean {
  const words = normalisePhrase(utterance)
  return phrases.some(phrase => phrase.startsWith(`${words} `))
}

/** The first of the phrases that stands in the utterance as whole words, or null. */
export function findPhrase(utterance: string, phrases: readonly string[]): string | null {
  const words = ` ${normalisePhrase(utterance)} `
  return phrases.find(phrase => phrase !== '' && words.includes(` ${phrase} `)) ?? null
}

/** Number of words in an utterance. */
export function countWords(utterance: string): number {
  const normalised = normalisePhrase(utterance)
  return normalised === '' ? 0 : normalised.split(' ').length
}

/** A text in small letters, with straight apostrophes and single spaces, in which phrases are looked for as they stand. */
export function plainWords(text: string): string {
  return text.toLowerCase().replace(/[’`´]/g, "'").replace(/\s+/g, ' ').trim()
}
