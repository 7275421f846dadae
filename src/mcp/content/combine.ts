import type { Page } from '../index/page.ts'

/**
 * One set of pages: the official documentation first, then ours. Where both have a page of the same id the official one
 * stays, with our keywords; `keywords` are further ones of official pages.
 */
export function combinePages(
  official: readonly Page[],
  shipped: readonly Page[],
  keywords: Readonly<Record<string, readonly string[]>>,
): Page[] {
  const ours = new Map(shipped.map(page => [page.id, page]))
  const combined = official.map(page => ({
    ...page,
    keywords: [
      ...page.keywords,
      ...(ours.get(page.id)?.keywords ?? []),
      ...(Object.hasOwn(keywords, page.id) ? (keywords[page.id] ?? []) : []),
    ],
  }))
  const ids = new Set(official.map(({ id }) => id))
  return [...combined, ...shipped.filter(({ id }) => !ids.has(id))]
}
