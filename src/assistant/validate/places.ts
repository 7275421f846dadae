import { isObject } from '../../is-object.ts'
import { formatPath, type PathPart } from './finding.ts'
import { membersOf, resolveNode, type Schema, type SchemaNode } from './schema.ts'

/** How far down the search goes: `startSpeakingPlan.transcriptionEndpointingPlan.onNumberSeconds`. */
const MAXIMUM_DEPTH = 3
const MAXIMUM_PLACES = 2

interface Place {
  nodes: SchemaNode[]
  at: PathPart[]
  /** What the document has there. */
  value: unknown
}

/**
 * Where else in a document a field of this name may stand, nearest to the top first; none where there would be too many. Of
 * unions only the members that the document has chosen count.
 */
export function placesOf(
  schema: Schema,
  document: unknown,
  field: string,
  at: readonly PathPart[],
): string[] {
  let level: Place[] = [{ nodes: [schema.root], at: [], value: document }]
  const own = formatPath(at)
  for (let depth = 0; depth < MAXIMUM_DEPTH; depth++) {
    const below = level.flatMap(place => fieldsBelow(schema, place))
    const places = below
      .filter(place => place.at.at(-1) === field)
      .map(place => formatPath(place.at))
      .filter(place => place !== own)
    if (places.length > 0) return places.length > MAXIMUM_PLACES ? [] : places
    level = below
  }
  return []
}

/** The fields below a place, one entry for each name. */
function fieldsBelow(schema: Schema, { nodes, at, value }: Place): Place[] {
  const fields = new Map<string, SchemaNode[]>()
  const members = nodes.flatMap(node => membersOf(node, schema.definitions)).map(({ node }) => node)
  for (const node of new Set(members)) {
    if (!isChosen(node, value, schema)) continue
    for (const [name, property] of Object.entries(node.properties ?? {})) {
      fields.set(name, [...(fields.get(name) ?? []), property])
    }
  }
  return [...fields].map(([name, below]) => ({
    nodes: below,
    at: [...at, name],
    value: isObject(value) ? value[name] : undefined,
  }))
}

/** False for a member of a union that is not the one whose provider or type the document names. */
function isChosen(node: SchemaNode, value: unknown, schema: Schema): boolean {
  if (!isObject(value)) return true
  return ['provider', 'type'].every(tag => {
    const wanted = resolveNode(node.properties?.[tag] ?? {}, schema.definitions).node.const
    return wanted === undefined || value[tag] === undefined || value[tag] === wanted
  })
}
