import { closest } from '../../closest.ts'
import type { Finding, PathPart } from './finding.ts'
import { jsonType } from './schema.ts'

/** New values of these fields come faster than new types: one that is not known is no error. */
const growing = new Set(['model'])

/** Longest list of allowed values that a message spells out. */
const MAXIMUM_LISTED = 10

/** A finding before its path is written out. */
export type Draft = Omit<Finding, 'path'>

export function wrongType(value: unknown, types: readonly string[], at: readonly PathPart[]): Draft {
  const wanted = types.map(article).join(' or ')
  return {
    at,
    level: 'error',
    code: 'wrong-type',
    message: `must be ${wanted}, is ${article(jsonType(value))}`,
  }
}

function article(type: string): string {
  if (type === 'null') return 'null'
  return /^[ao]/.test(type) ? `an ${type}` : `a ${type}`
}

export function refusedValue(value: unknown, allowed: readonly unknown[], at: readonly PathPart[]): Draft {
  const names = allowed.filter(option => typeof option === 'string')
  const isGrowing = growing.has(String(at.at(-1)))
  const near =
    typeof value === 'string'
      ? (names.find(name => plain(name) === plain(value)) ?? closest(value, names))
      : null
  const finding = isGrowing
    ? ({ at, level: 'warning', code: 'unknown-value' } as const)
    : ({ at, level: 'error', code: 'not-allowed' } as const)
  const message = `${JSON.stringify(value)} is not ${isGrowing ? 'known to this version' : 'allowed'}`
  if (near !== null) return { ...finding, message: `${message}, did you mean ${near}?`, fix: `write ${near}` }
  return { ...finding, message: `${message}; it is ${listed(allowed.map(String))}` }
}

export function listed(names: readonly string[]): string {
  if (names.length === 1) return `${names[0]}`
  const shown = names.slice(0, MAXIMUM_LISTED).join(', ')
  return `one of ${shown}${names.length > MAXIMUM_LISTED ? ` and ${names.length - MAXIMUM_LISTED} more` : ''}`
}

export function plain(name: string): string {
  return name.toLowerCase().replace(/[_\s.-]/g, '')
}
