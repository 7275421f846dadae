import type { Parameter } from './document.ts'

/**
 * Where the document is known to be wrong or silent, and what holds instead. Each line has its source in the facts
 * about the API (`vapi-api.md`); everything else is taken as the document says.
 */

/** Query parameters that the document marks as required and that may be absent (row 72; 1.2, structured output). */
const optionalParameters = new Set(['GET /file purpose', 'PATCH /structured-output/{id} schemaOverride'])

export function isRequired(operation: string, parameter: Parameter): boolean {
  return parameter.required === true && !optionalParameters.has(`${operation} ${parameter.name}`)
}

/** Page lists take back the `nextCursor` of their metadata, a parameter that no operation declares (row 73). */
export const cursorParameter = 'cursor'

/** The body of `DELETE /call/{id}`, marked as required, is only for deleting several (1.2). */
const optionalBodies = new Set(['DELETE /call/{id}'])

export function isBodyRequired(operation: string, marked: boolean | undefined): boolean {
  return marked === true && !optionalBodies.has(operation)
}

/** Operations that take a JSON object which the document does not describe (1.2, provider resource; 6.4). */
const undescribedBodies = new Set([
  'POST /provider/{provider}/{resourceName}',
  'PATCH /provider/{provider}/{resourceName}/{id}',
])

export function takesUndescribedBody(operation: string): boolean {
  return undescribedBodies.has(operation)
}

/**
 * `null` in a top-level field of a PATCH body clears the field, as the documentation's page on personalisation does
 * with `assistantId` and `squadId` of a phone number; the document has no nullable field there.
 */
export function withoutClearedFields(method: string, body: Record<string, unknown>): Record<string, unknown> {
  if (method !== 'PATCH') return body
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
}

/** A path that the API has outside its document, and the shape of its list. */
export interface ExtraPath {
  /** A template, as in the document: `/workflow/{id}`. */
  path: string
  /** What a GET answers: one object (default), a bare array, or a page. */
  list?: 'array' | 'page'
}

/** The endpoints outside the document that the program uses or may use (1.10). */
export const pathsOutsideDocument: readonly ExtraPath[] = [
  { path: '/workflow', list: 'array' },
  { path: '/workflow/{id}' },
  { path: '/credential', list: 'array' },
  { path: '/credential/{id}' },
  { path: '/logs', list: 'page' },
  { path: '/call/web' },
  { path: '/call/phone' },
  { path: '/assistant/{id}/version', list: 'page' },
  { path: '/v2/assistant', list: 'page' },
  { path: '/v2/call', list: 'page' },
  { path: '/v2/call/metadata', list: 'page' },
  { path: '/org', list: 'array' },
  { path: '/org/{id}' },
  { path: '/token', list: 'array' },
  { path: '/token/{id}' },
]
