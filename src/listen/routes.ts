import { usageError } from '../errors.ts'
import { parseTarget, type Target } from './target.ts'

/** Events of these types go to this target. */
export interface Route {
  /** Types, with `*` for any part: `tool-calls`, `status-*`, `*`. */
  patterns: readonly string[]
  target: Target
}

/** Reads `tool-calls,status-*=localhost:3000/tools`. Throws a usage error. */
export function parseRoute(text: string): Route {
  const equals = text.indexOf('=')
  const patterns = parsePatterns(text.slice(0, Math.max(0, equals)))
  if (equals === -1 || patterns.length === 0)
    throw usageError(
      `the route ${text} is not of the form EVENT=TARGET`,
      "--route 'tool-calls=localhost:3000/tools'",
    )
  return { patterns, target: parseTarget(text.slice(equals + 1)) }
}

/** Names of events between commas, with `*` for any part. */
export function parsePatterns(text: string): string[] {
  return text
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '')
}

/** Does one of the patterns fit the type? */
export function fits(patterns: readonly string[], type: string): boolean {
  return patterns.some(
    pattern => pattern === '*' || pattern === type || (pattern.includes('*') && globFits(pattern, type)),
  )
}

function globFits(pattern: string, type: string): boolean {
  const pieces = pattern.split('*').map(piece => piece.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${pieces.join('.*')}$`).test(type)
}

/**
 * The routes that an event of this type takes, the one that answers first: a route that names the type goes before one
 * with a part of it, that before `*`; among equals the first that was given.
 */
export function routesFor(routes: readonly Route[], type: string): Route[] {
  const closeness = ({ patterns }: Route) => {
    if (patterns.includes(type)) return 0
    return fits(
      patterns.filter(pattern => pattern !== '*'),
      type,
    )
      ? 1
      : 2
  }
  return routes
    .filter(({ patterns }) => fits(patterns, type))
    .toSorted((one, other) => closeness(one) - closeness(other))
}
