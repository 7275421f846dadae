import { messageOf, usageError } from '../errors.ts'
import type { RegexOptions } from './schema.ts'

/** Compiles a user's regex with its options (API: RegexOption). Throws a usage error that names the path. */
export function compileRegex(
  source: string,
  options: RegexOptions | undefined,
  path: string,
  flags = '',
): RegExp {
  const on = (type: string) => options?.some(option => option.type === type && option.enabled) === true
  const body = on('whole-word') ? `\\b(?:${source})\\b` : source
  const allFlags = `${flags}${on('ignore-case') ? 'i' : ''}${on('multi-line') ? 'm' : ''}`
  try {
    return new RegExp(body, allFlags)
  } catch (error) {
    throw usageError(`${path} is not a regular expression: ${messageOf(error)}`)
  }
}
