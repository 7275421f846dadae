/** Languages as providers name them, from BCP 47 tags. */

/** Older and broader codes, and what providers have in their place. */
const SAME: Readonly<Record<string, string>> = {
  iw: 'he',
  in: 'id',
  no: 'nb',
  nn: 'nb',
  tl: 'fil',
  cmn: 'zh',
}

/** The language of a tag without its region, as ISO 639 has it: `pt` of `pt-BR`. */
export function baseLanguage(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0] ?? ''
}

/** The same, with one code where several are in use (`nb` for Norwegian, `fil` for Tagalog). */
export function commonLanguage(tag: string): string {
  const base = baseLanguage(tag)
  return Object.hasOwn(SAME, base) ? (SAME[base] ?? base) : base
}

/** The English name of a language: `Spanish`; null of a code that is none. */
export function englishLanguage(tag: string): string | null {
  try {
    const base = baseLanguage(tag)
    const name = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }).of(base)
    return name ?? null
  } catch {
    return null
  }
}
