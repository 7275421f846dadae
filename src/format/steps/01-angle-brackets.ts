import type { Edit, Protection, TrackedText } from '../tracked-text.ts'

/** A bracket before a space, a digit or `=` is a "less than". `<<…>>` holds a pronunciation. */
const TAG = /<<[^<>]*>>|<(?![\s\d<=])[^<>]*>/g
const KEPT_TAG = /^<(?:<|\/?(?:break|spell)[\s/>])/i
const OPENING_SPELL = /^<spell(?:\s[^<>]*)?(?<!\/)>$/i
const CLOSING_SPELL = /<\/spell\s*>/gi

/**
 * Removes `<…>` with its content, as the tag of some markup is not for the ear. Audio tags stay and are kept from
 * all later steps: `<break …>`, `<<…>>`, and `<spell>…</spell>` together with what it encloses.
 */
export function removeAngleBracketContent(text: TrackedText): TrackedText {
  const source = text.text
  if (!source.includes('<')) return text
  const spellEnds = Array.from(source.matchAll(CLOSING_SPELL), match => match.index + match[0].length)
  const edits: Edit[] = []
  let nextSpellEnd = 0
  let position = 0
  const cover = (from: number, to: number, replacement: string, protection: Protection) => {
    edits.push({ from, to, text: replacement, protection })
    position = to
  }
  for (const match of source.matchAll(TAG)) {
    const from = match.index
    if (from < position) continue
    const to = from + match[0].length
    if (!KEPT_TAG.test(match[0])) {
      cover(from, to, '', 'done')
      continue
    }
    while (nextSpellEnd < spellEnds.length && spellEnds[nextSpellEnd] < to) nextSpellEnd++
    const encloses = OPENING_SPELL.test(match[0]) && nextSpellEnd < spellEnds.length
    const end = encloses ? spellEnds[nextSpellEnd] : to
    cover(from, end, source.slice(from, end), 'kept')
  }
  return text.edit(edits)
}
