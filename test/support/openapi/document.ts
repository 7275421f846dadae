import { existsSync, readFileSync } from 'node:fs'
import { sharedFolder } from '../requires.ts'

/** The parts of an OpenAPI 3.0 schema that the API's document uses. */
export interface Schema {
  $ref?: string
  type?: string
  format?: string
  enum?: unknown[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  pattern?: string
  nullable?: boolean
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  discriminator?: { propertyName: string; mapping?: Record<string, string> }
  example?: unknown
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header' | 'cookie'
  required?: boolean
  schema: Schema
  /** Beside an empty `schema` in some query parameters of the API's document. */
  allOf?: Schema[]
}

type Content = Record<string, { schema?: Schema }>

export interface Operation {
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Content }
  responses: Record<string, { content?: Content }>
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

/** The API's published document from the shared test data, or false where it is absent (a test then skips). */
export function loadOpenApiDocument(): OpenApiDocument | false {
  const path = `${sharedFolder()}/data/vapi-openapi.json`
  return existsSync(path) && (JSON.parse(readFileSync(path, 'utf8')) as OpenApiDocument)
}

/** Why tests that need the document cannot run; for the names of skipped tests. */
export const documentAbsent = 'the shared OpenAPI document is absent'

/** The name of the component that a `$ref` points to. */
export function componentName(ref: string): string {
  return ref.slice(ref.lastIndexOf('/') + 1)
}

/** The schema itself: references followed, an `allOf` of one taken as that one, an `allOf` of several joined. */
export function resolveSchema(document: OpenApiDocument, schema: Schema): Schema {
  if (schema.$ref !== undefined) {
    const target = document.components?.schemas?.[componentName(schema.$ref)]
    if (target === undefined) throw new Error(`the document has no ${schema.$ref}`)
    return resolveSchema(document, target)
  }
  // Beside a oneOf, an allOf repeats its only branch or, in one place, names the wrong schema: the oneOf counts.
  if (schema.allOf === undefined || schema.oneOf !== undefined) return schema
  const parts = schema.allOf.map(part => resolveSchema(document, part))
  const nullable = schema.nullable === true && { nullable: true }
  return parts.length === 1 ? { ...parts[0], ...nullable } : { ...joinObjects(parts), ...nullable }
}

function joinObjects(parts: readonly Schema[]): Schema {
  const required = [...new Set(parts.flatMap(part => part.required ?? []))]
  const open = parts.map(part => part.additionalProperties).find(value => value !== undefined)
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(part => part.properties)),
    ...(required.length > 0 && { required }),
    ...(open !== undefined && { additionalProperties: open }),
  }
}

/** The schema of a JSON body or reply, or undefined. */
export function jsonSchemaOf(content: Content | undefined): Schema | undefined {
  return content?.['application/json']?.schema
}

/**
 * The values that a schema allows, once each. Beside an array the document repeats those of its items, a few lists are
 * empty, and two name a value twice.
 */
export function valuesOf({ type, enum: values }: Schema): readonly unknown[] | undefined {
  return type === 'array' || values === undefined || values.length === 0 ? undefined : [...new Set(values)]
}
