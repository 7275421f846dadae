/** Who is asked with which key, as data: the vendors of transcribers, voices and models. One row is one vendor. */
import { Exit, usageError, VapiError } from '../errors.ts'
import type { HttpRequest } from '../net/http.ts'
import { ANTHROPIC } from './anthropic/vendor.ts'
import { type Environment, firstOf, nameOfFirst, requireAddress } from './environment.ts'
import { GOOGLE } from './google/vendor.ts'
import { findKey, type KeyOrigin } from './key-origin.ts'
import { OPENAI_PROVIDERS } from './openai-compatible/providers.ts'

export interface Vendor {
  /** As in `provider` of an assistant. */
  id: string
  /** As written for people. */
  label: string
  /** Where it answers; null where only the user can know. `{region}` stands for the region of `regionVariables`. */
  baseUrl: string | null
  /** Environment variables of the region in `baseUrl`, the first set one wins; for vendors that answer by region alone. */
  regionVariables?: readonly string[]
  /** Environment variables of the account that goes along with the key, the first set one wins; for vendors that want one. */
  accountVariables?: readonly string[]
  /** It answers nobody without an account. */
  accountRequired?: boolean
  /** Environment variables that replace `baseUrl`, the first set one wins. */
  baseUrlVariables: readonly string[]
  /** Environment variables of the key, the first set one wins. */
  keyVariables: readonly string[]
  /** False where it answers without a key. */
  keyRequired: boolean
  /** Where the key of a call is from, for what is told of a refused one; rows do not have it. */
  keyOrigin?: KeyOrigin
  /** A cheap request that tells whether the key is taken; absent where the vendor has none. */
  keyTest?: (access: Access) => HttpRequest
}

/** Where a vendor is and the key to it. */
export interface Access {
  /** Without a slash at its end. */
  baseUrl: string
  key: string | null
  /** Where the key is from; absent where there is none. */
  keyOrigin?: KeyOrigin
  /** What goes along with the key, by `accountVariables`: the user id of PlayHT. */
  account?: string
}

export type { Environment } from './environment.ts'

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
  {
    id: 'assembly-ai',
    label: 'AssemblyAI',
    baseUrl: 'https://api.assemblyai.com',
    prefix: 'ASSEMBLYAI',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v2/transcript?limit=1`,
      headers: { authorization: key ?? '' },
    }),
  },
  {
    id: '11labs',
    label: 'ElevenLabs',
    baseUrl: 'https://api.elevenlabs.io',
    prefix: 'ELEVENLABS',
    keyTest: ({ baseUrl, key }) => ({ url: `${baseUrl}/v1/models`, headers: { 'xi-api-key': key ?? '' } }),
  },
  {
    id: 'cartesia',
    label: 'Cartesia',
    baseUrl: 'https://api.cartesia.ai',
    prefix: 'CARTESIA',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/voices?limit=1`,
      headers: { authorization: `Bearer ${key}`, 'cartesia-version': '2026-03-01' },
    }),
  },
  {
    id: 'gladia',
    label: 'Gladia',
    baseUrl: 'https://api.gladia.io',
    prefix: 'GLADIA',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v2/live?limit=1`,
      headers: { 'x-gladia-key': key ?? '' },
    }),
  },
  {
    id: 'speechmatics',
    label: 'Speechmatics',
    baseUrl: 'https://eu1.asr.api.speechmatics.com',
    prefix: 'SPEECHMATICS',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v2/jobs?limit=1`,
      headers: { authorization: `Bearer ${key}` },
    }),
  },
  {
    id: 'soniox',
    label: 'Soniox',
    baseUrl: 'https://api.soniox.com',
    prefix: 'SONIOX',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v1/models`,
      headers: { authorization: `Bearer ${key}` },
    }),
  },
  ...['azure', 'microsoft'].map(id => ({
    id,
    label: 'Azure AI Speech',
    baseUrl: 'https://{region}.api.cognitive.microsoft.com',
    prefix: 'AZURE_SPEECH',
    regionVariables: ['AZURE_SPEECH_REGION', 'SPEECH_REGION'],
    keyVariables: ['AZURE_SPEECH_KEY', 'SPEECH_KEY'],
    keyTest: ({ baseUrl, key }: Access) => ({
      method: 'POST',
      url: `${baseUrl}/sts/v1.0/issueToken`,
      headers: { 'ocp-apim-subscription-key': key ?? '' },
      body: '',
    }),
  })),
  {
    id: 'playht',
    label: 'PlayHT',
    baseUrl: 'https://api.play.ht',
    prefix: 'PLAYHT',
    keyVariables: ['PLAYHT_API_KEY', 'PLAY_HT_API_KEY'],
    accountVariables: ['PLAYHT_USER_ID', 'PLAY_HT_USER_ID'],
    accountRequired: true,
    keyTest: ({ baseUrl, key, account }) => ({
      url: `${baseUrl}/api/v2/cloned-voices`,
      headers: { authorization: key ?? '', 'x-user-id': account ?? '' },
    }),
  },
  {
    id: 'rime-ai',
    label: 'Rime',
    baseUrl: 'https://users.rime.ai',
    prefix: 'RIME',
    // Rime lists voices to everybody: two letters of speech are the cheapest request that tells.
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v1/rime-tts`,
      headers: {
        authorization: `Bearer ${key}`,
        accept: 'audio/pcm',
        'content-type': 'application/json',
      },
      body: JSON.stringify({ speaker: 'astra', modelId: 'arcana', text: 'Hi' }),
    }),
  },
  {
    id: 'lmnt',
    label: 'LMNT',
    baseUrl: 'https://api.lmnt.com',
    prefix: 'LMNT',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v1/account`,
      headers: { 'x-api-key': key ?? '' },
    }),
  },
  {
    id: 'hume',
    label: 'Hume',
    baseUrl: 'https://api.hume.ai',
    prefix: 'HUME',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/v0/tts/voices?provider=CUSTOM_VOICE&page_size=1`,
      headers: { 'x-hume-api-key': key ?? '' },
    }),
  },
  {
    id: 'neuphonic',
    label: 'Neuphonic',
    baseUrl: 'https://api.neuphonic.com',
    prefix: 'NEUPHONIC',
    keyVariables: ['NEUPHONIC_API_KEY', 'NEUPHONIC_API_TOKEN'],
    keyTest: ({ baseUrl, key }) => ({ url: `${baseUrl}/voices`, headers: { 'x-api-key': key ?? '' } }),
  },
  {
    id: 'inworld',
    label: 'Inworld',
    baseUrl: 'https://api.inworld.ai',
    prefix: 'INWORLD',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/tts/v1/voices`,
      headers: { authorization: `Basic ${key}` },
    }),
  },
  {
    id: 'smallest-ai',
    label: 'Smallest AI',
    baseUrl: 'https://api.smallest.ai',
    prefix: 'SMALLEST',
    keyTest: ({ baseUrl, key }) => ({
      url: `${baseUrl}/waves/v1/lightning-v3.1/get_voices`,
      headers: { authorization: `Bearer ${key}` },
    }),
  },
]

const OWN: readonly Vendor[] = ROWS.map(({ prefix, ...row }) => ({
  baseUrlVariables: [`${prefix}_BASE_URL`],
  keyVariables: [`${prefix}_API_KEY`],
  keyRequired: true,
  ...row,
}))

/** All of them; those of language models stand with their adapters. */
export const VENDORS: readonly Vendor[] = [...OWN, ANTHROPIC, GOOGLE, ...OPENAI_PROVIDERS]

export function findVendor(id: string): Vendor | undefined {
  return VENDORS.find(vendor => vendor.id === id)
}

/**
 * Where the vendor is and the key to it, by the environment; `baseUrl` in place of its usual address. A key is demanded only
 * at the vendor's own address. Throws VapiError `provider-key-missing` or `provider-key-malformed` (exit 4), or a usage error
 * where no address is known, or a variable holds none.
 */
export function resolveAccess(vendor: Vendor, environment: Environment, baseUrl = vendor.baseUrl): Access {
  const own = firstOf(environment, vendor.baseUrlVariables)
  const [variable = ''] = vendor.baseUrlVariables
  if (own === undefined && baseUrl === null)
    throw usageError(`the address of ${vendor.label} is not known`, `set ${variable} to it`)
  if (own !== undefined)
    requireAddress(own, nameOfFirst(environment, vendor.baseUrlVariables), vendor.label, /^(https?|wss?):$/)
  const found = findKey(vendor, environment)
  if (found === null && vendor.keyRequired && own === undefined)
    throw new VapiError({
      code: 'provider-key-missing',
      message: `${vendor.label} needs a key and none is set`,
      exit: Exit.notLoggedIn,
      hint: `set ${vendor.keyVariables[0]}, or keep a key with vapi provider-key set ${vendor.id}`,
    })
  const account = firstOf(environment, vendor.accountVariables ?? [])
  if (account === undefined && vendor.accountRequired && own === undefined)
    throw usageError(
      `${vendor.label} needs the account of its key and none is set`,
      `set ${vendor.accountVariables?.[0]} to it`,
    )
  const address = own ?? inRegion(vendor, environment, baseUrl ?? '')
  return {
    baseUrl: address.replace(/\/+$/, ''),
    key: found?.key ?? null,
    ...(found !== null && { keyOrigin: found.origin }),
    ...(account !== undefined && { account }),
  }
}

/** The vendor as those are given it who tell of its refusals: with the origin of the key in use. */
export function withOrigin<Known extends Vendor>(vendor: Known, { keyOrigin }: Access): Known {
  return keyOrigin === undefined ? vendor : { ...vendor, keyOrigin }
}

/** The address with the region in its place; without one where there is no place for it. */
function inRegion(vendor: Vendor, environment: Environment, address: string): string {
  if (!address.includes('{region}')) return address
  const { regionVariables: variables = [] } = vendor
  const region = firstOf(environment, variables)
  if (region !== undefined && /^[a-z0-9-]+$/i.test(region)) return address.replace('{region}', region)
  throw usageError(
    region === undefined
      ? `the region of ${vendor.label} is not known`
      : `${region} is not a region of ${vendor.label}`,
    `set ${variables[0]}, for example to westeurope`,
  )
}
