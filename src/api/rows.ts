import { listPages } from './paging.ts'
import type { Resource } from './resources/types.ts'
import { type Placeholders, pathOf } from './resources.ts'
import type { Api, JsonObject, Query } from './types.ts'

export interface ListOptions {
  query: Query
  placeholders?: Placeholders
  /** Rows at most; null: all. */
  limit: number | null
  /** Called once where there are more rows than were given. */
  onCut?: (total: number | undefined) => void
}

/** The rows of a resource, page by page as they are asked for. */
export function listRows(
  api: Api,
  resource: Resource,
  { query, placeholders, limit, onCut }: ListOptions,
): AsyncIterable<JsonObject> {
  return listPages(api, {
    path: pathOf(resource, placeholders),
    paging: resource.paging,
    query,
    limit,
    ...(resource.pageSize !== undefined && { pageSize: resource.pageSize }),
    ...(onCut !== undefined && { onCut }),
  })
}
