import type { Account, SecretStore, Storage } from '../config/types.ts'
import { asVapiError, type VapiError } from '../errors.ts'

export interface StoredKey {
  key: string
  storage: Storage
}

export interface StoredKeys {
  of(account: Account): StoredKey | null
  /** Why the keyring was not read, where one was needed. */
  unavailable: VapiError | null
}

/**
 * The keys of accounts: of the file where it has one, else of the keyring, which is not opened unless it is needed. A
 * keyring that does not answer is asked once; its keys are missing then.
 */
export async function readStoredKeys(
  accounts: readonly Account[],
  secrets: () => Promise<SecretStore>,
): Promise<StoredKeys> {
  const keys = new Map<string, StoredKey>()
  let unavailable: VapiError | null = null
  for (const { name, fileKey } of accounts) {
    if (fileKey !== null) keys.set(name, { key: fileKey, storage: 'file' })
    if (fileKey !== null || unavailable !== null) continue
    try {
      const key = await (await secrets()).get(name)
      if (key !== null) keys.set(name, { key, storage: 'keyring' })
    } catch (error) {
      unavailable = asVapiError(error)
    }
  }
  return { of: account => keys.get(account.name) ?? null, unavailable }
}
