import type { SearchIndex } from '../index/search-index.ts'

/** A field of a type that has a page. */
export interface FoundField {
  /** Number of the type's page. */
  page: number
  type: string
  /** What its page says of the field. */
  text: string
}

export interface FieldPath {
  /** The fields that the path leads to, one for each type that it may be of. Empty where it leads nowhere. */
  found: readonly FoundField[]
  /** Where it leads nowhere: the first part that no type there has, and the types that have it not. */
  missing: { name: string; pages: readonly number[] } | null
}

interface TypePage {
  page: number
  title: string
  fields: ReadonlyMap<string, string>
  members: readonly string[]
}

const MOST_UNIONS = 4

/** True for `assistant.voice.speed`, `tools[].server.url`; not for names of the SDK. */
export function isFieldPath(text: string): boolean {
  return /^[a-z_]\w*(?:\[\d*\])?(?:\.(?:\w+(?:\[\d*\])?|\*))+$/i.test(text) && !/^client\./.test(text)
}

/** What a path of fields means, begun at a type (`assistant`, `CreateCallDto`) or at any field of this name. */
export function fieldsAt(index: SearchIndex, path: string): FieldPath {
  const types = new Map(typePages(index).map(type => [type.title.toLowerCase(), type]))
  const parts = path
    .replace(/\[\d*\]/g, '')
    .split('.')
    .filter(part => part !== '*' && !/^\d+$/.test(part))
  const [first = '', ...rest] = parts
  const name = first.toLowerCase()
  const starts = [`create${name}dto`, `create${name}`, name].flatMap(key => types.get(key) ?? []).slice(0, 1)
  const fromType = starts.length > 0 ? walk(types, starts, rest) : null
  if (fromType !== null && fromType.found.length > 0) return fromType
  const fromField = walk(types, [...types.values()], parts)
  return fromField.found.length > 0 || fromType === null ? fromField : fromType
}

function walk(
  types: ReadonlyMap<string, TypePage>,
  starts: readonly TypePage[],
  parts: readonly string[],
): FieldPath {
  let current = starts
  for (const [place, part] of parts.entries()) {
    const all = place === 0 && current.length > 1 ? current : withMembers(types, current)
    const owners = all.flatMap(({ page, title, fields }) => {
      const text = fields.get(part) ?? fields.get(part.toLowerCase())
      return text === undefined ? [] : [{ page, type: title, text }]
    })
    if (owners.length === 0) {
      const pages = place === 0 && current.length > 1 ? [] : current.map(({ page }) => page)
      return { found: [], missing: { name: part, pages } }
    }
    if (place === parts.length - 1) return { found: owners, missing: null }
    const names = new Set(owners.flatMap(({ text }) => linkedTypes(factsOf(text))))
    current = [...names].flatMap(name => types.get(name.toLowerCase()) ?? [])
  }
  return { found: [], missing: null }
}

/** Unions opened: a union of voices is each of the voices. */
function withMembers(types: ReadonlyMap<string, TypePage>, some: readonly TypePage[]): TypePage[] {
  const all = new Set(some)
  for (let depth = 0; depth < MOST_UNIONS; depth++)
    for (const { members } of [...all])
      for (const member of members) {
        const type = types.get(member.toLowerCase())
        if (type !== undefined) all.add(type)
      }
  return [...all]
}

function typePages({ pages, textOf }: SearchIndex): TypePage[] {
  return pages.flatMap(({ id, title, source }, page): TypePage[] => {
    if (source !== 'reference' || !id.startsWith('api/types/')) return []
    const text = textOf(page)
    const [, fieldsText = ''] = text.split(/^## Fields$/m)
    const [, membersText = ''] = text.split(/^## One of.*$/m)
    const fields = new Map<string, string>()
    for (const entry of fieldsText.split(/\n(?=- `)/)) {
      const name = /^- `([^`]+)`/.exec(entry.trim())?.[1]
      if (name === undefined) continue
      fields.set(name, entry.trim())
      if (!fields.has(name.toLowerCase())) fields.set(name.toLowerCase(), entry.trim())
    }
    return [{ page, title, fields, members: linkedTypes(membersText) }]
  })
}

/** The part of a field's line that tells its type: what is said about it may link other types. */
function factsOf(line: string): string {
  return line.split(/\): /)[0] ?? ''
}

function linkedTypes(text: string): string[] {
  return [...text.matchAll(/\]\(api\/types\/([^()\s]+)\)/g)].map(([, name = '']) => name)
}
