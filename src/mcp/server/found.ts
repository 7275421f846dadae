import { VapiError } from '../../errors.ts'
import type { Library } from '../content/library.ts'
import type { PageHead } from '../index/search-index.ts'

export const RESOURCE_PREFIX = 'vapi://docs/'

/** The address of a page as a resource of this server. */
export function uriOf(id: string): string {
  return `${RESOURCE_PREFIX}${id.split('/').map(encodeURIComponent).join('/')}`
}

/** A section of a page, or a page. */
export interface Place {
  head: PageHead
  headings: readonly string[]
  /** With the section's anchor; null where the page is in no browser. */
  url: string | null
  uri: string
  text: string
}

/** A page, or one of its sections by its number in the index. */
export function placeOf({ index }: Library, page: number, section: number | null): Place {
  const head = index.pages[page]
  if (head === undefined) throw new VapiError({ code: 'internal', message: `there is no page ${page}` })
  const found = section === null ? undefined : index.sections[section]
  const whole = index.textOf(page)
  const anchor = found === undefined || found.anchor === '' ? '' : `#${found.anchor}`
  return {
    head,
    headings: found?.headings ?? [],
    url: head.url === null ? null : `${head.url}${anchor}`,
    uri: uriOf(head.id),
    text: found === undefined ? whole : whole.slice(found.start, found.end),
  }
}

/** Numbers of a page's sections. */
export function sectionNumbers({ index }: Library, page: number): number[] {
  return index.sections.flatMap((section, number) => (section.page === page ? [number] : []))
}

/** `Title › Heading › Heading`, without repeating the title. */
export function titlePath(title: string, headings: readonly string[]): string {
  return [title, ...headings.filter(heading => heading !== title)].join(' › ')
}

/** Where a place can be read. */
export function linkOf({ url, uri }: { url: string | null; uri: string }): string {
  return url === null ? uri : `${url} (${uri})`
}
