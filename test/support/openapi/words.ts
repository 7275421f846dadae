import type { ErrorObject } from 'ajv'

/** One fault of a value, in the words of the API's validation errors. */
export interface Fault {
  /** Dotted path of the field, `''` at the root. */
  path: string
  message: string
}

/** What the API's validation would say of an ajv error. */
export function faultOf(error: ErrorObject): Fault | undefined {
  const path = dotted(error.instancePath)
  const { params, keyword } = error
  if (keyword === 'additionalProperties')
    return { path, message: `${prefix(path)}property ${params.additionalProperty} should not exist` }
  if (keyword === 'required') {
    const field = `${prefix(path)}${params.missingProperty}`
    return { path: field, message: `${field} should not be empty` }
  }
  const words = wordsFor(keyword, params, error.message)
  return words === undefined ? undefined : { path, message: `${path === '' ? 'value' : path} ${words}` }
}

function wordsFor(keyword: string, params: Record<string, unknown>, fallback?: string): string | undefined {
  switch (keyword) {
    case 'if': // only says that one of the branches' own errors exists
      return undefined
    case 'type':
      return `must be ${article(String(params.type))}`
    case 'enum':
      return `must be one of the following values: ${(params.allowedValues as unknown[]).join(', ')}`
    case 'minimum':
      return `must not be less than ${params.limit}`
    case 'maximum':
      return `must not be greater than ${params.limit}`
    case 'minLength':
      return `must be longer than or equal to ${params.limit} characters`
    case 'maxLength':
      return `must be shorter than or equal to ${params.limit} characters`
    case 'minItems':
      return `must contain at least ${params.limit} elements`
    case 'maxItems':
      return `must contain no more than ${params.limit} elements`
    case 'pattern':
      return `must match ${params.pattern} regular expression`
    case 'format':
      return formats[String(params.format)] ?? `must be a ${params.format}`
    default:
      return fallback ?? `fails ${keyword}`
  }
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID',
  'date-time': 'must be a valid ISO 8601 date string',
  uri: 'must be a URL address',
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}

function dotted(pointer: string): string {
  return pointer
    .slice(1)
    .split('/')
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
}

function prefix(path: string): string {
  return path === '' ? '' : `${path}.`
}
