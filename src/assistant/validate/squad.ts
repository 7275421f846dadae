import { isObject } from '../../is-object.ts'
import type { Json } from '../overrides.ts'
import { type Finding, formatPath, type PathPart } from './finding.ts'
import { itemsAt, objectAt, type Place, valueAt } from './rules/rule.ts'

/** True for a document that is a squad: it has `members`, or is a list of them (an older spelling). */
export function isSquad(document: unknown): document is Json | unknown[] {
  return Array.isArray(document) || (isObject(document) && Array.isArray(document.members))
}

/** What the schema cannot say of a squad (reference: vapi-api.md 4.11), and what the rules say of its inline assistants. */
export function squadFindings(
  document: unknown,
  assistantFindings: (value: unknown, at: readonly PathPart[]) => Finding[],
): Finding[] {
  const found: Finding[] = []
  const tell = (
    level: Finding['level'],
    code: string,
    at: readonly PathPart[],
    message: string,
    fix?: string,
  ) => found.push({ path: formatPath(at), at, level, code, message, ...(fix !== undefined && { fix }) })
  if (!isObject(document)) {
    tell('error', 'old-spelling', [], 'a squad is an object with members', 'members: [ … ]')
    return found
  }
  const members = itemsAt(document, 'members')
  if (members.length === 0) tell('error', 'no-members', ['members'], 'a squad needs a member')
  const names = new Map<string, string>()
  for (const { value: member, at } of members) {
    const both = member.assistant !== undefined && (member.assistantId ?? null) !== null
    const neither = member.assistant === undefined && (member.assistantId ?? null) === null
    if (both || neither)
      tell('error', 'member-assistant', at, 'a member has exactly one of assistant and assistantId')
    found.push(...assistantFindings(member.assistant, [...at, 'assistant']))
    const name = nameOf(member)
    if (name === null && isObject(member.assistant) && members.length > 1)
      tell(
        'error',
        'member-name',
        [...at, 'assistant', 'name'],
        'others reach a member by its name',
        'name: …',
      )
    if (name === null) continue
    const before = names.get(name)
    if (before !== undefined)
      tell('error', 'member-name', [...at, 'assistant', 'name'], `${before} has the same name ${name}`)
    else names.set(name, formatPath(at))
  }
  // The names of stored assistants are not in the file.
  const allNamed = members.every(({ value }) => nameOf(value) !== null)
  for (const { value, at } of members.flatMap(destinationsOf)) {
    const wanted = value.assistantName
    if (typeof wanted !== 'string' || names.has(wanted)) continue
    tell(
      allNamed ? 'error' : 'warning',
      'unknown-member',
      [...at, 'assistantName'],
      `no member of this file is called ${JSON.stringify(wanted)}`,
      [...names.keys()].length > 0 ? `one of ${[...names.keys()].join(', ')}` : undefined,
    )
  }
  return found
}

function nameOf(member: Json): string | null {
  const name = valueAt(member, 'assistantOverrides', 'name') ?? valueAt(member, 'assistant', 'name')
  return typeof name === 'string' && name !== '' ? name : null
}

/** Where a member may pass the call: its destinations, and those of its hand-off and transfer tools. */
function destinationsOf({ value: member, at }: Place<Json>): Place<Json>[] {
  const assistant = objectAt(member, 'assistant')
  const below = (place: Place<Json>, ...prefix: PathPart[]) => ({
    ...place,
    at: [...at, ...prefix, ...place.at],
  })
  const tools = itemsAt(assistant, 'model', 'tools').flatMap(tool =>
    itemsAt(tool.value, 'destinations').map(({ value, at: inside }) => ({
      value,
      at: [...tool.at, ...inside],
    })),
  )
  return [
    ...itemsAt(member, 'assistantDestinations').map(place => below(place)),
    ...tools.map(place => below(place, 'assistant')),
  ]
}
