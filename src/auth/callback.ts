import { isSameText } from '../same-text.ts'
import { readKey } from './key.ts'

/** What a login gave: a private key and what the dashboard told about it. */
export interface LoginResult {
  key: string
  organization: string | null
  organizationId: string | null
  email: string | null
}

/** A callback that was read, or why it is none; the reason is fit for the screen. */
export type Callback = { result: LoginResult } | { problem: string }

/** Longest address of a callback that is read, in characters. */
export const LONGEST_CALLBACK = 8192
const LONGEST_NAME = 200
/** RFC 5321, section 4.5.3.1. */
const LONGEST_EMAIL = 254

/** Names of the parameters; where there are several, the first that has a value counts. */
const parameters = {
  state: ['state'],
  key: ['api_key'],
  organization: ['org_name', 'organization', 'org'],
  organizationId: ['org_id'],
  email: ['email', 'user_email'],
} as const

/** Reads the query of a callback and checks it against the state that this login gave away. */
export function readCallback(query: URLSearchParams, expectedState: string): Callback {
  for (const name of Object.values(parameters).flat()) {
    if (query.getAll(name).length > 1) return { problem: `the parameter ${name} stands twice in the address` }
  }
  const firstOf = (names: readonly string[]): string =>
    names.map(name => query.get(name)?.trim() ?? '').find(value => value !== '') ?? ''
  const state = firstOf(parameters.state)
  if (state === '') return { problem: 'the address has no state' }
  if (!isSameText(state, expectedState)) return { problem: 'the address belongs to another login' }
  const given = firstOf(parameters.key)
  if (given === '') return { problem: 'the address has no key' }
  try {
    return {
      result: {
        key: readKey(given),
        organization: cleanName(firstOf(parameters.organization)),
        organizationId: cleanId(firstOf(parameters.organizationId)),
        email: cleanEmail(firstOf(parameters.email)),
      },
    }
  } catch {
    return { problem: 'what the address has as its key cannot be one' }
  }
}

/** One line of visible text, or null. */
export function cleanName(text: string): string | null {
  const clean = text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_NAME)
  return clean === '' ? null : clean
}

/** An email as far as one is told by its looks, or null. */
export function cleanEmail(text: string): string | null {
  const email = text.trim()
  return email.length <= LONGEST_EMAIL && /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email) ? email : null
}

/** An identifier of the platform, or null. */
export function cleanId(text: string): string | null {
  return /^[\w-]{1,128}$/.test(text) ? text : null
}
