import { existsSync, readFileSync } from 'node:fs'

/** The API's document, which is test data beside the project; null where it is absent. */
export function readApiDocument(): ApiDocument | null {
  const file = new URL('../../../../shared/data/vapi-openapi.json', import.meta.url)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

export interface ApiSchema {
  $ref?: string
  type?: string
  enum?: unknown[]
  oneOf?: ApiSchema[]
  anyOf?: ApiSchema[]
  allOf?: ApiSchema[]
  properties?: Record<string, ApiSchema>
  required?: string[]
  items?: ApiSchema
  additionalProperties?: boolean | ApiSchema
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  pattern?: string
  format?: string
  nullable?: boolean
}

export interface ApiDocument {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: ApiSchema }> } }>>
  components: { schemas: Record<string, ApiSchema> }
}

/** A generator of numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** A value that the document allows, by chance. */
export function sample(document: ApiDocument, schema: ApiSchema, random: () => number, depth = 0): unknown {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    return sample(document, document.components.schemas[name] ?? {}, random, depth)
  }
  const choices = schema.oneOf ?? schema.anyOf
  if (choices !== undefined) return sample(document, pick(choices), random, depth)
  if (schema.allOf !== undefined)
    return Object.assign({}, ...schema.allOf.map(part => sample(document, part, random, depth) as object))
  if (schema.enum !== undefined && schema.enum.length > 0 && schema.type !== 'array') return pick(schema.enum)
  if (schema.type === 'object' || schema.properties !== undefined) {
    const object: Record<string, unknown> = {}
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      // Unions are told apart by it, also where the document forgets to require it.
      const needed = schema.required?.includes(name) === true || name === 'provider'
      if (!needed && (property.pattern !== undefined || random() > 1.2 - depth / 4)) continue
      object[name] = known(name, property) ?? sample(document, property, random, depth + 1)
    }
    if (typeof schema.additionalProperties === 'object' && depth < 5)
      object.extra = sample(document, schema.additionalProperties, random, depth + 1)
    return object
  }
  if (schema.type === 'array') {
    if (schema.items?.pattern !== undefined || depth > 5) return []
    return [sample(document, schema.items ?? {}, random, depth + 1)]
  }
  if (schema.type === 'number' || schema.type === 'integer') return schema.minimum ?? schema.maximum ?? 1
  if (schema.type === 'boolean') return random() < 0.5
  if (schema.type === 'string') return text(schema)
  return {}
}

/** What the document leaves to prose. */
function known(name: string, schema: ApiSchema): unknown {
  if (name === 'on' && schema.enum === undefined) return 'customer.speech.timeout'
  if (/^(toolIds|credentialIds)$/.test(name)) return ['123e4567-e89b-42d3-a456-426614174000']
  return undefined
}

function text({ minLength = 0, maxLength = 10, format, pattern }: ApiSchema): string {
  if (format === 'uuid') return '123e4567-e89b-42d3-a456-426614174000'
  if (pattern !== undefined) return 'ABC'
  return 'some text'.padEnd(minLength, 'x').slice(0, Math.max(minLength, maxLength))
}
