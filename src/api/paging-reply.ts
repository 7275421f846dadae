import { VapiError } from '../errors.ts'
import type { Json, JsonObject } from './types.ts'

/** The API gives no more at once, and so many where it is not told. */
export const MAXIMUM_PAGE_SIZE = 1000
export const DEFAULT_PAGE_SIZE = 100

/** One reply of a list. */
export interface Page {
  rows: readonly JsonObject[]
  /** Rows of the whole list, where the server counts them. */
  total: number | undefined
  hasNext: boolean | undefined
  nextCursor: string | undefined
  /** No page comes after this one. */
  isLast: boolean
  /** It is the last, although the list goes on. */
  isCut: boolean
}

/** Reads a bare array or `{results, metadata}`. Throws `not-a-list`. */
export function readPage(reply: Json | undefined, path: string): Page {
  const { rows, metadata } = partsOf(reply)
  if (rows === null || !rows.every(isRow))
    throw new VapiError({
      code: 'not-a-list',
      message: `the server answered ${path} with something that is no list`,
      hint: 'check the path and the address of the API (--base-url, VAPI_API_BASE_URL)',
    })
  return {
    rows: rows as readonly JsonObject[],
    total: typeof metadata.totalItems === 'number' ? metadata.totalItems : undefined,
    hasNext: typeof metadata.hasNextPage === 'boolean' ? metadata.hasNextPage : undefined,
    nextCursor:
      typeof metadata.nextCursor === 'string' && metadata.nextCursor !== '' ? metadata.nextCursor : undefined,
    isLast: false,
    isCut: false,
  }
}

/**
 * Whether so many rows on `asked` ones are the end of a list. More than asked for: the server knows no limit and gave all.
 * Exactly the default: the server may not have taken a larger limit, so it is worth asking on.
 */
export function endsList(count: number, asked: number): boolean {
  return count > asked || (count < asked && count !== DEFAULT_PAGE_SIZE)
}

export function idOf(row: JsonObject): string | undefined {
  return typeof row.id === 'string' ? row.id : undefined
}

export function pagingIgnored(path: string): VapiError {
  return new VapiError({
    code: 'paging-ignored',
    message: `the server gives the same rows of ${path} again and again: the list is not complete`,
    hint: 'ask for fewer rows with --limit, or narrow the list with filters',
  })
}

export function isRow(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function partsOf(reply: Json | undefined): { rows: readonly Json[] | null; metadata: JsonObject } {
  if (Array.isArray(reply)) return { rows: reply, metadata: {} }
  if (!isRow(reply) || !Array.isArray(reply.results)) return { rows: null, metadata: {} }
  return { rows: reply.results, metadata: isRow(reply.metadata) ? reply.metadata : {} }
}
