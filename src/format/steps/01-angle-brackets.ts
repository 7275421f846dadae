import { SSML_TAGS } from '../markup.ts'
import type { FormatPlan } from '../plan.ts'
import type { Edit, Protection, TrackedText } from '../tracked-text.ts'

/** A bracket before a space, a digit or `=` is a "less than". `<<…>>` holds a pronunciation. */
const TAG = /<<[^<>]*>>|<(?![\s\d<=])[^<>]*>/g

interface Kept {
  readonly tag: RegExp
  /** A tag that keeps what it encloses. */
  readonly opening: RegExp
  readonly closing: RegExp
}

const ALWAYS = keptTags(['break', 'spell'], ['spell'])
const WITH_SSML = keptTags([...SSML_TAGS], ['spell', 'phoneme', 'sub'])

/**
 * Removes `<…>` with its content, as the tag of some markup is not for the ear. Audio tags stay and are kept from
 * all later steps: `<break …>`, `<<…>>`, and `<spell>…</spell>` together with what it encloses. With SSML on, the other
 * tags of it stay too.
 */
export function removeAngleBracketContent(text: TrackedText, { ssml = false }: FormatPlan): TrackedText {
  const source = text.text
  if (!source.includes('<')) return text
  const kept = ssml ? WITH_SSML : ALWAYS
  /** Where each enclosing name ends, nearest last. */
  const ends = new Map<string, number[]>()
  for (const match of [...source.matchAll(kept.closing)].reverse()) {
    const name = match[1].toLowerCase()
    const places = ends.get(name) ?? []
    places.push(match.index + match[0].length)
    ends.set(name, places)
  }
  const edits: Edit[] = []
  let position = 0
  const cover = (from: number, to: number, replacement: string, protection: Protection) => {
    edits.push({ from, to, text: replacement, protection })
    position = to
  }
  for (const match of source.matchAll(TAG)) {
    const from = match.index
    if (from < position) continue
    const to = from + match[0].length
    if (!kept.tag.test(match[0])) {
      cover(from, to, '', 'done')
      continue
    }
    const name = kept.opening.exec(match[0])?.[1].toLowerCase() ?? ''
    const ahead = ends.get(name) ?? []
    while ((ahead.at(-1) ?? to) < to) ahead.pop()
    const end = ahead.at(-1) ?? to
    cover(from, end, source.slice(from, end), 'kept')
  }
  return text.edit(edits)
}

function keptTags(names: readonly string[], enclosing: readonly string[]): Kept {
  return {
    tag: new RegExp(String.raw`^<(?:<|/?(?:${names.join('|')})[\s/>])`, 'i'),
    opening: new RegExp(String.raw`^<(${enclosing.join('|')})(?:\s[^<>]*)?(?<!/)>$`, 'i'),
    closing: new RegExp(String.raw`</(${enclosing.join('|')})\s*>`, 'gi'),
  }
}
