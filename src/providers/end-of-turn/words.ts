/** No judgement looks at more than the last words of a turn, so that a long monologue costs no more than a sentence. */
const MAX_WORDS = 60
const MAX_CHARACTERS = 600

/**
 * The words of recognised speech in one form: lower case, no punctuation (recognisers give none, or wrong), numerals
 * apart ("555-0182" is two words), the signs of addresses as words. At most the last 60.
 */
export function wordsOf(text: string): string[] {
  const recent = text.length > MAX_CHARACTERS ? text.slice(-MAX_CHARACTERS) : text
  return recent
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[’‘`´]/g, "'")
    .replace(/@/g, ' at ')
    .replace(/(?<=[a-z])\.(?=[a-z]{2,})/g, ' dot ')
    .replace(/(?<=\d),(?=\d{3}\b)/g, '')
    .replace(/[$€£]\s?(\d+)/g, '$1 dollars')
    .replace(/%/g, ' percent ')
    .replace(/_/g, ' underscore ')
    .replace(/\b([ap])\.\s?m\b\.?/g, '$1m')
    .replace(/[^\p{L}\p{N}\p{M}'\s]/gu, ' ')
    .split(/\s+/)
    .map(word => word.replace(/^'+|'+$/g, ''))
    .filter(word => word !== '')
    .slice(-MAX_WORDS)
}
