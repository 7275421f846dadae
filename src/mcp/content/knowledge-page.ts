import { VapiError } from '../../errors.ts'
import { readDocument } from '../index/markdown.ts'
import type { Page } from '../index/page.ts'
import { officialUrl } from './official-page.ts'

/**
 * A page of our own (src/mcp/knowledge). `hasOfficial`: the official documentation has a page of this slug, which can be read in a browser. Throws VapiError where its front matter is not whole: it is looked at when the program is built.
 */
export function knowledgePage(name: string, file: string, hasOfficial: (slug: string) => boolean): Page {
  const { front, body } = readDocument(file)
  const { title, description, slug, keywords } = front
  if (
    typeof title !== 'string' ||
    typeof description !== 'string' ||
    typeof slug !== 'string' ||
    !Array.isArray(keywords)
  )
    throw new VapiError({
      code: 'knowledge-page-broken',
      message: `${name}: title, description, slug and keywords stand in the front matter of a page`,
    })
  return {
    id: slug,
    title,
    description,
    url: hasOfficial(slug) ? officialUrl(slug) : null,
    category: 'guides',
    source: 'knowledge',
    keywords: keywords.map(String),
    text: body.trim(),
  }
}
