import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js'
import { closest } from '../../closest.ts'
import type { Library } from '../content/library.ts'
import { RESOURCE_PREFIX, uriOf } from './found.ts'

/** Code of the protocol for a resource that is not there. */
const RESOURCE_NOT_FOUND = -32002
const PAGE_SIZE = 100
/** The protocol allows no more values in one completion. */
const MAXIMUM_VALUES = 100
const MARKDOWN = 'text/markdown'

export const PAGE_TEMPLATE = `${RESOURCE_PREFIX}{+id}`

/** The pages as resources, a hundred at a time. Throws McpError for a cursor that is not ours. */
export function listResources({ index }: Library, cursor: string | undefined) {
  const start = cursor === undefined ? 0 : placeIn(cursor)
  const pages = index.pages.slice(start, start + PAGE_SIZE)
  const end = start + pages.length
  return {
    resources: pages.map(({ id, title, description }) => ({
      uri: uriOf(id),
      name: id,
      title,
      ...(description !== '' && { description }),
      mimeType: MARKDOWN,
    })),
    ...(end < index.pages.length && { nextCursor: Buffer.from(`after ${end}`).toString('base64url') }),
  }
}

function placeIn(cursor: string): number {
  const place = /^after (\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (place === undefined)
    throw new McpError(ErrorCode.InvalidParams, 'the cursor is not one of resources/list: begin without one')
  return Number(place)
}

export function listTemplates() {
  return {
    resourceTemplates: [
      {
        uriTemplate: PAGE_TEMPLATE,
        name: 'page',
        title: 'A page of the documentation',
        description: 'Any page by its id, as search results and the list of resources name it',
        mimeType: MARKDOWN,
      },
    ],
  }
}

/** A page, whole. Throws McpError where there is none. */
export function readResource(library: Library, uri: string) {
  const page = uri.startsWith(RESOURCE_PREFIX)
    ? library.page(decoded(uri.slice(RESOURCE_PREFIX.length)))
    : null
  if (page === null) throw new McpError(RESOURCE_NOT_FOUND, `there is no page ${uri}${advice(library, uri)}`)
  const { title, description } = page.head
  const heading = /^#\s/.test(page.text)
    ? ''
    : `# ${title}\n\n${description === '' ? '' : `${description}\n\n`}`
  return { contents: [{ uri, mimeType: MARKDOWN, text: `${heading}${page.text}` }] }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function advice({ index }: Library, uri: string): string {
  const id = uri.replace(RESOURCE_PREFIX, '')
  const near = closest(
    id.slice(0, 200),
    index.pages.map(page => page.id),
  )
  return near === null
    ? '; resources/list and search_documentation name the pages there are'
    : `; did you mean ${uriOf(near)}?`
}

/** Ids of pages that begin with, else hold, what was typed. */
export function completeId({ index }: Library, typed: string) {
  const wanted = typed.toLowerCase()
  const ids = index.pages.map(({ id }) => id)
  const begin = ids.filter(id => id.toLowerCase().startsWith(wanted))
  const hold = ids.filter(id => !id.toLowerCase().startsWith(wanted) && id.toLowerCase().includes(wanted))
  return completion([...begin.toSorted(), ...hold.toSorted()])
}

/** An answer to `completion/complete`. */
export function completion(values: readonly string[]) {
  return {
    completion: {
      values: values.slice(0, MAXIMUM_VALUES),
      total: values.length,
      hasMore: values.length > MAXIMUM_VALUES,
    },
  }
}
