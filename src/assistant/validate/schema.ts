import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { packageFile } from '../../package-root.ts'
import { type PathPart, parsePath } from './finding.ts'

export type JsonType = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'null'

/** The part of JSON Schema that the build emits (scripts/schema.mjs). */
export interface SchemaNode {
  $ref?: string
  type?: JsonType | readonly JsonType[]
  const?: unknown
  enum?: readonly unknown[]
  pattern?: string
  properties?: Readonly<Record<string, SchemaNode>>
  required?: readonly string[]
  additionalProperties?: boolean | SchemaNode
  items?: SchemaNode
  anyOf?: readonly SchemaNode[]
  /** The property that tells the members of `anyOf` apart. */
  discriminator?: { propertyName: string }
}

/** What a request's body may be: a root and what it refers to. */
export interface Schema {
  root: SchemaNode
  definitions: Readonly<Record<string, SchemaNode>>
}

interface SchemaFile {
  format: number
  roots: Record<string, SchemaNode>
  definitions: Record<string, SchemaNode>
}

/**
 * Reads the schema of a body by resource and verb: `assistant.create`, `phone-number.update`, `credential.create` … (all
 * of them: `roots` in scripts/schema.mjs). It takes some 5 ms. Throws for a name that is not there.
 */
export async function loadSchema(name: string): Promise<Schema> {
  const packed = await readFile(packageFile('dist', 'data', 'schema.json.br'))
  const { roots, definitions }: SchemaFile = JSON.parse(
    (await promisify(brotliDecompress)(packed)).toString('utf8'),
  )
  const root = roots[name]
  if (root === undefined)
    throw new Error(`the schema has no ${name}; it has ${Object.keys(roots).join(', ')}`)
  return { root, definitions }
}

/** A node without references, and the name of the definition it came from. */
export function resolveNode(
  node: SchemaNode,
  definitions: Schema['definitions'],
): { node: SchemaNode; name: string | null } {
  let name: string | null = null
  let current = node
  while (current.$ref !== undefined) {
    name = current.$ref.slice('#/definitions/'.length)
    current = definitions[name] ?? {}
  }
  return { node: current, name }
}

/** The members of a union, resolved and flat; a node that is no union is its own only member. */
export function membersOf(
  node: SchemaNode,
  definitions: Schema['definitions'],
): { node: SchemaNode; name: string | null }[] {
  const resolved = resolveNode(node, definitions)
  return resolved.node.anyOf?.flatMap(member => membersOf(member, definitions)) ?? [resolved]
}

/** The JSON types that a node (no reference, no union) takes; empty where it takes any. */
export function typesOf(node: SchemaNode): JsonType[] {
  if (node.const !== undefined) return [jsonType(node.const)]
  if (node.enum !== undefined) return [...new Set(node.enum.map(jsonType))]
  if (node.type !== undefined) return [node.type].flat() as JsonType[]
  if (node.properties !== undefined) return ['object']
  return node.items === undefined ? [] : ['array']
}

export function jsonType(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'string' || type === 'number' || type === 'boolean' ? type : 'object'
}

/** Every schema that may stand at a path, over all members of the unions on the way. */
export function schemasAt(schema: Schema, path: string | readonly PathPart[]): SchemaNode[] {
  const parts = typeof path === 'string' ? parsePath(path) : path
  let nodes = membersOf(schema.root, schema.definitions)
  for (const part of parts) {
    nodes = nodes.flatMap(({ node }) => {
      const next = stepInto(node, part)
      return next === undefined ? [] : membersOf(next, schema.definitions)
    })
  }
  return [...new Set(nodes.map(({ node }) => node))]
}

function stepInto(node: SchemaNode, part: PathPart): SchemaNode | undefined {
  if (typeof part === 'number') return node.items
  if (node.properties !== undefined && Object.hasOwn(node.properties, part)) return node.properties[part]
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined
}

/**
 * The JSON type of the values at a path, for reading them from text (`--set name=5`). Undefined where there is no such
 * path, where anything may stand, or where several types may.
 */
export function schemaTypeAt(
  schema: Schema,
  path: string | readonly PathPart[],
): Exclude<JsonType, 'null'> | undefined {
  const types = new Set(
    schemasAt(schema, path).flatMap(node => (typesOf(node).length > 0 ? typesOf(node) : [null])),
  )
  types.delete('null')
  const [only] = types
  return types.size === 1 && only !== null && only !== 'null' ? only : undefined
}
