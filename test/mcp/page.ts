import type { Page } from '../../src/mcp/index/page.ts'

/** A page of the official documentation, with what a test does not care about filled in. */
export function pageOf(id: string, text: string, rest: Partial<Page> = {}): Page {
  return {
    id,
    title: id,
    description: '',
    url: `https://docs.example/${id}`,
    category: 'guides',
    source: 'official',
    keywords: [],
    text,
    ...rest,
  }
}

/**
 * How long a work takes, in milliseconds. Such a time is only ever compared with one that work by the square of its input passes
 * many times over, however busy the machine is.
 */
export function durationOf(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}
