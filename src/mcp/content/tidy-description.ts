import { limitOf } from '../../assistant/validate/limits.ts'
import type { ApiDescription, Field, Member, NamedType, Operation, Type } from './api-description.ts'
import { readDocComment } from './doc-comment.ts'
import { rangeText } from './open-api-schema.ts'
import { capitalized } from './operation-names.ts'

/** More of them get a name and a page of their own. */
const MOST_CHOICES_INLINE = 30
const MOST_MEMBERS_INLINE = 5
const DEEPEST = 60

const ANY: Type = { kind: 'plain', name: 'any' }

/** A description in which every name stands for an object with fields, a long list of values or a union of many. */
export interface TidyDescription {
  operations: readonly Operation[]
  /** Sorted by name. */
  types: ReadonlyMap<string, NamedType>
}

/** A long list of values or members, under the names that it could have. */
interface Raised {
  place: string
  type: Type
  description: string
  candidates: string[]
}

/**
 * Puts short lists and unions where they are used, gives long ones one name however often they occur, leaves empty types
 * out, finds the fields that tell the members of unions apart, and reads the tags in descriptions.
 */
export function tidyDescription({ operations, types }: ApiDescription): TidyDescription {
  const named = new Map(types.map(type => [type.name, type]))
  const raised = new Map<string, Raised>()
  /** Aliases that were followed: they may refer to each other in more ways than can be walked. */
  const followed = new Map<string, Tidied>()

  /** The type without aliases. `name`: what it is called if it gets a name. */
  function tidy(type: Type, name: string, depth: number, seen: readonly string[]): Tidied {
    if (depth > DEEPEST) return { type: ANY, description: '' }
    switch (type.kind) {
      case 'named': {
        const target = named.get(type.name)
        if (target === undefined || seen.includes(type.name)) return { type: ANY, description: '' }
        if (target.type.kind === 'object')
          return {
            type: target.type.fields.length > 0 ? type : { kind: 'plain', name: 'object' },
            description: '',
          }
        const known = followed.get(type.name)
        if (known !== undefined) return known
        const inner = tidy(target.type, target.name, depth + 1, [...seen, type.name])
        const result = { type: inner.type, description: target.description || inner.description }
        followed.set(type.name, result)
        return result
      }
      case 'list': {
        const item = tidy(type.item, `${name}Item`, depth + 1, seen)
        return { type: { kind: 'list', item: item.type }, description: item.description }
      }
      case 'map':
        return {
          type: { kind: 'map', value: tidy(type.value, `${name}Value`, depth + 1, seen).type },
          description: '',
        }
      case 'object':
        return {
          type: { kind: 'object', fields: type.fields.map(field => tidyField(field, name, depth + 1, seen)) },
          description: '',
        }
      case 'union':
        return tidyUnion(type, name, depth, seen)
      case 'choice':
        return {
          type: type.values.length > MOST_CHOICES_INLINE ? raise(type, name) : type,
          description: '',
        }
      default:
        return { type, description: '' }
    }
  }

  function tidyUnion(
    { members, tag }: Type & { kind: 'union' },
    name: string,
    depth: number,
    seen: readonly string[],
  ): Tidied {
    const list = members.flatMap((member): Member[] => {
      const { type } = tidy(member.type, name, depth + 1, seen)
      return type.kind === 'union' && type.tag === null ? [...type.members] : [{ ...member, type }]
    })
    const unique = [...new Map(list.map(member => [JSON.stringify(member), member])).values()]
    const [only] = unique
    if (unique.length === 1 && only !== undefined) return { type: only.type, description: '' }
    const union = withTag(unique, tag)
    return { type: unique.length > MOST_MEMBERS_INLINE ? raise(union, name) : union, description: '' }
  }

  function withTag(members: readonly Member[], tag: string | null): Type {
    const fields = members.map(({ type }) => objectFields(type))
    const found = tag ?? (fields[0] ?? []).map(({ name }) => name).find(name => tellsApart(name, fields))
    if (found === undefined) return { kind: 'union', members, tag: null }
    return {
      kind: 'union',
      tag: found,
      members: members.map((member, place) =>
        member.values.length > 0
          ? member
          : { ...member, values: choicesOf(found, fields[place] ?? []).map(String) },
      ),
    }
  }

  function choicesOf(name: string, fields: readonly Field[]): readonly unknown[] {
    const type = fields.find(field => field.name === name)?.type
    if (type === undefined) return []
    const bare = type.kind === 'named' ? tidy(type, type.name, 0, []).type : type
    return bare.kind === 'choice' ? bare.values : []
  }

  function tellsApart(name: string, lists: readonly (readonly Field[])[]): boolean {
    const values = lists.map(fields => choicesOf(name, fields))
    const all = values.flat()
    return values.every(({ length }) => length > 0) && new Set(all).size === all.length
  }

  function objectFields(type: Type): readonly Field[] {
    const target = type.kind === 'named' ? named.get(type.name)?.type : type
    return target?.kind === 'object' ? target.fields : []
  }

  /** Keeps a type under a name of its own; the name is a place until all candidates are known. */
  function raise(type: Type, name: string): Type {
    const key = JSON.stringify(type)
    const known = raised.get(key) ?? { place: `\0${raised.size}`, type, description: '', candidates: [] }
    raised.set(key, known)
    known.candidates.push(name)
    return { kind: 'named', name: known.place }
  }

  function tidyField(field: Field, owner: string, depth: number, seen: readonly string[]): Field {
    const { type, description } = tidy(field.type, owner + capitalized(field.name), depth, seen)
    const comment = readDocComment(field.description || description)
    return {
      ...field,
      type,
      description: comment.text,
      default: field.default ?? comment.default,
      limits: field.limits || comment.limits || knownLimits(owner, field.name),
      deprecated: field.deprecated || comment.isDeprecated,
    }
  }

  function tidyOperation(operation: Operation): Operation {
    const name = capitalized(operation.id.replace('_', '-') || `${operation.method}${operation.path}`)
    const fields = (list: readonly Field[]) => list.map(field => tidyField(field, name, 0, []))
    const { body, response } = operation
    return {
      ...operation,
      description: readDocComment(operation.description).text,
      pathParameters: fields(operation.pathParameters),
      queryParameters: fields(operation.queryParameters),
      body: body && { ...body, type: tidy(body.type, `${name}Request`, 0, []).type },
      response: response && tidy(response, `${name}Response`, 0, []).type,
    }
  }

  const tidyOperations = operations.map(tidyOperation)
  const objects = types.flatMap((type): NamedType[] => {
    if (type.type.kind !== 'object' || type.type.fields.length === 0) return []
    const comment = readDocComment(type.description)
    return [
      {
        ...type,
        description: comment.text,
        deprecated: type.deprecated || comment.isDeprecated,
        type: tidy(type.type, type.name, 0, []).type,
      },
    ]
  })
  // Long lists that nothing refers to are in the document all the same.
  for (const { name, type, description } of types) {
    if (type.kind === 'object') continue
    const found = tidy(type, name, 0, [name]).type
    if (found.kind !== 'named') continue
    for (const one of raised.values())
      if (one.place === found.name) one.description ||= readDocComment(description).text
  }
  return rename(tidyOperations, objects, [...raised.values()])
}

/** What validation knows of a field whose source states no limits, as the SDK's types do not. */
function knownLimits(owner: string, field: string): string {
  const { each, ...limit } = limitOf(owner, field) ?? {}
  const text = [
    rangeText(limit.minimum, limit.maximum, ''),
    rangeText(limit.minLength, limit.maxLength, ' characters'),
    limit.form ?? '',
    each === undefined
      ? ''
      : `each ${rangeText(each.minLength, each.maxLength, ' characters') || (each.form ?? '')}`,
  ]
  return text.filter(part => part !== '').join(', ')
}

interface Tidied {
  type: Type
  /** Of the alias that stood there. */
  description: string
}

/** Gives raised types their names: what all candidates end in, or else the shortest that is free. */
function rename(
  operations: readonly Operation[],
  objects: readonly NamedType[],
  raised: readonly Raised[],
): TidyDescription {
  const names = new Map(objects.map(({ name }) => [name, name]))
  const taken = new Set(names.keys())
  for (const { place, type, candidates } of raised) {
    const clean = candidates.map(name => name.replace(/[^\w.]/g, '')).filter(name => name !== '')
    const shortest = clean.sort((one, other) => one.length - other.length || (one < other ? -1 : 1))
    const shared = sharedEnd(clean, type.kind === 'union' ? 1 : 2)
    const name = [shared, ...shortest].find(one => one !== '' && !taken.has(one))
    const given = name ?? `${shortest[0] ?? ''}Values${taken.size}`
    taken.add(given)
    names.set(place, given)
  }
  const renamed = (type: Type): Type => {
    switch (type.kind) {
      case 'named':
        return { kind: 'named', name: names.get(type.name) ?? type.name }
      case 'list':
        return { kind: 'list', item: renamed(type.item) }
      case 'map':
        return { kind: 'map', value: renamed(type.value) }
      case 'union':
        return { ...type, members: type.members.map(member => ({ ...member, type: renamed(member.type) })) }
      case 'object':
        return { kind: 'object', fields: type.fields.map(renamedField) }
      default:
        return type
    }
  }
  const renamedField = (field: Field): Field => ({ ...field, type: renamed(field.type) })
  const types: NamedType[] = [
    ...objects.map(one => ({ ...one, type: renamed(one.type) })),
    ...raised.map(({ place, type, description }) => ({
      name: names.get(place) ?? place,
      description,
      deprecated: false,
      type: renamed(type),
    })),
  ]
  types.sort((one, other) => (one.name < other.name ? -1 : 1))
  return {
    operations: operations.map(operation => ({
      ...operation,
      pathParameters: operation.pathParameters.map(renamedField),
      queryParameters: operation.queryParameters.map(renamedField),
      body: operation.body && { ...operation.body, type: renamed(operation.body.type) },
      response: operation.response && renamed(operation.response),
    })),
    types: new Map(types.map(type => [type.name, type])),
  }
}

/** The capitalized words that names have in common at their end (`AssistantVoice`, `WorkflowVoice` → `Voice`); empty for fewer than `least`. */
function sharedEnd(names: readonly string[], least: number): string {
  const [first = [], ...others] = names.map(name => name.split(/(?=[A-Z][a-z])/))
  if (others.length === 0) return ''
  let count = 0
  while (count < first.length && others.every(words => words.at(-1 - count) === first.at(-1 - count))) count++
  return count < least ? '' : first.slice(first.length - count).join('')
}
