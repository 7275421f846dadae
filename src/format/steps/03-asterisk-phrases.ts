import type { TrackedText } from '../tracked-text.ts'

/** Within a line; text touches the asterisks, so that list bullets and `2 * 3 * 4` are none. */
const PHRASE = / ?\*{1,3}(?=[^\s*])[^*\n]+(?<!\s)\*{1,3}/g

/** Removes `*phrases*` and `**phrases**` (stage directions), each with the space before it. Off by default. */
export function removePhrasesInAsterisks(text: TrackedText): TrackedText {
  return text.replace(PHRASE, () => '')
}
