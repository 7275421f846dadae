import type { Library } from '../content/library.ts'
import { resourceParts, singularOf, VERBS } from '../content/operation-names.ts'

/** An operation of the API that has a page. */
export interface OperationPage {
  /** Number of its page. */
  page: number
  method: string
  path: string
}

/** What was asked for: `POST /call/{id}`, an address, or words. */
export interface AskedEndpoint {
  method: string | null
  /** With `{}` for parameters; null for words. */
  path: string | null
  words: string
}

const OPERATION = /^(GET|POST|PUT|PATCH|DELETE) (\/\S*)/

/** The operations in the library, in its order. */
export function operationsOf({ index }: Library): OperationPage[] {
  return index.pages.flatMap(({ category, title }, page) => {
    const [, method, path] = category === 'api' ? (OPERATION.exec(title) ?? []) : []
    return method === undefined || path === undefined ? [] : [{ page, method, path }]
  })
}

/** `post https://api.vapi.ai/call/123?x=1` → POST, `/call/{}`. */
export function readEndpoint(text: string): AskedEndpoint {
  const [, method, rest = text] = /^(get|post|put|patch|delete)\s+(\S.*)$/i.exec(text.trim()) ?? []
  const words = rest.trim()
  const place = words.replace(/^https?:\/\/[^/\s]+/i, '').replace(/[?#].*$/, '')
  const isPath = place.startsWith('/') && !/\s/.test(place)
  // `post a call` is said in words.
  return {
    method: isPath && method !== undefined ? method.toUpperCase() : null,
    path: isPath ? plainPath(place) : null,
    words: isPath ? words : text.trim(),
  }
}

/** Parameters as `{}`, whatever they are called; `:id`, numbers and UUIDs are parameters. */
function plainPath(path: string): string {
  const parts = path
    .split('/')
    .filter(part => part !== '')
    .map(part => (/^[{<:[]|^\d+$|^[0-9a-f]{8}-[0-9a-f-]{20,}$/i.test(part) ? '{}' : part.toLowerCase()))
  return `/${parts.join('/')}`
}

/** The operations at a path; where there is none, at the path with its words in the singular and without a version. */
export function operationsAt(operations: readonly OperationPage[], path: string): OperationPage[] {
  const exact = operations.filter(operation => plainPath(operation.path) === path)
  if (exact.length > 0) return exact
  const wanted = loosePath(path)
  return operations.filter(operation => loosePath(plainPath(operation.path)) === wanted)
}

function loosePath(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '' && !/^v\d+$/.test(part))
    .map(part => (part === '{}' ? part : singularOf(part.replaceAll('_', '-'))))
    .join('/')
}

/** The operations of a resource that is named by one or two words: `phone numbers`. */
export function operationsOn(operations: readonly OperationPage[], words: string): OperationPage[] {
  const wanted = singularOf(words.toLowerCase().replace(/[\s_]+/g, '-'))
  return operations.filter(({ path }) => {
    const parts = resourceParts(path)
    return parts.length > 0 && parts.length <= 2 && singularOf(parts.at(-1) ?? '') === wanted
  })
}

/** The operation that the SDK or the API's document calls so: `client.calls.create`, `CallController_create`. */
export function operationsCalled(
  { index }: Library,
  operations: readonly OperationPage[],
  name: string,
): OperationPage[] {
  if (!/^client\.\w+\.\w+(\(\))?$|^\w+_\w+$/.test(name)) return []
  const quoted = `\`${name.replace('()', '')}\``.toLowerCase()
  return operations.filter(({ page }) => index.textOf(page).slice(0, 400).toLowerCase().includes(quoted))
}

/** The operations that words ask for: `create a call`, `list the files of a knowledge base`. The nearest first. */
export function operationsFor(operations: readonly OperationPage[], words: string): OperationPage[] {
  const asked = new Set(
    words
      .toLowerCase()
      .match(/[a-z0-9]+/g)
      ?.map(singularOf) ?? [],
  )
  const wantsList = /\b(list|all)\b/i.test(words)
  return operations
    .flatMap(operation => {
      const { method, path } = operation
      const parts = resourceParts(path).map(part =>
        part.split('-').map(word => singularOf(word.toLowerCase())),
      )
      const named = parts.filter(part => part.every(word => asked.has(word)))
      const isNamed = parts.length > 0 && named.includes(parts.at(-1) ?? [])
      if (!isNamed || !VERBS[method]?.some(verb => asked.has(verb))) return []
      const isOne = path.endsWith('}')
      // What is created has no id yet; what is read, changed or deleted without more words is one.
      const misfit = method === 'GET' && wantsList === isOne ? 1 : 0
      return [{ operation, far: parts.length - named.length, named: named.length, misfit }]
    })
    .sort((one, other) => one.far - other.far || other.named - one.named || one.misfit - other.misfit)
    .map(({ operation }) => operation)
}
