import { usageError } from '../errors.ts'
import { hideAddress } from './mask.ts'

/** Where events are relayed to. */
export interface Target {
  /** As it was resolved: `http://localhost:3000/webhook`. */
  url: URL
  /** The path as it was written, where nothing else was: host and port are the usual ones. */
  pathAlone?: string
}

const FORMS = 'give a port (3000), a path (/webhook), host:port (localhost:3000), host:port/path or a URL'
/** Where a path alone leads to: what most servers take while they are developed. */
export const USUAL_PORT = 3000

/**
 * Reads a target: a bare port, `host:port`, either with a path, a path alone (of `localhost:3000`), or an http(s) URL.
 * Throws a usage error for anything else.
 */
export function parseTarget(text: string): Target {
  const written = text.trim()
  const withScheme = /^https?:\/\//i.test(written)
    ? written
    : /^\d+($|\/)/.test(written)
      ? `http://localhost:${written}`
      : isPath(written)
        ? `http://localhost:${USUAL_PORT}${written}`
        : `http://${written}`
  const refuse = (reason: string) => usageError(`the target ${text} ${reason}`, FORMS)
  if (/^[a-z][a-z+.-]*:\/\//i.test(written) && !/^https?:/i.test(written))
    throw refuse('is no http or https URL')
  if (written.startsWith('//')) throw refuse('is no address')
  // As a URL it would be the address 0.0.11.184.
  if (/^\d+:/.test(written)) throw refuse('is no address')
  if (written === '' || /\s/.test(written) || !URL.canParse(withScheme)) throw refuse('is no address')
  const url = new URL(withScheme)
  if (url.hostname === '') throw refuse('has no host')
  if (url.username !== '' || url.password !== '')
    throw refuse('has a user name; the sender’s own headers are relayed')
  if (/^\d+$/.test(written) && (Number(written) < 1 || Number(written) > 65_535))
    throw refuse('is no port (1 to 65535)')
  url.hash = ''
  return isPath(written) ? { url, pathAlone: written } : { url }
}

function isPath(written: string): boolean {
  return written.startsWith('/') && !written.startsWith('//')
}

/** What is to be said of a target of which a path alone was given, or null. */
export function assumedAddress({ url, pathAlone }: Target): string | null {
  return pathAlone === undefined ? null : `${hideAddress(pathAlone)} is taken as ${hideAddress(url.href)}`
}

export type PathMode = 'append' | 'fixed'

/**
 * Path and query of a forwarded request. `append`: what the sender asked for, below the target's own path (`/` is the
 * target itself); `fixed`: always the target's own path. The sender's query goes along in both, after the target's.
 */
export function pathFor(target: Target, requested: string, mode: PathMode): string {
  // `GET http://host/path` and `OPTIONS *` (RFC 9112, 3.2) are asked for by those who take it for a proxy.
  const asked = requested.replace(/^(?:https?:\/\/[^/?]*|\*$)/i, '')
  const question = asked.indexOf('?')
  const path = question === -1 ? asked : asked.slice(0, question)
  const query = question === -1 ? '' : asked.slice(question + 1)
  const { pathname, search } = target.url
  const below = mode === 'fixed' || path === '/' || path === '' ? '' : path
  const base = below === '' ? pathname : pathname.replace(/\/$/, '')
  const queries = [search.slice(1), query].filter(part => part !== '')
  return `${base}${below}${queries.length === 0 ? '' : `?${queries.join('&')}`}`
}
