import type { ConfigStore } from '../config/store.ts'
import type { SecretStore } from '../config/types.ts'
import { asVapiError, type VapiError } from '../errors.ts'

export interface Removal {
  removed: readonly string[]
  /** The account that is active afterwards, or null. */
  active: string | null
  /** True where the single key of older tools was taken out, too. */
  legacyKeyRemoved: boolean
  /** Why keys may still be in the keyring, or null. */
  unavailable: VapiError | null
}

/**
 * Ends logins: their keys go from the keyring first, then accounts and copies of keys from the file, so that a sudden
 * end leaves an account without a key rather than a key that nothing knows of. Where the active one goes and exactly
 * one is left, that becomes active; of several none is chosen. `names` null ends all, the legacy key with them.
 */
export async function removeAccounts(
  names: readonly string[] | null,
  store: ConfigStore,
  secrets: () => Promise<SecretStore>,
): Promise<Removal> {
  const before = await store.read()
  const going = before.accounts.filter(({ name }) => names === null || names.includes(name))
  let unavailable: VapiError | null = null
  const keys = new Set<string>()
  for (const { name, fileKey } of going) {
    if (fileKey !== null) keys.add(fileKey)
    // A file that was written by hand or by older tools has no business with the keyring.
    if (unavailable !== null || (fileKey !== null && before.storage === 'file')) continue
    try {
      const keyring = await secrets()
      const key = await keyring.get(name)
      if (key === null) continue
      keys.add(key)
      await keyring.delete(name)
    } catch (error) {
      if (fileKey === null) unavailable = asVapiError(error)
    }
  }
  const removed = going.map(({ name }) => name)
  const { active, legacyLeft } = await store.change(draft => {
    const { accounts, activeAccount, legacyKey } = draft.config
    const gone = names === null ? accounts.map(({ name }) => name) : removed
    for (const { name } of accounts) if (gone.includes(name)) draft.removeAccount(name)
    if (legacyKey !== null && (names === null || keys.has(legacyKey))) draft.setLegacyKey(null)
    const [left, ...others] = draft.config.accounts
    const activeWent = activeAccount !== null && gone.includes(activeAccount)
    if (activeWent && left !== undefined && others.length === 0) draft.activate(left.name)
    return { active: draft.config.activeAccount, legacyLeft: draft.config.legacyKey !== null }
  })
  return {
    removed,
    active,
    legacyKeyRemoved: before.legacyKey !== null && !legacyLeft,
    unavailable,
  }
}
