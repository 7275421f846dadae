import type { Page } from '../index/page.ts'
import type { ApiDescription, Field, NamedType, Operation, Type } from './api-description.ts'
import { operationKeywords, operationPageId, sdkNameOf, summaryOf } from './operation-names.ts'
import { bodyText, isNested } from './reference-body.ts'
import { curlExample, sdkExample } from './reference-examples.ts'
import { below, fieldLine, shortText, typePageId, typeText } from './reference-text.ts'
import { type TidyDescription, tidyDescription } from './tidy-description.ts'

const MOST_USES = 6
/** Longer descriptions are given in full once and then by their first sentence. */
const REPEATED_TEXT = 160
const LONGEST_TEXT = 3000

/** The pages of an API reference: one for each operation and one for each type that has something to say. */
export function referencePages(description: ApiDescription): Page[] {
  const tidy = tidyDescription(description)
  const pages = new Map<string, Page>()
  for (const operation of tidy.operations) {
    const page = operationPage(operation, tidy)
    const id = pages.has(page.id) ? `${page.id}-${pages.size}` : page.id
    pages.set(id, { ...page, id })
  }
  const uses = usesOf(tidy)
  const told = new Map<string, string>()
  for (const type of inReadingOrder(tidy)) {
    const page = typePage(type, uses.get(type.name) ?? [], told)
    pages.set(page.id, page)
  }
  return [...pages.values()]
}

function operationPage(operation: Operation, description: TidyDescription): Page {
  const { method, path, pathParameters, queryParameters, body, response } = operation
  const sdk = sdkNameOf(operation)
  const names = [
    operation.id === '' ? '' : `operation \`${operation.id}\``,
    sdk === null ? '' : `SDK \`${sdk}\``,
  ]
  const creation = description.operations.find(
    other => other.method === 'POST' && `${other.path}/{id}` === path && other.body !== null,
  )
  const isWhole = method === 'POST' || creation === undefined
  const parts = [
    `\`${method} ${path}\`${['', ...names.filter(name => name !== '')].join(', ')}`,
    operation.deprecated ? 'Deprecated.' : '',
    operation.description.slice(0, LONGEST_TEXT),
    parametersText('Path parameters', pathParameters),
    parametersText('Query parameters', queryParameters),
  ]
  if (body !== null) {
    parts.push('## Request body', bodyText(body, isWhole, description))
    if (!isWhole && creation !== undefined && isNested(body.type, description))
      parts.push(
        `The fields within these: [${creation.method} ${creation.path}](${operationPageId(creation)}).`,
      )
  }
  parts.push('## Response', response === null ? 'No content, or a file.' : `${typeText(response, 12)}`)
  parts.push('## Example', `\`\`\`bash\n${curlExample(operation, description)}\n\`\`\``)
  const call = sdkExample(operation, sdk, description)
  if (call !== null) parts.push(`\`\`\`typescript\n${call}\n\`\`\``)
  return {
    id: operationPageId(operation),
    title: `${method} ${path} – ${summaryOf(operation)}`,
    description: shortText(operation.description),
    url: null,
    category: 'api',
    source: 'reference',
    keywords: operationKeywords(operation),
    text: joined(parts),
  }
}

function joined(parts: readonly string[]): string {
  return parts
    .filter(part => part !== '')
    .join('\n\n')
    .replace(/\n{3,}/g, '\n\n')
}

function parametersText(title: string, fields: readonly Field[]): string {
  if (fields.length === 0) return ''
  const lines = fields.map(field => fieldLine(field, field.name, shortText(field.description)))
  return `## ${title}\n\n${lines.join('\n')}`
}

/** Where a type stands: `voice` of `CreateAssistantDTO`. */
interface Use {
  field: string
  owner: string
}

function usesOf({ types }: TidyDescription): Map<string, Use[]> {
  const uses = new Map<string, Use[]>()
  const add = (type: Type, use: Use): void => {
    const { type: inner } = below(type)
    if (inner.kind === 'named') {
      const list = uses.get(inner.name)
      if (list === undefined) uses.set(inner.name, [use])
      else list.push(use)
    } else if (inner.kind === 'union') for (const member of inner.members) add(member.type, use)
    else if (inner.kind === 'object')
      for (const field of inner.fields) add(field.type, { ...use, field: field.name })
  }
  for (const { name, type } of types.values()) {
    if (type.kind === 'object')
      for (const field of type.fields) add(field.type, { field: field.name, owner: name })
    else if (type.kind === 'union')
      for (const member of type.members) add(member.type, { field: '', owner: name })
  }
  return uses
}

/** Types that people send before those they receive, so that texts are told in full where they are looked for. */
function inReadingOrder({ operations, types }: TidyDescription): NamedType[] {
  const first = new Set<string>()
  for (const { body } of operations) if (body?.type.kind === 'named') first.add(body.type.name)
  const all = [...types.values()]
  return [...all.filter(({ name }) => first.has(name)), ...all.filter(({ name }) => !first.has(name))]
}

function typePage(named: NamedType, uses: readonly Use[], told: Map<string, string>): Page {
  const { name, type, description } = named
  const parts = [description.slice(0, LONGEST_TEXT), named.deprecated ? 'Deprecated.' : '', usesText(uses)]
  if (type.kind === 'object')
    parts.push('## Fields', type.fields.map(field => line(field, name, told)).join('\n'))
  else if (type.kind === 'choice')
    parts.push('## Values', type.values.map(value => `- \`${JSON.stringify(value)}\``).join('\n'))
  else if (type.kind === 'union') {
    const { members, tag } = type
    const list = members.map(member => {
      const values = member.values.map(value => `\`"${value}"\``).join(' / ')
      return `- ${values === '' ? '' : `${values}: `}${typeText(member.type)}`
    })
    parts.push(`## One of${tag === null ? '' : `, by \`${tag}\``}`, list.join('\n'))
  }
  return {
    id: typePageId(name),
    title: name,
    description: shortText(description),
    url: null,
    category: 'api',
    source: 'reference',
    keywords: [...new Set(uses.map(({ field }) => field))].filter(field => field !== '').slice(0, MOST_USES),
    text: joined(parts),
  }
}

function line(field: Field, owner: string, told: Map<string, string>): string {
  const text = field.description.slice(0, LONGEST_TEXT)
  const key = `${field.name} ${text}`
  const teller = told.get(key)
  if (text.length > REPEATED_TEXT && teller !== undefined)
    return fieldLine(field, field.name, `${shortText(text)} (more in [${teller}](${typePageId(teller)}))`)
  told.set(key, owner)
  return fieldLine(field, field.name, text)
}

function usesText(uses: readonly Use[]): string {
  const owners = new Map<string, string[]>()
  for (const { field, owner } of uses) owners.set(field, [...(owners.get(field) ?? []), owner])
  const parts = [...owners].slice(0, MOST_USES).map(([field, list]) => {
    const names = [...new Set(list)]
    const shown = names.slice(0, MOST_USES).map(name => `[${name}](${typePageId(name)})`)
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : ''
    return `${field === '' ? 'a member' : `\`${field}\``} of ${shown.join(', ')}${more}`
  })
  return parts.length === 0 ? '' : `Used as ${parts.join('; ')}.`
}
