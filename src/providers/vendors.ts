/** Who is asked with which key, as data: the vendors of transcribers, voices and models. One row is one vendor. */
import { Exit, usageError, VapiError } from '../errors.ts'
import type { HttpRequest } from '../net/http.ts'
import { OPENAI_PROVIDERS } from './openai-compatible/providers.ts'

export interface Vendor {
  /** As in `provider` of an assistant. */
  id: string
  /** As written for people. */
  label: string
  /** Where it answers; null where only the user can know. */
  baseUrl: string | null
  /** Environment variables that replace `baseUrl`, the first set one wins. */
  baseUrlVariables: readonly string[]
  /** Environment variables of the key, the first set one wins. */
  keyVariables: readonly string[]
  /** False where it answers without a key. */
  keyRequired: boolean
  /** A cheap request that tells whether the key is taken; absent where the vendor has none. */
  keyTest?: (access: Access) => HttpRequest
}

/** Where a vendor is and the key to it. */
export interface Access {
  /** Without a slash at its end. */
  baseUrl: string
  key: string | null
}

export type Environment = Readonly<Record<string, string | undefined>>

type Row = Pick<Vendor, 'id' | 'label' | 'baseUrl'> & Partial<Vendor> & { prefix: string }

/** `prefix` names the variables: `DEEPGRAM` has `DEEPGRAM_API_KEY` and `DEEPGRAM_BASE_URL`. */
const ROWS: readonly Row[] = [
  {
    id: 'deepgram',
    label: 'Deepgram',
    baseUrl: 'https://api.deepgram.com',
    prefix: 'DEEPGRAM',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v1/projects`,
      headers: { authorization: `Token ${key}` },
    }),
  },
]

const OWN: readonly Vendor[] = ROWS.map(({ prefix, ...row }) => ({
  baseUrlVariables: [`${prefix}_BASE_URL`],
  keyVariables: [`${prefix}_API_KEY`],
  keyRequired: true,
  ...row,
}))

/** All of them; those with OpenAI's chat completions have a table of their own. */
export const VENDORS: readonly Vendor[] = [...OWN, ...OPENAI_PROVIDERS]

export function findVendor(id: string): Vendor | undefined {
  return VENDORS.find(vendor => vendor.id === id)
}

/**
 * Where the vendor is and the key to it, by the environment; `baseUrl` in place of its usual address. A key is demanded only
 * at the vendor's own address. Throws VapiError `provider-key-missing` (exit 4), or a usage error where no address is
 * known.
 */
export function resolveAccess(vendor: Vendor, environment: Environment, baseUrl = vendor.baseUrl): Access {
  const own = firstOf(environment, vendor.baseUrlVariables)
  const address = own ?? baseUrl
  const [variable = ''] = vendor.baseUrlVariables
  if (address === null)
    throw usageError(`the address of ${vendor.label} is not known`, `set ${variable} to it`)
  const key = firstOf(environment, vendor.keyVariables) ?? null
  if (key === null && vendor.keyRequired && own === undefined)
    throw new VapiError({
      code: 'provider-key-missing',
      message: `${vendor.label} needs a key and none is set`,
      exit: Exit.notLoggedIn,
      hint: `set ${vendor.keyVariables[0]}, or keep a key with vapi provider-key set ${vendor.id}`,
    })
  return { baseUrl: address.replace(/\/+$/, ''), key }
}

/** The first of these variables that holds something. */
export function firstOf(environment: Environment, names: readonly string[]): string | undefined {
  return names.map(name => environment[name]?.trim()).find(value => value)
}
