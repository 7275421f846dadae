/** Whose key a key is: by names as people write them, by variables of the environment. */
import { closest } from '../closest.ts'
import { usageError } from '../errors.ts'
import { type KeyOrigin, originMark } from './key-origin.ts'
import { type Environment, VENDORS, type Vendor } from './vendors.ts'

/** Further names in use, in small letters without anything between; ids and labels are names anyway. */
const ALIASES: Readonly<Record<string, string>> = {
  assembly: 'assembly-ai',
  together: 'together-ai',
  perplexity: 'perplexity-ai',
  rime: 'rime-ai',
  smallest: 'smallest-ai',
  inflection: 'inflection-ai',
  azurespeech: 'azure',
  gemini: 'google',
  claude: 'anthropic',
  grok: 'xai',
  llamacpp: 'llama.cpp',
  customllm: 'custom-llm',
}

/** The vendors that keys belong to; of several that read the same variable, the first. */
export function keyVendors(): Vendor[] {
  return VENDORS.filter(vendor => vendor.keyVariables.length > 0 && keyOwner(vendor) === vendor)
}

/** The vendor whose key serves this one: the same account may be listed under several ids (`azure`, `microsoft`). */
export function keyOwner(vendor: Vendor): Vendor {
  const [variable] = vendor.keyVariables
  return VENDORS.find(other => other.keyVariables[0] === variable) ?? vendor
}

/** The name by which its key is kept; without dots, at which older tools split names of their file. */
export function keptName(vendor: Vendor): string {
  return keyOwner(vendor).id.replaceAll('.', '-')
}

/** The vendor of a key by id, label, another name in use or a variable of the key. Throws a usage error for another name. */
export function findKeyVendor(written: string): Vendor {
  const name = plain(written)
  const named = VENDORS.find(({ id, label, keyVariables }) =>
    [id, label, ...keyVariables].some(known => plain(known) === name),
  )
  const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined
  const found = named ?? VENDORS.find(({ id }) => id === alias)
  if (found !== undefined && found.keyVariables.length > 0) return keyOwner(found)
  const ids = keyVendors().map(({ id }) => id)
  // A key that was given in place of a name is not repeated.
  if (!/^[a-z0-9 ._-]{1,24}$/i.test(written))
    throw usageError('that is no provider', 'vapi provider-key list shows them')
  const near = closest(written.toLowerCase(), ids)
  throw usageError(
    `there is no provider ${written}`,
    near === null ? 'vapi provider-key list shows them' : `did you mean ${near}? vapi provider-key list`,
  )
}

/** The first of the vendor's variables that holds a key; null where none does. */
export function environmentKey(
  { keyVariables }: Vendor,
  environment: Environment,
): { variable: string; key: string } | null {
  for (const variable of keyVariables) {
    const key = environment[variable]?.trim()
    if (key) return { variable, key }
  }
  return null
}

/** The environment with this key, which is from elsewhere, in the vendor's first variable, which goes before all others. */
export function withKey(
  environment: Environment,
  vendor: Vendor,
  key: string,
  origin: KeyOrigin,
): Environment {
  const [variable] = vendor.keyVariables
  return variable === undefined
    ? environment
    : { ...environment, [variable]: key, ...originMark(variable, origin) }
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
