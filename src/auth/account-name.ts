/** Longest name that is made, in characters. */
const LONGEST_NAME = 40

/** A name for a new account out of what is known of it, different from all that are taken. */
export function makeAccountName(sources: readonly (string | null)[], taken: readonly string[]): string {
  const base = sources.map(source => slug(source ?? '')).find(name => name !== '') ?? 'account'
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base}-${number}`
    if (!taken.includes(name)) return name
  }
}

function slug(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^-+|-+$/g, '')
}
