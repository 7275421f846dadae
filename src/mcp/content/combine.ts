import type { Page } from '../index/page.ts'
import { officialUrl } from './official-page.ts'

/**
 * One set of pages: the official documentation first, then ours. Where both have a page of the same id the official one has it,
 * with our keywords, and ours stands beside it as `guide/ID`. `keywords` are further ones of official pages, which are known
 * by them to be such.
 */
export function combinePages(
  official: readonly Page[],
  shipped: readonly Page[],
  keywords: Readonly<Record<string, readonly string[]>>,
): Page[] {
  const ours = new Map(shipped.map(page => [page.id, page]))
  const places = placesOf(Object.keys(keywords))
  const combined = official.map(given => {
    const page = { ...given, id: given.url === null ? (places.get(given.id) ?? given.id) : given.id }
    const known = Object.hasOwn(keywords, page.id) ? keywords[page.id] : undefined
    return {
      ...page,
      url: page.url ?? (known === undefined ? null : officialUrl(page.id)),
      keywords: [...page.keywords, ...(ours.get(page.id)?.keywords ?? []), ...(known ?? [])],
    }
  })
  const ids = new Set(combined.map(({ id }) => id))
  return [
    ...combined,
    ...shipped.map(page => (ids.has(page.id) ? { ...page, id: `guide/${page.id}`, keywords: [] } : page)),
  ]
}

/** From the last part of a path to the path, where no other one has it: a page whose place is not told is known by its title. */
function placesOf(paths: readonly string[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  const doubled = new Set<string>()
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (places.has(name)) doubled.add(name)
    places.set(name, path)
  }
  for (const name of doubled) places.delete(name)
  return places
}
