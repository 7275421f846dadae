import { z } from 'zod'
import { usageError } from '../../../errors.ts'
import { fieldsAt, isFieldPath } from '../../content/find-fields.ts'
import {
  operationsAt,
  operationsCalled,
  operationsFor,
  operationsNear,
  operationsOf,
  operationsOn,
  readEndpoint,
} from '../../content/find-operations.ts'
import type { Library } from '../../content/library.ts'
import { resourceParts } from '../../content/operation-names.ts'
import { linkOf, placeOf } from '../found.ts'
import { cutText, itemsThatFit, REPLY_LIMIT } from '../limit.ts'
import { defineTool, READS_HERE } from '../tool.ts'

const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'all'] as const
type Method = (typeof methods)[number]

const SHOWN = 3
const LONGEST = REPLY_LIMIT - 3000
const NEARLY_AS_GOOD = 0.6
/** Types that have the field which was asked for. */
const MOST_TYPES = 20

const operation = z.object({
  title: z.string(),
  method: z.string().nullable().describe('null for the page of a type'),
  path: z.string().nullable(),
  url: z.string().nullable(),
  uri: z.string(),
  isCut: z.boolean(),
  text: z.string().describe('Markdown'),
})
type Operation = z.infer<typeof operation>

const link = z.object({ title: z.string(), uri: z.string() })
const field = z.object({ type: z.string(), uri: z.string(), text: z.string().describe('Markdown') })

export const getApiReference = defineTool({
  name: 'get_api_reference',
  title: 'API reference',
  description:
    'The reference of an operation of the Vapi API, or of a type: parameters, fields of the body with their types, defaults and limits, and the reply. Takes a path ("/assistant/{id}"), a method with a path ("POST /call"), a resource ("phone numbers"), a name of the SDK ("client.calls.create") or of a type ("CreateAssistantDTO"), the path of a field ("assistant.voice.speed"), or words. Where there is no such endpoint it says so and names the nearest.',
  input: z.strictObject({
    endpoint: z.string().trim().min(1).max(1000).describe('path, operation, resource, type or field'),
    method: z.enum(methods).default('all').describe('only operations with this method'),
    includeExamples: z.boolean().default(true).describe('false leaves code blocks out'),
  }),
  output: z.object({
    endpoint: z.string(),
    method: z.string(),
    note: z.string().describe('says so where what was named is not there; else empty'),
    operations: z.array(operation),
    fields: z.array(field).describe('for the path of a field: the types that have it'),
    related: z.array(link).describe('further pages, to be read as resources'),
  }),
  annotations: READS_HERE,
  async run({ endpoint, method, includeExamples }, { library: open, signal }) {
    const library = await open()
    signal.throwIfAborted()
    const { pages, others, isExact, note, fields } = find(library, endpoint, method)
    const all = pages.map(page => operationOf(library, page, includeExamples))
    const shown = itemsThatFit(all.slice(0, isExact ? all.length : SHOWN), textOf)
    const rest = [...pages.slice(shown.length), ...others]
    const related = rest.slice(0, 10).map(page => {
      const { head, uri } = placeOf(library, page, null)
      return { title: head.title, uri }
    })
    const data = { endpoint, method, note, operations: shown, fields, related }
    const links = related.map(({ title, uri }) => `- ${title}: ${uri}`).join('\n')
    const parts = [
      note,
      ...(fields.length > 0 ? [fieldsText(endpoint, fields)] : []),
      ...shown.map(textOf),
      links === '' ? '' : `${note === '' ? 'See also' : 'Nearest'}:\n${links}`,
    ]
    return { text: parts.filter(part => part !== '').join(note === '' ? '\n\n---\n\n' : '\n\n'), data }
  },
})

type FieldOfType = z.infer<typeof field>

/** Types that say the same of the field are told together. */
function fieldsText(path: string, fields: readonly FieldOfType[]): string {
  const byText = new Map<string, FieldOfType[]>()
  for (const each of fields) byText.set(each.text, [...(byText.get(each.text) ?? []), each])
  const parts = [...byText].map(
    ([text, list]) => `${list.map(({ type, uri }) => `${type} (${uri})`).join(', ')}:\n${text}`,
  )
  return `\`${path}\` is a field of ${fields.length === 1 ? 'this type' : `${fields.length} types`}.\n\n${parts.join('\n\n')}`
}

interface Found {
  /** Best first. */
  pages: number[]
  /** Related ones. */
  others: number[]
  /** True where these are what was named, false where they were searched for. */
  isExact: boolean
  /** Says so where what was named is not there; else empty. */
  note: string
  fields: FieldOfType[]
}

function find(library: Library, endpoint: string, method: Method): Found {
  const asked = readEndpoint(/^[\w-]+\/\S*$/.test(endpoint) ? `/${endpoint}` : endpoint)
  if (asked.method !== null && method !== 'all' && asked.method !== method)
    throw usageError(`"${endpoint}" and the method ${method} exclude each other`, 'leave one of them out')
  const wanted = asked.method ?? (method === 'all' ? null : method)
  const operations = operationsOf(library.index)
  const named =
    asked.path === null
      ? [
          ...operationsCalled(library.index, operations, asked.words),
          ...operationsOn(operations, asked.words),
        ]
      : operationsAt(operations, asked.path)
  if (named.length > 0) {
    const fitting = named.filter(each => wanted === null || each.method === wanted).map(({ page }) => page)
    const near = operations.filter(({ path }) => named.some(each => path.startsWith(`${each.path}/`)))
    const others = [...named, ...near].map(({ page }) => page).filter(page => !fitting.includes(page))
    const note =
      fitting.length > 0 ? '' : `The API reference has nothing with the method ${wanted} for "${endpoint}".`
    return { pages: fitting, others: [...new Set(others)], isExact: true, note, fields: [] }
  }
  if (asked.path !== null) {
    const near = operationsNear(operations, asked.path, wanted).map(({ page }) => page)
    const roots = [...new Set(operations.map(({ path }) => `/${resourceParts(path)[0] ?? ''}`))].sort()
    const hint = near.length > 0 || roots.length === 0 ? '' : ` Its paths begin with ${roots.join(', ')}.`
    return nothing(`There is no endpoint ${endpoint} in the API reference.${hint}`, near)
  }
  if (/^client\.\w+\.\w+(\(\))?$/.test(asked.words)) {
    const group = `\`${asked.words.slice(0, asked.words.lastIndexOf('.'))}.`
    const near = operations.filter(({ page }) => library.index.textOf(page).slice(0, 400).includes(group))
    return nothing(
      `The SDK has no ${asked.words}.`,
      near.map(({ page }) => page),
    )
  }
  if (isFieldPath(asked.words)) return findField(library, asked.words)
  const type = wanted === null ? typeNamed(library, asked.words) : null
  if (type !== null) return { pages: [type], others: [], isExact: true, note: '', fields: [] }
  const asOperation = operationsFor(operations, asked.words).filter(
    each => wanted === null || each.method === wanted,
  )
  const methodOf = new Map(operations.map(each => [each.page, each.method]))
  const searched = library
    .search(asked.words, { categories: ['api'], limit: 40 })
    .filter(({ page }) => wanted === null || methodOf.get(page) === wanted)
  const least = (searched[0]?.score ?? 0) * NEARLY_AS_GOOD
  // Among what fits about as well, who asks this tool wants an operation rather than a type.
  const rank = ({ page, score }: { page: number; score: number }) =>
    methodOf.has(page) && score >= least ? 0 : 1
  const found = searched.toSorted((one, other) => rank(one) - rank(other)).map(({ page }) => page)
  const first = asOperation.slice(0, SHOWN - 1).map(({ page }) => page)
  const pages = [...new Set([...first, ...found])].slice(0, SHOWN + 7)
  const note =
    pages.length > 0
      ? ''
      : `The API reference has nothing${wanted === null ? '' : ` with the method ${wanted}`} for "${endpoint}". Try a path such as "/call", or search_documentation.`
  return { pages, others: [], isExact: false, note, fields: [] }
}

function nothing(note: string, near: readonly number[]): Found {
  const hint = near.length === 0 ? ' search_documentation may find what you look for.' : ''
  return { pages: [], others: near.slice(0, 8), isExact: false, note: `${note}${hint}`, fields: [] }
}

function findField(library: Library, path: string): Found {
  const { found, missing } = fieldsAt(library.index, path)
  if (found.length === 0)
    return nothing(
      `There is no field ${path} in the API reference${missing === null ? '' : `: nothing there has \`${missing.name}\``}.`,
      missing?.pages ?? [],
    )
  const fields = found.slice(0, MOST_TYPES).map(({ page, type, text }) => {
    return { type, uri: placeOf(library, page, null).uri, text }
  })
  const pages = found.map(({ page }) => page)
  // Of many types the field is enough.
  return found.length === 1
    ? { pages, others: [], isExact: true, note: '', fields }
    : { pages: [], others: [], isExact: true, note: '', fields }
}

/** The page of a type of this name, however it is written. */
function typeNamed({ index }: Library, name: string): number | null {
  const wanted = name.toLowerCase()
  const page = index.pages.findIndex(
    ({ category, title }) => category === 'api' && title.toLowerCase() === wanted,
  )
  return page < 0 ? null : page
}

function operationOf(library: Library, page: number, withExamples: boolean): Operation {
  const { head, url, uri, text: whole } = placeOf(library, page, null)
  const [, method = null, path = null] = /^([A-Z]+) (\/\S*)/.exec(head.title) ?? []
  const { text, isCut } = cutText(withExamples ? whole : withoutCode(whole), LONGEST)
  return { title: head.title, method, path, url, uri, isCut, text }
}

/** The text without code blocks, and without headings that nothing is left of. */
function withoutCode(text: string): string {
  return text
    .replace(/^([ \t]*)(`{3,}|~{3,})[\s\S]*?^\1\2[`~]*[ \t]*$/gm, '')
    .replace(/^#{1,6} [^\n]*\n+(?=#{1,6} |$(?![\s\S]))/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

function textOf(found: Operation): string {
  const cut = found.isCut ? `\n\nThe rest is at ${found.uri}.` : ''
  return `# ${found.title}\n${linkOf(found)}\n\n${found.text}${cut}`
}
