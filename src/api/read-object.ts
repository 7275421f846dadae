import { VapiError } from '../errors.ts'
import { isObject } from '../is-object.ts'
import type { Json, JsonObject } from './types.ts'

const ADDRESS_HINT = 'check the address of the API (--base-url, VAPI_API_BASE_URL)'

/** The reply as one object. Throws `not-an-object`; `request` (`POST /assistant`) and `hint` are for its text. */
export function readObject(reply: Json | undefined, request: string, hint = ADDRESS_HINT): JsonObject {
  if (isObject(reply)) return reply
  throw notAnObject(request, inWords(reply), hint)
}

/** The same, for an object that something is to be done to: it must have an id. */
export function readIdentified(
  reply: Json | undefined,
  request: string,
): JsonObject & { readonly id: string } {
  const object = readObject(reply, request)
  const { id } = object
  if (typeof id === 'string' && id !== '') return { ...object, id }
  throw notAnObject(request, 'an object without an id', ADDRESS_HINT)
}

function notAnObject(request: string, what: string, hint: string): VapiError {
  return new VapiError({
    code: 'not-an-object',
    message: `the server answered ${request} with ${what}`,
    hint,
  })
}

function inWords(reply: Json | undefined): string {
  if (reply === undefined) return 'nothing'
  return Array.isArray(reply) ? 'a list' : 'something that is no object'
}
