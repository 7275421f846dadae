import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { DataValidateFunction, DataValidationCxt } from 'ajv/dist/types/index.js'
import addFormats from 'ajv-formats'
import { type OpenApiDocument, resolveSchema, type Schema, valuesOf } from './document.ts'
import { chooseBranches, fitsType, type Union, unionOf } from './union.ts'
import { type Fault, faultOf } from './words.ts'

/** What is wrong with a value by a schema of the document; nothing when it is valid. */
export type Check = (schema: Schema, value: unknown) => Fault[]

/** Ajv keywords of our own: a component, or a branch of a union, is compiled when a value first reaches it. */
const COMPONENT = 'x-component'
const UNION = 'x-union'

/**
 * Checks values by the document, strictly: a property that a described object does not declare is a fault, whether or
 * not the document forbids others. Objects without any described property take everything.
 */
export function createStrictCheck(document: OpenApiDocument): Check {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
  addFormats(ajv)
  const components = new Map<string, ValidateFunction>()
  const inline = new WeakMap<Schema, ValidateFunction>()

  function validatorOf(schema: Schema): ValidateFunction {
    const { $ref } = schema
    const known = $ref === undefined ? inline.get(schema) : components.get($ref)
    if (known !== undefined) return known
    const made = ajv.compile(strictly(resolveSchema(document, schema)))
    if ($ref === undefined) inline.set(schema, made)
    else components.set($ref, made)
    return made
  }

  ajv.addKeyword({
    keyword: COMPONENT,
    compile: (schema: Schema) => {
      const validate: DataValidateFunction = (value, context) => {
        const validator = validatorOf(schema)
        const valid = validator(value, context)
        validate.errors = validator.errors ?? undefined
        return valid
      }
      return validate
    },
  })
  ajv.addKeyword({
    keyword: UNION,
    compile: (union: Union) => {
      const validate: DataValidateFunction = (value, context) => {
        validate.errors = unionErrors(union, value, context)
        return validate.errors.length === 0
      }
      return validate
    },
  })

  /** Errors of the branch that is meant; where several may be, of the one that fits best. */
  function unionErrors(union: Union, value: unknown, context?: DataValidationCxt): ErrorObject[] {
    const choice = chooseBranches(document, union, value)
    const error = (keyword: string, params: Record<string, unknown>, below = ''): ErrorObject => ({
      keyword,
      params,
      instancePath: `${context?.instancePath ?? ''}${below}`,
      schemaPath: '',
    })
    if ('types' in choice) return [error('type', { type: choice.types.join(' or ') })]
    if ('property' in choice) return [error('enum', { allowedValues: choice.values }, `/${choice.property}`)]
    let best: ErrorObject[] | undefined
    for (const branch of choice.branches) {
      const validator = validatorOf(branch)
      if (validator(value, context)) return []
      const errors = validator.errors ?? []
      if (best === undefined || errors.length < best.length) best = errors
    }
    return best ?? []
  }

  return (schema, value) => {
    const validator = validatorOf(schema)
    if (validator(value)) return []
    return (validator.errors ?? []).flatMap(error => faultOf(error) ?? [])
  }
}

/** The strict JSON Schema of a schema of the document. Component names stay what they are and resolve on use. */
function strictly(schema: Schema): Record<string, unknown> {
  const { nullable, ...rest } = schema
  if (nullable === true) return { if: { type: 'null' }, else: strictly(rest) }
  if (rest.$ref !== undefined) return { [COMPONENT]: { $ref: rest.$ref } }
  // What stands beside a choice repeats its branches' values, in one place as texts of the numbers: the choice counts.
  const union = unionOf(rest)
  if (union !== undefined) return { [UNION]: union }
  if (rest.allOf !== undefined) {
    const [only, ...others] = rest.allOf
    return others.length === 0 && only !== undefined ? strictly(only) : { [COMPONENT]: { allOf: rest.allOf } }
  }
  return {
    ...typeOf(rest),
    ...limitsOf(rest),
    ...(rest.items && { items: strictly(itemsOf(rest, rest.items)) }),
    ...propertiesOf(rest),
  }
}

/** An enum that contradicts its type counts: the document has choices of texts of the type `object`. */
function typeOf(schema: Schema): Record<string, unknown> {
  const { type } = schema
  const values = valuesOf(schema)
  const contradicted = values?.some(value => !fitsType({ type }, value))
  return { ...(type !== undefined && !contradicted && { type }), ...(values && { enum: values }) }
}

function limitsOf(schema: Schema): Record<string, unknown> {
  const { format, pattern, minLength, maxLength, minimum, maximum, minItems, maxItems } = schema
  const plainPattern = pattern === undefined ? undefined : patternSource(pattern)
  const limits = { minLength, maxLength, minimum, maximum, minItems, maxItems, pattern: plainPattern }
  return {
    ...Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined)),
    // An upload is no text, and a format beside an array means its items.
    ...(format !== undefined && format !== 'binary' && schema.type !== 'array' && { format }),
  }
}

/** The document writes patterns as JavaScript literals, with slashes and flags; ajv adds the `u` itself. */
export function patternSource(pattern: string): string {
  const literal = /^\/(.*)\/[a-z]*$/s.exec(pattern)
  return literal?.[1] ?? pattern
}

/** Items: the format that stands beside the array; free where the array's own example contradicts their type. */
function itemsOf(array: Schema, items: Schema): Schema {
  const { example } = array
  if (Array.isArray(example) && items.type !== undefined && !items.properties) {
    if (example.some(value => !fitsType(items, value))) return {}
  }
  return array.format !== undefined && items.type === 'string' ? { ...items, format: array.format } : items
}

function propertiesOf({ properties = {}, required, additionalProperties }: Schema): Record<string, unknown> {
  const names = Object.keys(properties)
  const others =
    additionalProperties === undefined
      ? names.length === 0
      : typeof additionalProperties === 'boolean'
        ? additionalProperties
        : strictly(additionalProperties)
  return {
    ...(names.length > 0 && {
      properties: Object.fromEntries(names.map(name => [name, strictly(properties[name] ?? {})])),
    }),
    ...(required && { required }),
    ...(others !== true && { additionalProperties: others }),
  }
}
