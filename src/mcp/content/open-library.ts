import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileFaultOf, usageError } from '../../errors.ts'
import { decodeIndex, encodeIndex } from '../index/index-file.ts'
import type { Page } from '../index/page.ts'
import { combinePages } from './combine.ts'
import { type DocsCache, openDocsCache } from './docs-cache.ts'
import { openDocsFolder } from './docs-folder.ts'
import { createLibrary, type Library } from './library.ts'
import { openShipped, shippedKeywords, shippedName } from './shipped.ts'

export interface LibraryRequest {
  env: Readonly<Record<string, string | undefined>>
  workingDirectory: string
  /** A folder with the official documentation; null: what `vapi docs update` fetched, where it did. */
  docsDir: string | null
  /** A file with the API description (OpenAPI, JSON); null: what was fetched, else what the program brings. */
  openapi: string | null
  /** Called when an index has to be made, which takes a few seconds. */
  indexing?: () => void
}

/** Looks at what was asked for, without making anything of it. Throws usage errors. */
export function checkLibraryRequest(request: LibraryRequest): void {
  officialLayer(request, null)
  referenceLayer(request, null)
}

/** Pages that can be read when their index is not there yet. */
interface Layer {
  /** Changes with the content. */
  signature: string
  pages(): Page[] | Promise<Page[]>
}

/**
 * Opens everything that can be searched: what the program brings, with the official documentation over it where it is
 * there. The index of both is made once and kept. Throws usage errors (a folder without documentation) and VapiError.
 */
export async function openLibrary(request: LibraryRequest): Promise<Library> {
  const cache = openDocsCache(request.env)
  const official = officialLayer(request, cache)
  const reference = referenceLayer(request, cache)
  if (official === null && reference === null) return createLibrary(openShipped().index)
  const name = createHash('sha256')
    .update([shippedName(), official?.signature ?? '', reference?.signature ?? ''].join('\n'))
    .digest('hex')
  const kept = cache?.index(name) ?? null
  const index = kept === null ? null : decodeIndex(kept)
  if (index !== null) return createLibrary(index)
  request.indexing?.()
  const pages = await allPages(official, reference)
  const { buildIndex } = await import('../index/search-index.ts')
  const made = buildIndex(pages)
  cache?.keepIndex(name, encodeIndex(made))
  return createLibrary(made)
}

async function allPages(official: Layer | null, reference: Layer | null): Promise<Page[]> {
  const shipped = openShipped().pages()
  const described = (await reference?.pages()) ?? null
  const ours =
    described === null ? shipped : [...shipped.filter(({ source }) => source !== 'reference'), ...described]
  return combinePages((await official?.pages()) ?? [], ours, shippedKeywords())
}

function officialLayer({ docsDir, workingDirectory }: LibraryRequest, cache: DocsCache | null): Layer | null {
  if (docsDir !== null) return openDocsFolder(resolve(workingDirectory, docsDir))
  const fetched = cache?.fetched('llms-full.txt') ?? null
  if (cache === null || fetched === null) return null
  return {
    signature: fetched.sha256,
    pages: async () => (await import('./full-text.ts')).pagesOfFullText(cache.read('llms-full.txt')),
  }
}

function referenceLayer(
  { openapi, workingDirectory }: LibraryRequest,
  cache: DocsCache | null,
): Layer | null {
  const fetched = cache?.fetched('openapi.json') ?? null
  const text =
    openapi !== null
      ? readDescription(resolve(workingDirectory, openapi))
      : cache !== null && fetched !== null
        ? () => cache.read('openapi.json')
        : null
  if (text === null) return null
  const signature =
    typeof text === 'string' ? createHash('sha256').update(text).digest('hex') : fetched?.sha256
  return {
    signature: signature ?? '',
    pages: () => referenceOf(typeof text === 'string' ? text : text()),
  }
}

function readDescription(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw usageError(`${path} cannot be read: ${fileFaultOf(error)}`)
  }
}

async function referenceOf(text: string): Promise<Page[]> {
  const [{ fromOpenApi }, { referencePages }] = await Promise.all([
    import('./api-description.ts'),
    import('./reference-pages.ts'),
  ])
  let description: unknown
  try {
    description = JSON.parse(text)
  } catch {
    throw usageError(
      'the API description is no JSON',
      'OpenAPI 3 as JSON, as https://api.vapi.ai/api-json has it',
    )
  }
  const described = fromOpenApi(description)
  if (described.operations.length === 0)
    throw usageError('the API description has no endpoints', 'give the one of https://api.vapi.ai/api-json')
  return referencePages(described)
}
