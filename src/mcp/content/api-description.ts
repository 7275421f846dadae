import { VapiError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { readOperations } from './open-api-operations.ts'
import { createSchemaReader } from './open-api-schema.ts'

/** An API as it is documented: what can be asked of it, and the types of what is sent and returned. */
export interface ApiDescription {
  operations: readonly Operation[]
  types: readonly NamedType[]
}

export interface Operation {
  /** In capitals. */
  method: string
  /** With its parameters in braces: `/assistant/{id}`. */
  path: string
  /** Name in the API's document (`AssistantController_create`); empty where the source knows none. */
  id: string
  /** Call in the official SDK (`client.assistants.create`); null where unknown. */
  sdk: string | null
  summary: string
  description: string
  tag: string
  deprecated: boolean
  pathParameters: readonly Field[]
  queryParameters: readonly Field[]
  body: Body | null
  /** Of the first successful reply; null where it has no content. */
  response: Type | null
}

export interface Body {
  type: Type
  format: 'json' | 'multipart'
}

/** A type with a name of its own. */
export interface NamedType {
  name: string
  description: string
  deprecated: boolean
  type: Type
}

/** A field of an object, or a parameter. */
export interface Field {
  name: string
  type: Type
  required: boolean
  nullable: boolean
  deprecated: boolean
  /** As JSON, or in the source's words; null where there is none. */
  default: string | null
  /** `0 to 5`, `up to 40 characters`, `uuid`; empty where there is none. */
  limits: string
  description: string
}

export type Scalar = string | number | boolean

export type Type =
  /** `string`, `number`, `object`, `any` … */
  | { kind: 'plain'; name: string }
  | { kind: 'named'; name: string }
  | { kind: 'list'; item: Type }
  | { kind: 'map'; value: Type }
  | { kind: 'choice'; values: readonly Scalar[] }
  /** `tag`: the field that tells the members apart, where one does. */
  | { kind: 'union'; members: readonly Member[]; tag: string | null }
  | { kind: 'object'; fields: readonly Field[] }

export interface Member {
  type: Type
  /** Values of the tag that mean this member; none where unknown. */
  values: readonly string[]
}

/**
 * The description of an OpenAPI 3 document that was parsed from JSON or YAML. What is odd in it is left out or becomes
 * `any`. Throws a VapiError `invalid-api-description` where it is no such document, or is too large to be one.
 */
export function fromOpenApi(document: unknown): ApiDescription {
  if (!isObject(document)) throw invalid('it is not an object')
  if (typeof document.openapi !== 'string' || !document.openapi.startsWith('3.'))
    throw invalid(document.swagger === undefined ? 'it has no field `openapi: 3.x`' : 'it is of Swagger 2')
  if (!isObject(document.paths)) throw invalid('it has no paths')
  const components = isObject(document.components) ? document.components : {}
  const schemas = isObject(components.schemas) ? components.schemas : {}
  const reader = createSchemaReader(document, schemas, () => {
    throw invalid('it is too large')
  })
  return { operations: readOperations(document.paths, reader), types: reader.namedTypes() }
}

function invalid(reason: string): VapiError {
  return new VapiError({
    code: 'invalid-api-description',
    message: `the API description cannot be used: ${reason}`,
    hint: 'give an OpenAPI 3 document, as https://api.vapi.ai/api-json has it',
  })
}
