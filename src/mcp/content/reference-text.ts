import type { Field, Member, Type } from './api-description.ts'
import type { TidyDescription } from './tidy-description.ts'

const FULL_VALUES = 40
const SHORT_TEXT = 200
const LONGEST_DEFAULT = 300

/** The name of the page of a named type. */
export function typePageId(name: string): string {
  return `api/types/${name}`
}

/** Markdown of a type, names linked to their pages. `most`: how many values of a list of values are shown. */
export function typeText(type: Type, most = FULL_VALUES): string {
  switch (type.kind) {
    case 'plain':
      return type.name
    case 'named':
      return `[${type.name}](${typePageId(type.name)})`
    case 'list':
      return `list of ${typeText(type.item, most)}`
    case 'map':
      return `map of ${typeText(type.value, most)}`
    case 'choice': {
      const shown = type.values.slice(0, most).map(value => `\`${JSON.stringify(value)}\``)
      const rest = type.values.length - shown.length
      return shown.join(' | ') + (rest > 0 ? ` | … ${rest} more` : '')
    }
    case 'union':
      return type.members.map(member => typeText(member.type, most)).join(' | ')
    case 'object':
      return 'object'
  }
}

/** `` - `startSpeakingPlan.waitSeconds` (number, default 0.4, 0 to 5): How long … `` */
export function fieldLine(field: Field, path: string, text: string, most = FULL_VALUES): string {
  const facts = [
    typeText(field.type, most) + (field.nullable ? ' | null' : ''),
    field.required ? '**required**' : '',
    field.deprecated ? 'deprecated' : '',
    field.limits,
    field.default === null ? '' : `default ${oneLine(field.default).slice(0, LONGEST_DEFAULT)}`,
  ].filter(fact => fact !== '')
  return `- \`${path}\` (${facts.join(', ')})${text === '' ? '' : `: ${indented(text)}`}`
}

/** The first sentence of a text in one line, and no more than fits. */
export function shortText(text: string, most = SHORT_TEXT): string {
  const [paragraph = ''] = text.split(/\n\s*\n/)
  const line = oneLine(paragraph)
  const sentence = /^.*?(?<!\b(?:e\.g|i\.e|etc|vs))[.!?](?=\s)/.exec(line)?.[0] ?? line
  if (sentence.length <= most) return sentence
  return `${sentence.slice(0, sentence.lastIndexOf(' ', most - 1) + 1 || most - 1).trimEnd()}…`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

function indented(text: string): string {
  return text.replace(/\n(?=[^\n])/g, '\n  ')
}

/** What can be read below a field: the field itself, or what a list or map of it holds. */
export interface Below {
  /** What to put behind the field's path: empty, `[]` or `.*`. */
  step: string
  type: Type
}

export function below(type: Type): Below {
  if (type.kind === 'list') {
    const inner = below(type.item)
    return { step: `[]${inner.step}`, type: inner.type }
  }
  if (type.kind === 'map') {
    const inner = below(type.value)
    return { step: `.*${inner.step}`, type: inner.type }
  }
  return { step: '', type }
}

/** The fields of an object; those that all members of a union of objects share; none of anything else. */
export function fieldsOf(type: Type, { types }: TidyDescription): readonly Field[] {
  if (type.kind === 'object') return type.fields
  if (type.kind === 'named') {
    const target = types.get(type.name)?.type
    return target === undefined || target.kind === 'named' ? [] : fieldsOf(target, { types, operations: [] })
  }
  if (type.kind !== 'union') return []
  const [first, ...others] = type.members.map(member =>
    member.type.kind === 'union' ? [] : fieldsOf(member.type, { types, operations: [] }),
  )
  if (first === undefined) return []
  const lists = others.map(fields => new Map(fields.map(field => [field.name, sameness(field)])))
  return first.filter(field => lists.every(list => list.get(field.name) === sameness(field)))
}

function sameness({ type, limits }: Field): string {
  return JSON.stringify([type, limits])
}

/** The members of a union, also of one with a name; none of anything else. */
export function membersOf(
  type: Type,
  { types }: TidyDescription,
): { members: readonly Member[]; tag: string | null } {
  const target = type.kind === 'named' ? types.get(type.name)?.type : type
  return target?.kind === 'union' ? target : { members: [], tag: null }
}

/** `One of, by `provider`: `openai` → …` */
export function membersText({ members, tag }: { members: readonly Member[]; tag: string | null }): string {
  const list = members.map(({ type, values }) => {
    const names = values.map(value => `\`"${value}"\``).join(' / ')
    return names === '' ? typeText(type) : `${names} ${typeText(type)}`
  })
  return `One of${tag === null ? '' : `, by \`${tag}\``}: ${list.join(', ')}.`
}
