/** The key of a vendor as the environment of a call has it, and where it came from. */
import { Exit, VapiError } from '../errors.ts'
import { keyFault } from '../key-form.ts'
import type { Environment } from './environment.ts'
import type { Vendor } from './vendors.ts'

/** Where a key came from, without the key. */
export type KeyOrigin =
  | { from: 'assistant.credentials' }
  | { from: 'environment'; variable: string }
  | { from: 'kept'; storage: string }

type KeyVendor = Pick<Vendor, 'id' | 'label' | 'keyVariables'>

/** No shell can set a variable of such a name. */
const ORIGIN = 'VAPI_KEY_ORIGIN:'
const CREDENTIALS = 'assistant.credentials'

/** Variables that tell where the key in this variable really came from. */
export function originMark(variable: string, origin: KeyOrigin): Record<string, string> {
  if (origin.from === 'environment') return {}
  return { [ORIGIN + variable]: origin.from === 'kept' ? origin.storage : CREDENTIALS }
}

/**
 * The vendor's key, of the first variable that holds one; null where none does. Throws VapiError `provider-key-malformed`
 * (exit 4) for what cannot be a key: it must be sent to nobody.
 */
export function findKey(
  vendor: KeyVendor,
  environment: Environment,
): { key: string; origin: KeyOrigin } | null {
  for (const variable of vendor.keyVariables) {
    const key = environment[variable]?.trim()
    if (!key) continue
    const mark = environment[ORIGIN + variable]
    const origin: KeyOrigin =
      mark === undefined
        ? { from: 'environment', variable }
        : mark === CREDENTIALS
          ? { from: 'assistant.credentials' }
          : { from: 'kept', storage: mark }
    requireKey(vendor, key, origin)
    return { key, origin }
  }
  return null
}

function requireKey(vendor: KeyVendor, key: string, origin: KeyOrigin): void {
  const fault = keyFault(key)
  if (fault === null) return
  throw new VapiError({
    code: 'provider-key-malformed',
    message: `the key of ${vendor.label} in ${placeOf(origin)} ${fault}, which no key has: it is not sent`,
    exit: Exit.notLoggedIn,
    hint: changeOf(vendor, origin, 'to the key alone, as one line without quotes'),
  })
}

/** After a refused key: where it came from and what to type; where its origin is not known, which variable to set. */
export function keyAdvice(vendor: KeyVendor, origin: KeyOrigin | undefined): string {
  const accepted = `to a key that ${vendor.label} accepts`
  if (origin === undefined) return `set ${vendor.keyVariables[0]} ${accepted}`
  return `the key is from ${placeOf(origin)}: ${changeOf(vendor, origin, accepted)}`
}

/** In words. */
export function placeOf(origin: KeyOrigin): string {
  if (origin.from === 'environment') return `the variable ${origin.variable}`
  if (origin.from === 'kept')
    return origin.storage === 'file' ? 'the configuration file' : `the ${origin.storage}`
  return 'the credentials of the assistant'
}

function changeOf({ id }: KeyVendor, origin: KeyOrigin, to: string): string {
  if (origin.from === 'environment') return `set ${origin.variable} ${to}`
  if (origin.from === 'kept') return `vapi provider-key set ${id} changes it ${to}`
  return `set apiKey of the entry for ${id} in its credentials ${to}`
}
