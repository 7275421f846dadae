/** Keys of providers (transcribers, models, voices) for calls on this machine, kept as those of accounts are. */
import type { ConfigStore } from '../config/store.ts'
import type { HomeConfig, SecretStore, Storage } from '../config/types.ts'
import { asVapiError, type VapiError } from '../errors.ts'
import { placeSecret } from './save-login.ts'

/** Under this name a provider's key is in the keyring; no account can have such a name. */
export function providerSecret(name: string): string {
  return `provider:${name}`
}

export interface KeptKey {
  key: string
  storage: Storage
}

export interface KeptKeys {
  /** By the provider's name; without those that the keyring no longer has. */
  keys: ReadonlyMap<string, KeptKey>
  /** Why the keyring was not read, where one of them is in it. */
  unavailable: VapiError | null
}

/** The kept keys of these providers. The keyring is asked for those alone that the file says are in it. */
export async function readProviderKeys(
  { providerKeys }: HomeConfig,
  names: readonly string[],
  secrets: () => Promise<SecretStore>,
): Promise<KeptKeys> {
  const keys = new Map<string, KeptKey>()
  let unavailable: VapiError | null = null
  const read = async (name: string): Promise<void> => {
    const fileKey = providerKeys.get(name)
    if (fileKey === undefined) return
    if (fileKey !== null) {
      keys.set(name, { key: fileKey, storage: 'file' })
      return
    }
    try {
      const key = await (await secrets()).get(providerSecret(name))
      if (key !== null) keys.set(name, { key, storage: 'keyring' })
    } catch (error) {
      unavailable = asVapiError(error)
    }
  }
  await Promise.all(names.map(read))
  return { keys, unavailable }
}

export interface SavedKey {
  storage: Storage
  /** One that was kept before is gone. */
  replaced: boolean
  /** Why the key went to the file although the keyring was wanted, or null. */
  fallback: VapiError | null
}

/**
 * Keeps a provider's key: in the keyring before the file speaks of it, or in the file, where the user wants that or the
 * keyring cannot be used. Throws the errors of `ConfigStore.change`; then the keyring has what it had.
 */
export async function saveProviderKey(
  name: string,
  key: string,
  store: ConfigStore,
  secrets: () => Promise<SecretStore>,
): Promise<SavedKey> {
  let takeBack = async (): Promise<void> => {}
  let before: string | null | undefined
  let saved: SavedKey
  try {
    saved = await store.change(async draft => {
      before = draft.config.providerKeys.get(name)
      const wanted = draft.config.storage
      let fallback: VapiError | null = null
      if (wanted === 'keyring') {
        try {
          takeBack = await placeSecret(await secrets(), providerSecret(name), key)
        } catch (error) {
          fallback = asVapiError(error)
        }
      }
      const storage: Storage = wanted === 'keyring' && fallback === null ? 'keyring' : 'file'
      draft.setProviderKey(name, storage === 'file' ? key : null)
      return { storage, replaced: before !== undefined, fallback }
    })
  } catch (error) {
    await takeBack()
    throw error
  }
  // What the keyring had is of no use any more; one that does not answer keeps it, and nothing reads it.
  if (saved.storage === 'file' && saved.fallback === null && before === null)
    await secrets()
      .then(keyring => keyring.delete(providerSecret(name)))
      .catch(() => {})
  return saved
}

/**
 * Forgets a provider's key, in the keyring first. Gives where it was, and why it may still be in the keyring; null where none
 * was kept.
 */
export async function removeProviderKey(
  name: string,
  store: ConfigStore,
  secrets: () => Promise<SecretStore>,
): Promise<{ storage: Storage; unavailable: VapiError | null } | null> {
  const fileKey = (await store.read()).providerKeys.get(name)
  if (fileKey === undefined) return null
  let unavailable: VapiError | null = null
  if (fileKey === null) {
    try {
      await (await secrets()).delete(providerSecret(name))
    } catch (error) {
      unavailable = asVapiError(error)
    }
  }
  await store.change(draft => draft.removeProviderKey(name))
  return { storage: fileKey === null ? 'keyring' : 'file', unavailable }
}
