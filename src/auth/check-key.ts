import { VapiError } from '../errors.ts'
import { cleanId } from './callback.ts'

/** Reads one object of a resource with the key in question: `GET <path>?limit=1`. */
export type ReadOne = (path: string) => Promise<unknown>

export interface CheckedKey {
  /** Null where the account has no object that could tell it. */
  organizationId: string | null
}

/** Their objects carry `orgId`; the API has no endpoint for the organisation itself (vapi-api.md 7.4). */
const FURTHER_PATHS = ['/phone-number', '/tool', '/call']

/**
 * Checks a key with one cheap request. Where no assistant tells the organisation, and `knownId` does not either, up to
 * three more are asked. Throws what the request throws (`exit` 4 for a refused key), and VapiError `not-the-api` where
 * something else answers.
 */
export async function checkKey(readOne: ReadOne, knownId: string | null): Promise<CheckedKey> {
  const assistants = await readOne('/assistant')
  if (!Array.isArray(assistants)) {
    throw new VapiError({
      code: 'not-the-api',
      message: 'the server does not answer as the API does',
      hint: 'vapi config get base_url',
    })
  }
  const organizationId = organizationOf(assistants) ?? knownId
  if (organizationId !== null) return { organizationId }
  for (const path of FURTHER_PATHS) {
    // A key may be restricted, and a server may lack a resource: the key works all the same.
    const found = await readOne(path).then(organizationOf, () => null)
    if (found !== null) return { organizationId: found }
  }
  return { organizationId: null }
}

function organizationOf(reply: unknown): string | null {
  const [first]: unknown[] = Array.isArray(reply) ? reply : []
  const isObject = typeof first === 'object' && first !== null
  return isObject && 'orgId' in first && typeof first.orgId === 'string' ? cleanId(first.orgId) : null
}
