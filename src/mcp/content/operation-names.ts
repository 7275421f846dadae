import type { Operation } from './api-description.ts'

/** Last parts of paths that say what is done. */
const ACTIONS = ['duplicate', 'generate', 'preview', 'retry', 'run', 'validate']

/** Words that people use for what a method does. */
export const VERBS: Readonly<Record<string, readonly string[]>> = {
  POST: ['create', 'make', 'add', 'new', 'start', 'post', 'upload', 'buy', 'import', 'place'],
  GET: ['get', 'list', 'fetch', 'read', 'retrieve', 'show', 'find', 'download'],
  PATCH: ['update', 'change', 'edit', 'modify', 'patch', 'set'],
  PUT: ['replace', 'update', 'put'],
  DELETE: ['delete', 'remove', 'destroy'],
}

/** Resources of the SDK whose methods have short names. */
const SHORT = ['assistants', 'calls', 'chats', 'files', 'phoneNumbers', 'sessions', 'squads', 'tools']
const SHORT_NAMES: Readonly<Record<string, string>> = {
  'POST ': 'create',
  'GET ': 'list',
  'GET {}': 'get',
  'PATCH {}': 'update',
  'DELETE {}': 'delete',
}

/** Parts of a path without its parameters: `/v2/campaign/{id}/contacts` → campaign, contacts. */
export function resourceParts(path: string): string[] {
  return path.split('/').filter(part => part !== '' && !part.startsWith('{') && !/^v\d+$/.test(part))
}

/** `startSpeakingPlan` → `StartSpeakingPlan`, `get /assistant/{id}` → `GetAssistantId`. */
export function capitalized(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}

/** Verbs that stand in the names of operations whose method says something else. */
const NAMED_ACTION = /(cancel|attach|detach|duplicate|generate|preview|retry|validate)/i

/** What an operation does in a few words, for those that the source gives none. */
export function summaryOf(operation: Operation): string {
  const { summary, method, path, sdk } = operation
  if (summary !== '') return summary
  // `{resourceName}` stands for what is asked for, other parameters for one of it.
  const parts = resourceParts(path.replace(/\{(\w+)Name\}/g, '$1'))
  const last = parts.at(-1) ?? ''
  const before = parts.slice(0, -1).filter(part => !last.startsWith(part))
  const named = NAMED_ACTION.exec(sdk?.split('.').at(-1) ?? '')?.[0].toLowerCase()
  if (ACTIONS.includes(last) && method === 'POST') return sentence([last, ...before])
  if (named !== undefined) return sentence([named, ...before, last])
  if (method !== 'GET') return sentence([VERBS[method]?.[0] ?? method.toLowerCase(), ...before, last])
  if (operation.response === null) return sentence(['download', ...before, last])
  return returnsList(operation)
    ? sentence(['list', ...before, pluralOf(last)])
    : sentence(['get', ...before, last])
}

function returnsList({ response }: Operation): boolean {
  return response?.kind === 'list' || (response?.kind === 'named' && /Paginated|FindAll/.test(response.name))
}

function sentence(words: readonly string[]): string {
  const text = words.join(' ').replaceAll('-', ' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** The plural of a noun in lower case. */
export function pluralOf(noun: string): string {
  if (noun.endsWith('s')) return noun
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`
}

/** The singular of a noun in lower case. */
export function singularOf(noun: string): string {
  if (noun.endsWith('ies')) return `${noun.slice(0, -3)}y`
  return noun.endsWith('s') && !/(ss|us|is|ics)$/.test(noun) ? noun.slice(0, -1) : noun
}

/** How the official SDK calls an operation; from its tag and id where the source does not say. Null where that gives nothing. */
export function sdkNameOf({ sdk, tag, id, method, path }: Operation): string | null {
  if (sdk !== null || tag === '' || id === '') return sdk
  const words = capitalized(tag)
  const resource = words.charAt(0).toLowerCase() + words.slice(1)
  const shape = /^\/[a-z-]+(\/\{\w+\})?$/.exec(path)
  const short = shape && SHORT_NAMES[`${method} ${shape[1] === undefined ? '' : '{}'}`]
  if (SHORT.includes(resource) && typeof short === 'string') return `client.${resource}.${short}`
  if (path === '/analytics') return 'client.analytics.get'
  if (path === '/chat/responses') return 'client.chats.createResponse'
  const [first = '', ...rest] = id.split('_')
  const name = first.charAt(0).toLowerCase() + first.slice(1) + rest.map(capitalized).join('')
  return `client.${resource}.${name}`
}

/** `POST /assistant` → `api/post-assistant`. */
export function operationPageId({ method, path }: Pick<Operation, 'method' | 'path'>): string {
  const words = `${method} ${path}`.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return `api/${words.replace(/^-|-$/g, '').slice(0, 120)}`
}

/** Words that people use for an operation and that do not stand in its title. */
export function operationKeywords(operation: Operation): string[] {
  const { method, path, id } = operation
  const parts = resourceParts(path).map(part => part.replaceAll('-', ' '))
  const last = parts.at(-1) ?? ''
  const verbs = (VERBS[method] ?? []).slice(0, 4)
  const isOne = path.endsWith('}')
  return [
    id,
    sdkNameOf(operation) ?? '',
    `${verbs.join(' ')} ${isOne || method === 'POST' ? last : pluralOf(last)}`,
    isOne || method === 'POST' ? pluralOf(last) : last,
  ].filter(text => text.trim() !== '')
}
