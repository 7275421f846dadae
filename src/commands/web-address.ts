import { usageError } from '../errors.ts'

/** A web address of a server. Throws a usage error for anything else. */
export function requireUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return text
  throw usageError(`${text} is not a web address`, 'write it as https://example.com/hook')
}
