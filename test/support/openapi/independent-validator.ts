import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'

/** Ajv over the plain document, sharing nothing with the mock: `oneOf` with branches that overlap is read as `anyOf`. */
export function independentValidator(document: object): (schema: object, value: unknown) => unknown[] {
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value !== 'object' || value === null) return value
    if ('nullable' in value && typeof value.nullable === 'boolean') {
      const { nullable, ...rest } = value
      return nullable ? { anyOf: [{ type: 'null' }, plain(rest)] } : plain(rest)
    }
    const entries = Object.entries(value)
      .filter(
        ([name]) =>
          !['description', 'example', 'examples', 'default', 'deprecated'].includes(name) || isName(value),
      )
      .filter(([name, inner]) => !(name === 'enum' && (inner.length === 0 || 'items' in value)))
      .map(([name, inner]) => {
        if (name === '$ref') return [name, `document${inner}`]
        if (name === 'pattern' && typeof inner === 'string')
          return [name, inner.replace(/^\/(.*)\/u?$/, '$1')]
        return [name === 'oneOf' ? 'anyOf' : name, plain(inner)]
      })
    return Object.fromEntries(entries)
  }
  const ajv = new Ajv({ strict: false, inlineRefs: false, validateFormats: true })
  addFormats(ajv)
  ajv.addSchema(plain(document) as object, 'document', false, false)
  const compiled = new Map<string, ValidateFunction>()
  return (schema, value) => {
    const key = JSON.stringify(schema)
    const validate = compiled.get(key) ?? ajv.compile(plain(schema) as object)
    compiled.set(key, validate)
    return validate(value) ? [] : (validate.errors ?? [])
  }
}

/** Whether an object of the document holds fields by their names, so that `description` is one of them. */
function isName(value: object): boolean {
  return Object.values(value).every(inner => typeof inner === 'object')
}
