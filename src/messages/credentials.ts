import { isObject } from '../is-object.ts'
import type { AuthorizationSource, OAuth2Plan } from './oauth2.ts'
import type { HmacPlan, ServerAuth } from './sign.ts'

/** What a credential says: how a server is to know the sender. */
export interface CredentialAuth extends ServerAuth {
  /** A token of a token server goes along as `Authorization`. */
  oauth2?: OAuth2Plan
}

/**
 * The authentication plan of the inline credential (`assistant.credentials`) that a server names by its name or id (API:
 * CustomCredential, WebhookCredential; vapi-api.md 3.5). Null where nothing can be made of it; `warn` is told why.
 */
export function readCredential(
  id: string,
  credentials: unknown,
  warn: (reason: string) => void,
): CredentialAuth | null {
  const inline = Array.isArray(credentials) ? credentials.filter(isObject) : []
  const plan = inline.find(credential => credential.id === id || credential.name === id)?.authenticationPlan
  if (!isObject(plan)) {
    warn(
      'names a stored credential, which a local call does not have; credentials of the assistant may hold it',
    )
    return null
  }
  if (plan.type === 'bearer' && typeof plan.token === 'string') {
    const { token, headerName, bearerPrefixEnabled } = plan
    const name = typeof headerName === 'string' ? { headerName } : {}
    return { bearer: { token, ...name, ...(bearerPrefixEnabled === false && { bearerPrefixEnabled }) } }
  }
  if (plan.type === 'hmac' && typeof plan.secretKey === 'string') return { hmac: plan as unknown as HmacPlan }
  const { url, clientId, clientSecret, scope } = plan
  if (
    plan.type === 'oauth2' &&
    typeof url === 'string' &&
    typeof clientId === 'string' &&
    typeof clientSecret === 'string'
  )
    return { oauth2: { url, clientId, clientSecret, ...(typeof scope === 'string' && { scope }) } }
  warn(`has an authentication plan of type ${String(plan.type)} that is not whole or not known`)
  return null
}

/** The header with the token that a credential asks for; none where it asks for none. Throws as `authorize` does. */
export async function tokenHeaders(
  { oauth2 }: CredentialAuth,
  authorize: AuthorizationSource,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  return oauth2 === undefined ? {} : { authorization: await authorize(oauth2, signal) }
}
