import { jsonSchemaOf, type OpenApiDocument, resolveSchema, type Schema } from './document.ts'
import { EXAMPLE_TIME_MS, exampleOf } from './example.ts'
import type { Match } from './routes.ts'
import { serverSentEvents } from './sse-example.ts'
import type { Check } from './strict-schema.ts'
import { chooseBranches, isObject, unionOf } from './union.ts'

export interface Reply {
  status: number
  headers?: Record<string, string>
  /** Sent as JSON, except for text, bytes and the pieces of a stream. Undefined is an empty body. */
  body?: unknown
}

export interface ReplyParts {
  document: OpenApiDocument
  check: Check
  /** How many objects each list holds in all. */
  listSize: number
}

/** What the reply is made from: the parameters of the path, the query, and the JSON body. */
export interface Asked {
  query: URLSearchParams
  body: unknown
}

/** A valid reply to a valid request. */
export function replyTo(parts: ReplyParts, match: Match, asked: Asked): Reply {
  const { route, params } = match
  const { status, schema } = successOf(route.operation.responses)
  if (schema === undefined) return { status }
  const events = serverSentEvents(parts.document, schema, asked.body)
  if (events !== undefined) return { status, headers: { 'content-type': 'text/event-stream' }, body: events }
  if (route.method === 'GET' && !route.template.endsWith('}')) {
    const list = listOf(parts, schema, route.template, asked.query)
    if (list !== undefined) return { status, body: list }
  }
  return {
    status,
    body: objectOf(parts, schema, `${route.template} ${Object.values(params).join()}`, { params, ...asked }),
  }
}

/** The declared success: the first with a JSON schema that says something, else the first. */
function successOf(responses: Match['route']['operation']['responses']): { status: number; schema?: Schema } {
  const good = Object.keys(responses)
    .filter(status => status.startsWith('2'))
    .map(status => ({ status: Number(status), schema: jsonSchemaOf(responses[status]?.content) }))
  const telling = good.find(({ schema }) => schema !== undefined && Object.keys(schema).join() !== 'type')
  return telling ?? good.find(({ schema }) => schema !== undefined) ?? good.at(-1) ?? { status: 200 }
}

/** One object: an example with the fields of the request's body, and the id of its path. */
function objectOf(
  { document, check }: ReplyParts,
  schema: Schema,
  label: string,
  { params, body }: Asked & { params: Record<string, string> },
): unknown {
  const made = exampleOf(document, schema, { label, like: body, optional: 'simple' })
  if (!isObject(made)) return made
  const properties = branchOf(document, schema, made).properties ?? {}
  const taken = isObject(body) ? body : {}
  for (const [name, value] of Object.entries({ ...taken, ...params })) {
    const declared = properties[name]
    if (declared !== undefined && check(declared, value).length === 0) made[name] = value
  }
  return made
}

/** The object schema that a value of a union has. */
function branchOf(document: OpenApiDocument, schema: Schema, value: unknown): Schema {
  const resolved = resolveSchema(document, schema)
  const union = unionOf(resolved)
  if (union === undefined) return resolved
  const choice = chooseBranches(document, union, value)
  const [branch] = 'branches' in choice ? choice.branches : []
  return branch === undefined ? {} : branchOf(document, branch, value)
}

/** A list in the declared shape, or undefined where the reply is no list. */
function listOf(parts: ReplyParts, schema: Schema, label: string, query: URLSearchParams): unknown {
  const { document } = parts
  const resolved = resolveSchema(document, schema)
  const shapes = (resolved.oneOf ?? [resolved]).map(shape => resolveSchema(document, shape))
  const pageItems = shapes
    .map(({ properties }) => properties?.metadata && properties.results?.items)
    .find(Boolean)
  const arrayItems = shapes.find(({ type }) => type === 'array')?.items
  if (pageItems !== undefined && (arrayItems === undefined || query.has('page'))) {
    return pageOf(itemsOf(parts, pageItems, label, query), query)
  }
  if (arrayItems === undefined) return undefined
  const limit = numberOf(query, 'limit', 100)
  const start = (numberOf(query, 'page', 1) - 1) * limit
  return itemsOf(parts, arrayItems, label, query).slice(start, start + limit)
}

/** A page of items with its metadata. */
export function pageOf(items: readonly unknown[], query: URLSearchParams): unknown {
  const itemsPerPage = numberOf(query, 'limit', 100)
  const currentPage = numberOf(query, 'page', 1)
  const start = (currentPage - 1) * itemsPerPage
  return {
    results: items.slice(start, start + itemsPerPage),
    metadata: {
      itemsPerPage,
      totalItems: items.length,
      currentPage,
      totalPages: itemsPerPage === 0 ? 0 : Math.ceil(items.length / itemsPerPage),
      hasNextPage: start + itemsPerPage < items.length && itemsPerPage > 0,
    },
  }
}

/** Examples, the newest first, that fit the filters on times, with the values of the other filters. */
function itemsOf(
  { document, check, listSize }: ReplyParts,
  items: Schema,
  label: string,
  query: URLSearchParams,
) {
  const made: unknown[] = []
  for (let index = 0; index < listSize; index++) {
    const item = exampleOf(document, items, {
      label: `${label} ${index}`,
      optional: 'simple',
      minutesBack: index,
    })
    if (!isInTime(EXAMPLE_TIME_MS - index * 60_000, query)) continue
    const properties = branchOf(document, items, item).properties ?? {}
    for (const [name, value] of query) {
      const declared = properties[name]
      if (isObject(item) && declared !== undefined && check(declared, value).length === 0) item[name] = value
    }
    made.push(item)
  }
  return made
}

const comparisons: Readonly<Record<string, (atMs: number, boundMs: number) => boolean>> = {
  Gt: (atMs, boundMs) => atMs > boundMs,
  Ge: (atMs, boundMs) => atMs >= boundMs,
  Lt: (atMs, boundMs) => atMs < boundMs,
  Le: (atMs, boundMs) => atMs <= boundMs,
}

function isInTime(atMs: number, query: URLSearchParams): boolean {
  return Object.entries(comparisons).every(([suffix, holds]) =>
    ['createdAt', 'updatedAt'].every(field => {
      const bound = query.get(`${field}${suffix}`)
      return bound === null || holds(atMs, Date.parse(bound))
    }),
  )
}

function numberOf(query: URLSearchParams, name: string, absent: number): number {
  const text = query.get(name)
  return text === null ? absent : Number(text)
}
