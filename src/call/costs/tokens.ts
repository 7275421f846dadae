/** Characters of a token, on average, in English text. */
const CHARACTERS_PER_TOKEN = 4

/** How many tokens a text has, about: for providers that do not say. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}
