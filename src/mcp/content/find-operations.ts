import { distance } from 'fastest-levenshtein'
import type { SearchIndex } from '../index/search-index.ts'
import { resourceParts, singularOf, VERBS } from './operation-names.ts'

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
/** Who says one of these asks for an operation, and not for how something is done. */
const MEANS_ENDPOINT = /\b(?:endpoints?|routes?|api (?:calls?|operations?|requests?|reference))\b/i
/** Words of a question that name no resource. */
const FILLERS = new Set(
  `a about all an and any api by call do does endpoint every existing for from how i id in is it many me method my of on one
  operation or reference request rest route single some the this to url v1 vapi via what which with`.split(
    /\s+/,
  ),
)

/** The operations in an index, in its order. */
export function operationsOf({ pages }: SearchIndex): OperationPage[] {
  return pages.flatMap(({ category, title }, page) => {
    const [, method, path] = category === 'api' ? (OPERATION.exec(title) ?? []) : []
    return method === undefined || path === undefined ? [] : [{ page, method, path }]
  })
}

/** `post https://api.vapi.ai/call/123?x=1` → POST, `/call/{}`; `GET /call endpoint` is the same as without its last word. */
export function readEndpoint(text: string): AskedEndpoint {
  const [, method, rest = text] = /^(get|post|put|patch|delete)\s+(\S.*)$/i.exec(text.trim()) ?? []
  const words = rest
    .trim()
    .replace(/(?<=^\S+)(?:\s+(?:api|endpoint|route|reference|operation|request))+$/i, '')
  const place = words.replace(/^https?:\/\/(?!docs\.)[^/\s]+/i, '').replace(/[?#].*$/, '')
  const isPath = /^\/(?!\/)\S*$/.test(place) || (method !== undefined && /^\w[\w-]*\/\S*$/.test(place))
  // `post a call` is said in words.
  return {
    method: isPath && method !== undefined ? method.toUpperCase() : null,
    path: isPath ? plainPath(place) : null,
    words: isPath ? words : text.trim(),
  }
}

/** Parameters as `{}`, whatever they are called, and so what looks like an id: `:id`, `callId`, `CALL_ID`, `5f1d`. */
function plainPath(path: string): string {
  const parts = path.split('/').filter(part => part !== '')
  return `/${parts.map(part => (isFilledIn(part) ? '{}' : part.toLowerCase())).join('/')}`
}

function isFilledIn(part: string): boolean {
  if (/^v\d+$/i.test(part)) return false
  return /^[{<:[$*]|\d|(?:^|[_-])id$|[a-z]Id$|^[A-Z][A-Z_]+$/.test(part)
}

/** The operations at a path, also with ids filled in, in the plural or with another version. Empty where there is none. */
export function operationsAt(operations: readonly OperationPage[], path: string): OperationPage[] {
  const exact = operations.filter(operation => plainPath(operation.path) === path)
  if (exact.length > 0) return exact
  const wanted = looseParts(path)
  const loose = operations.filter(
    operation => looseParts(plainPath(operation.path)).join('/') === wanted.join('/'),
  )
  if (loose.length > 0) return loose
  return operations.filter(operation => {
    const parts = looseParts(operation.path)
    return parts.length === wanted.length && parts.every((part, place) => takes(part, wanted[place] ?? ''))
  })
}

function looseParts(path: string): string[] {
  const parts = path.split('/').filter(part => part !== '' && !/^v\d+$/.test(part))
  return (parts[0] === 'api' ? parts.slice(1) : parts).map(part =>
    part.startsWith('{') ? part : singularOf(part.replaceAll('_', '-')),
  )
}

/** True where a part of an operation's path stands for a part that was asked for. An id looks like one; a name may be any word. */
function takes(part: string, asked: string): boolean {
  if (!part.startsWith('{')) return part === asked
  return asked === '{}' || !/^\{(?:id|\w+Id)\}$/.test(part)
}

/** The operations next to a path that there is not: most of its beginning in common, the rest short. */
export function operationsNear(
  operations: readonly OperationPage[],
  path: string,
  method: string | null,
): OperationPage[] {
  const wanted = looseParts(path)
  return operations
    .flatMap(operation => {
      const parts = looseParts(operation.path)
      const end = parts.findIndex((part, place) => !isLike(part, wanted[place] ?? ''))
      const common = end < 0 ? parts.length : end
      const misfit = method === null || operation.method === method ? 0 : 1
      return common === 0 ? [] : [{ operation, common, rest: parts.length - common, misfit }]
    })
    .sort((one, other) => other.common - one.common || one.rest - other.rest || one.misfit - other.misfit)
    .map(({ operation }) => operation)
}

function isLike(part: string, asked: string): boolean {
  return takes(part, asked) || (asked.length > 3 && distance(part, asked) <= (asked.length < 8 ? 1 : 2))
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
  { textOf }: SearchIndex,
  operations: readonly OperationPage[],
  name: string,
): OperationPage[] {
  if (!/^client\.\w+\.\w+(\(\))?$|^\w+_\w+$/.test(name)) return []
  const quoted = `\`${name.replace('()', '')}\``.toLowerCase()
  return operations.filter(({ page }) => textOf(page).slice(0, 400).toLowerCase().includes(quoted))
}

/** An operation that words ask for. */
export interface WordedOperation extends OperationPage {
  /** True where it is in its path that the words name, and nothing of it is left over. */
  isWhole: boolean
  /** Words that are neither a verb nor in its path. */
  unnamed: readonly string[]
}

/** The operations that words ask for: `create a call`, `list the files of a knowledge base`. The nearest first. */
export function operationsFor(operations: readonly OperationPage[], words: string): WordedOperation[] {
  const all = words.toLowerCase().match(/[a-z0-9]+/g) ?? []
  const asked = new Set(all.map(singularOf))
  const wantsList =
    /\b(list|all)\b/i.test(words) ||
    // `get calls` is about many of them.
    (!asked.has('id') && all.at(-1) !== singularOf(all.at(-1) ?? ''))
  const verbs = new Set(Object.values(VERBS).flat())
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
      const far = parts.length - named.length
      const known = new Set(named.flat())
      const unnamed = [...asked].filter(word => !known.has(word) && !verbs.has(word) && !FILLERS.has(word))
      return [
        {
          operation: { ...operation, isWhole: far === 0 && misfit === 0, unnamed },
          far,
          named: named.length,
          misfit,
        },
      ]
    })
    .sort((one, other) => one.far - other.far || other.named - one.named || one.misfit - other.misfit)
    .map(({ operation }) => operation)
}

/** The operations that a question names, for a search: a path with or without a method, or `create call endpoint`. */
export function operationsAskedFor(index: SearchIndex, question: string): OperationPage[] {
  const { method, path, words } = readEndpoint(question)
  const operations = operationsOf(index)
  if (path !== null)
    return operationsAt(operations, path).filter(each => method === null || each.method === method)
  if (!MEANS_ENDPOINT.test(words)) return []
  const whole = operationsFor(operations, words).filter(each => each.isWhole && each.unnamed.length === 0)
  return whole.slice(0, 1)
}
