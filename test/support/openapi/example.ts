import { createHash } from 'node:crypto'
import { type OpenApiDocument, resolveSchema, type Schema, valuesOf } from './document.ts'
import { patternSource } from './strict-schema.ts'
import { chooseBranches, unionOf } from './union.ts'

export interface ExampleOptions {
  /** Examples of different labels have different ids; of the same label, the same. */
  label: string
  /** Chooses among the branches of a union, by the discriminating properties that it has. */
  like?: unknown
  /** The optional fields that come along: simple ones of the outermost object, or none. */
  optional: 'simple' | 'none'
  /** Moves the times back by so many minutes. */
  minutesBack?: number
}

/** When the newest example was created. */
export const EXAMPLE_TIME_MS = Date.parse('2026-01-05T09:00:00.000Z')
const MINUTE_MS = 60_000
/** Deeper than this, lists are empty, so that schemas that contain themselves end. */
const MAXIMUM_DEPTH = 8

/** A value that is valid by a schema, always the same for the same schema and label. */
export function exampleOf(document: OpenApiDocument, schema: Schema, options: ExampleOptions): unknown {
  return new Examples(document, options).value(schema, '', 0, options.like)
}

class Examples {
  private readonly document: OpenApiDocument
  private readonly options: ExampleOptions

  constructor(document: OpenApiDocument, options: ExampleOptions) {
    this.document = document
    this.options = options
  }

  value(unresolved: Schema, name: string, depth: number, like?: unknown): unknown {
    const schema = resolveSchema(this.document, unresolved)
    const union = unionOf(schema)
    if (union !== undefined) {
      const choice = like === undefined ? union : chooseBranches(this.document, union, like)
      const [branch] = 'branches' in choice ? choice.branches : union.branches
      return this.value(branch ?? {}, name, depth, like)
    }
    const values = valuesOf(schema)
    if (values !== undefined) return values[0]
    switch (schema.type) {
      case 'string':
        return this.text(schema, name)
      case 'number':
      case 'integer':
        return Math.min(Math.max(1, schema.minimum ?? 1), schema.maximum ?? Number.POSITIVE_INFINITY)
      case 'boolean':
        return false
      case 'null':
        return null
      case 'array':
        return depth < MAXIMUM_DEPTH && schema.items ? [this.value(this.itemOf(schema), name, depth + 1)] : []
      default:
        return this.object(schema, depth)
    }
  }

  private itemOf({ items = {}, format }: Schema): Schema {
    return format !== undefined && items.type === 'string' ? { ...items, format } : items
  }

  private object(schema: Schema, depth: number): Record<string, unknown> {
    const made: Record<string, unknown> = {}
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const required = schema.required?.includes(name) === true
      const simple = this.options.optional === 'simple' && depth === 0 && this.isSimple(property)
      if (required || simple) made[name] = this.value(property, name, depth + 1)
    }
    return made
  }

  private isSimple(property: Schema): boolean {
    const { type = '' } = resolveSchema(this.document, property)
    return ['string', 'number', 'boolean'].includes(type)
  }

  private text(schema: Schema, name: string): string {
    const { format, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY, example } = schema
    if (format === 'uuid' || /^id$|Id$/.test(name)) return this.uuid(name)
    if (format === 'date-time')
      return new Date(EXAMPLE_TIME_MS - (this.options.minutesBack ?? 0) * MINUTE_MS).toISOString()
    if (format === 'uri' || /url$/i.test(name)) return `https://example.com/${name.toLowerCase()}`
    if (pattern !== undefined && typeof example === 'string' && fits(pattern, example)) return example
    if (name === 'number') return '+15551234567'
    const text = name === '' ? 'text' : name
    return text.padEnd(minLength, 'x').slice(0, maxLength)
  }

  private uuid(name: string): string {
    return exampleId(`${this.options.label} ${name}`)
  }
}

/** A UUID that is always the same for the same text. */
export function exampleId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function fits(pattern: string, text: string): boolean {
  return new RegExp(patternSource(pattern), 'u').test(text)
}
