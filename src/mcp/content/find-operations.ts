import type { Searcher } from '../index/search.ts'
import type { PageHead } from '../index/search-index.ts'
import { singularOf, VERBS } from './operation-names.ts'

/** A page of the API reference that answers a question about an endpoint. */
export interface FoundOperation {
  /** Number of the page in the index. */
  page: number
  /** In capitals; null for the page of a type. */
  method: string | null
  path: string | null
  /** False where it is only near: below the path or above it, or found by searching. */
  isExact: boolean
}

export interface FindOptions {
  /** Only this method; any unless given, or for `all`. */
  method?: string
  /** 10 unless given. */
  limit?: number
}

interface Known extends FoundOperation {
  method: string
  path: string
  words: ReadonlySet<string>
}

const TITLE = /^([A-Z]+) (\/\S*)(?: – (.*))?$/
const SOME_METHOD = /^\s*(GET|POST|PUT|PATCH|DELETE)\b\s*/i
const FILLERS = new Set(
  `a about all an and api by client do does endpoint existing for from how i id in list method my new of on one or request route
  single the to url v1 vapi via with`.split(/\s+/),
)
const ALL = new Set(['all', 'list', 'every', 'many'])

/**
 * The operations that a text means, best first: a path (`/assistant/{id}`, with an id filled in, as a whole address, in the
 * plural), or words (`create assistant`, `client.calls.list`). The name of a type finds its page. Where nothing fits by name,
 * what the search finds in the reference.
 */
export function findOperations(
  heads: readonly PageHead[],
  searcher: Searcher,
  endpoint: string,
  options: FindOptions = {},
): FoundOperation[] {
  const [whole, named] = SOME_METHOD.exec(endpoint) ?? []
  const isPath = /^\s*(\S*\/\S*|\w+)\s*$/.test(endpoint.slice(whole?.length ?? 0))
  const method = methodOf(options.method) ?? (isPath || endpoint.includes('/') ? methodOf(named) : null)
  const text =
    method === null || named === undefined ? endpoint.trim() : endpoint.slice(whole?.length ?? 0).trim()
  const known = knownOperations(heads).filter(operation => method === null || operation.method === method)
  const operations = text.includes('/') ? byPath(known, text) : byWords(known, text, method)
  const found: FoundOperation[] = [...operations, ...(method === null ? typesNamed(heads, text) : [])]
  const results = found.length > 0 ? found : bySearch(heads, searcher, text, known, method)
  return results
    .slice(0, options.limit ?? 10)
    .map(({ page, method: name, path, isExact }) => ({ page, method: name, path, isExact }))
}

function methodOf(text: string | undefined): string | null {
  return text === undefined || /^(all|any|)$/i.test(text) ? null : text.toUpperCase()
}

function knownOperations(heads: readonly PageHead[]): Known[] {
  return heads.flatMap((head, page): Known[] => {
    const [, method, path, summary = ''] = isReference(head) ? (TITLE.exec(head.title) ?? []) : []
    if (method === undefined || path === undefined) return []
    return [
      {
        page,
        method,
        path,
        isExact: true,
        words: new Set(wordsOf(`${path.replace(/\{[^}]*\}/g, '')} ${summary}`)),
      },
    ]
  })
}

function isReference({ source, id }: PageHead): boolean {
  return source === 'reference' && !id.startsWith('api/types/')
}

function typesNamed(heads: readonly PageHead[], text: string): FoundOperation[] {
  const name = text.toLowerCase()
  const page = heads.findIndex(
    head =>
      head.source === 'reference' && head.id.startsWith('api/types/') && head.title.toLowerCase() === name,
  )
  return page < 0 ? [] : [{ page, method: null, path: null, isExact: true }]
}

/** How well a part of a path that was asked for fits a part of an operation's. Zero where it does not. */
function partFit(asked: string, part: string): number {
  if (part.startsWith('{')) return isParameter(asked) ? 4 : 2
  if (isParameter(asked)) return 0
  if (asked.toLowerCase() === part.toLowerCase()) return 4
  return singularOf(asked.toLowerCase()) === singularOf(part.toLowerCase()) ? 3 : 0
}

/** `{id}`, `:id`, `<id>`, `[id]`, `$ID`, `*`. */
function isParameter(part: string): boolean {
  return /^(\{.*\}|:.+|<.*>|\[.*\]|\$.+|\*+)$/.test(part)
}

function byPath(known: readonly Known[], text: string): Known[] {
  const whole = partsOf(text)
  // Versions and `api` that the address does not have are often written before it.
  const starts = /^(v\d+|api)$/.test(whole[0] ?? '') ? [whole, whole.slice(1)] : [whole]
  for (let length = whole.length; length > 0; length--)
    for (const parts of starts) {
      const found = fitting(known, parts.slice(0, length))
      if (found.length === 0) continue
      return length === whole.length ? found : found.map(operation => ({ ...operation, isExact: false }))
    }
  return []
}

function partsOf(text: string): string[] {
  return text
    .replace(/^\w+:\/\/[^/]*/, '')
    .replace(/[?#].*$/, '')
    .split('/')
    .map(part => part.trim())
    .filter(part => part !== '' && !/^(api\.)?vapi\.ai$/.test(part))
}

/** Operations at a path, the best fit first, then those below it. */
function fitting(known: readonly Known[], asked: readonly string[]): Known[] {
  if (asked.length === 0) return []
  return known
    .flatMap(operation => {
      const parts = operation.path.split('/').filter(part => part !== '')
      const fits = asked.map((part, place) => partFit(part, parts[place] ?? ''))
      if (parts.length < asked.length || fits.includes(0)) return []
      const sum = fits.reduce((total, fit) => total + fit, 0)
      return [{ operation, value: sum / asked.length - 10 * (parts.length - asked.length) }]
    })
    .sort((one, other) => other.value - one.value)
    .map(({ operation, value }) => ({ ...operation, isExact: value > 0 }))
}

function byWords(known: readonly Known[], text: string, only: string | null): Known[] {
  const all = rawWords(text)
  const methods = Object.entries(VERBS).flatMap(([method, verbs]) =>
    method === only || all.some(word => verbs.includes(word)) ? [method] : [],
  )
  const verbs = new Set(Object.values(VERBS).flat())
  const wanted = all.filter(word => !verbs.has(word) && !FILLERS.has(word)).map(singularOf)
  if (wanted.length === 0) return []
  const isList = all.some(word => ALL.has(word)) || all.at(-1) !== singularOf(all.at(-1) ?? '')
  const rated = known
    .map(operation => ({ operation, ...rate(operation, wanted, methods, isList) }))
    .filter(({ covered }) => covered === 1)
  return rated.sort((one, other) => other.value - one.value).map(({ operation }) => operation)
}

function rate(
  { words, method, path }: Known,
  wanted: readonly string[],
  methods: readonly string[],
  isList: boolean,
): { covered: number; value: number } {
  const covered = wanted.filter(word => words.has(word)).length / wanted.length
  const surplus = [...words].filter(word => !wanted.includes(word)).length
  const isOne = path.endsWith('}')
  const asked = methods.length === 0 || methods.includes(method)
  const form = method === 'GET' && methods.includes('GET') && isOne === isList ? 0.5 : isOne ? 0.1 : 0
  const version = /^\/v\d/.test(path) ? 0.2 : 0
  return { covered, value: (asked ? 3 : 0) - surplus - form - version }
}

/** The words of a path or a summary that say what it is about, in the singular, without verbs. */
function wordsOf(text: string): string[] {
  const verbs = new Set(Object.values(VERBS).flat())
  return rawWords(text)
    .filter(word => !verbs.has(word) && !/^(v\d+|all|by|with|a|an|the|in|of)$/.test(word))
    .map(singularOf)
}

function rawWords(text: string): string[] {
  return text
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(word => word !== '')
}

function bySearch(
  heads: readonly PageHead[],
  searcher: Searcher,
  text: string,
  known: readonly Known[],
  method: string | null,
): FoundOperation[] {
  const operations = new Map(known.map(operation => [operation.page, operation]))
  return searcher.search(text, { categories: ['api'], limit: 40 }).flatMap(({ page }): FoundOperation[] => {
    const operation = operations.get(page)
    if (operation !== undefined) return [{ ...operation, isExact: false }]
    const isType = heads[page]?.source === 'reference' && heads[page].id.startsWith('api/types/')
    return isType && method === null ? [{ page, method: null, path: null, isExact: false }] : []
  })
}
