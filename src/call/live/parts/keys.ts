/** The keys that a call uses: of the assistant's own credentials, else of the environment, else kept ones. */
import type { Json } from '../../../assistant/overrides.ts'
import { isObject } from '../../../is-object.ts'
import { type KeyOrigin, originMark } from '../../../providers/key-origin.ts'
import { environmentKey, keyOwner, withKey } from '../../../providers/keys.ts'
import { VENDORS, type Vendor } from '../../../providers/vendors.ts'
import type { Environment } from './choices.ts'

/** A kept key and where it is kept, in words. */
export interface KeptKey {
  key: string
  storage: string
}

/** Looks for the kept key of a vendor; null where there is none. Never rejects: what cannot be read is told by itself. */
export type FindKeptKey = (vendor: Vendor) => Promise<KeptKey | null>

/** Where the key of a vendor comes from, without the key. */
export type KeySource = KeyOrigin | { from: 'none' }

export interface CallKeys {
  /** Looks for kept keys of the vendors that an assistant names, each once in a call and only where no other key is. */
  learn(assistant: Json): Promise<void>
  /** The environment, with the keys of this assistant in the variables of their vendors. */
  environmentOf(assistant: Json): Environment
  sourceOf(vendor: Vendor, assistant: Json): KeySource
}

/** Parts that nobody needs in this call are not looked for. */
export interface NeededParts {
  transcriber: boolean
  model: boolean
}

export function createCallKeys(
  environment: Environment,
  findKept: FindKeptKey | null,
  needed: NeededParts,
): CallKeys {
  /** By the first variable of the vendor. */
  const asked = new Map<string, Promise<void>>()
  const kept = new Map<string, KeptKey>()
  const look = (vendor: Vendor): Promise<void> => {
    const [variable = ''] = vendor.keyVariables
    const before = asked.get(variable)
    if (before !== undefined || findKept === null) return before ?? Promise.resolve()
    const looking = findKept(keyOwner(vendor)).then(found => {
      if (found !== null) kept.set(variable, found)
    })
    asked.set(variable, looking)
    return looking
  }
  return {
    async learn(assistant) {
      const own = credentialSettings(assistant)
      const missing = vendorsOf(assistant, needed).filter(
        vendor =>
          own[vendor.keyVariables[0] ?? ''] === undefined && environmentKey(vendor, environment) === null,
      )
      await Promise.all(missing.map(look))
    },
    environmentOf(assistant) {
      let all = environment
      for (const vendor of vendorsOf(assistant, needed)) {
        const found = kept.get(vendor.keyVariables[0] ?? '')
        if (found !== undefined && environmentKey(vendor, environment) === null)
          all = withKey(all, vendor, found.key, { from: 'kept', storage: found.storage })
      }
      return { ...all, ...credentialSettings(assistant) }
    },
    sourceOf(vendor, assistant) {
      const [variable = ''] = vendor.keyVariables
      if (credentialSettings(assistant)[variable] !== undefined) return { from: 'assistant.credentials' }
      const set = environmentKey(vendor, environment)
      if (set !== null) return { from: 'environment', variable: set.variable }
      const found = kept.get(variable)
      return found === undefined ? { from: 'none' } : { from: 'kept', storage: found.storage }
    },
  }
}

/** The vendors that an assistant names for its parts and their fallbacks, with those of parts that it does not set. */
export function vendorsOf({ transcriber, model, voice }: Json, needed: NeededParts): Vendor[] {
  const ids = [
    ...(needed.transcriber ? providersOf(transcriber, 'transcribers', 'deepgram') : []),
    ...(needed.model ? providersOf(model, 'models', 'openai') : []),
    ...providersOf(voice, 'voices', 'vapi'),
  ]
  return VENDORS.filter(({ id, keyVariables }) => keyVariables.length > 0 && ids.includes(id))
}

function providersOf(part: unknown, fallbacks: string, usual: string): unknown[] {
  if (!isObject(part)) return [usual]
  const { fallbackPlan: plan, provider = usual } = part
  const others = isObject(plan) && Array.isArray(plan[fallbacks]) ? plan[fallbacks].filter(isObject) : []
  return [provider, ...others.map(other => other.provider)]
}

/**
 * What the inline credentials of an assistant (API: `assistant.credentials`, vapi-api.md 6.5) say, as variables of their
 * vendors: the key, and what goes along with it. Of several for one vendor the first counts. Without a key none of it
 * counts: a key of the user's must not go where a configuration says.
 */
function credentialSettings({ credentials }: Json): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const credential of Array.isArray(credentials) ? credentials.filter(isObject) : []) {
    const vendor = VENDORS.find(({ id }) => id === credential.provider)
    const [variable] = vendor?.keyVariables ?? []
    const key = textOf(credential.apiKey) ?? textOf(credential.openAIKey)
    // Azure's credentials are of its storage, too.
    const other = credential.provider === 'azure' && (credential.service ?? 'speech') !== 'speech'
    if (vendor === undefined || variable === undefined || key === null || other || settings[variable])
      continue
    Object.assign(settings, { [variable]: key }, originMark(variable, { from: 'assistant.credentials' }))
    const along: readonly [readonly string[] | undefined, unknown][] = [
      [vendor.regionVariables, credential.region],
      [vendor.accountVariables, credential.userId],
      [vendor.baseUrlVariables, credential.apiUrl],
      [vendor.id === 'azure-openai' ? ['AZURE_OPENAI_ENDPOINT'] : undefined, credential.openAIEndpoint],
    ]
    for (const [[name] = [], value] of along) {
      const text = textOf(value)
      if (name !== undefined && text !== null) settings[name] = text
    }
  }
  return settings
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}
