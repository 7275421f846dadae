import { usageError } from '../errors.ts'
import { resolveEventName } from '../messages/event-names.ts'
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
  if (equals === -1)
    throw usageError(
      `the route ${text} is not of the form EVENT=TARGET`,
      "--route 'tool-calls=localhost:3000/tools'",
    )
  return routeOf(text.slice(0, equals), text.slice(equals + 1))
}

/** A route for the events that are named between commas. Throws a usage error. */
export function routeOf(events: string, target: string): Route {
  const patterns = parsePatterns(events)
  if (patterns.length === 0)
    throw usageError(
      `the route to ${target} names no event`,
      "--route 'tool-calls=localhost:3000/tools'; * stands for all",
    )
  return { patterns, target: parseTarget(target) }
}

/**
 * Routes with real types in place of the names of older documentation; `note` is told of each. Throws a usage error for
 * names that nobody knows, and for those that stand for a part of a type: a route takes the whole of it.
 */
export function withRealNames(routes: readonly Route[], note: (message: string) => void): Route[] {
  return routes.map(route => ({
    ...route,
    patterns: [...new Set(route.patterns.flatMap(pattern => realTypes(pattern, note)))],
  }))
}

function realTypes(pattern: string, note: (message: string) => void): string[] {
  if (pattern === '*') return [pattern]
  const { types, note: words, fields = {} } = resolveEventName(pattern)
  if (isPart(fields) && !types.includes(pattern))
    throw usageError(
      `a route takes all messages of a type; ${words ?? pattern}`,
      `write the type: --route '${types[0]}=localhost:3000/hook'`,
    )
  if (words !== null) note(words)
  return types
}

/** Fields that tell what a message is; the others of an older name are examples. */
export const TELLING = ['status', 'role'] as const

function isPart(fields: Readonly<Record<string, unknown>>): boolean {
  return TELLING.some(name => fields[name] !== undefined)
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
  const [only] = routes
  if (only !== undefined && routes.length === 1) return fits(only.patterns, type) ? [only] : []
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
