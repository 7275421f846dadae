import type { ConfigStore } from '../config/store.ts'
import type { SecretStore, Storage } from '../config/types.ts'
import { asVapiError, type VapiError } from '../errors.ts'
import { type LoginPlan, type NewLogin, planLogin } from './plan-login.ts'
import { readStoredKeys } from './stored-keys.ts'

export interface SavedLogin extends LoginPlan {
  storage: Storage
  /** Why the key went to the file although the keyring was wanted, or null. */
  fallback: VapiError | null
}

/**
 * Stores a login and makes its account the active one. The key is stored before the account speaks of it, under the
 * file's lock, so that two logins at once cannot take each other's name; where the file cannot be changed then, the
 * keyring gets back what it had. Throws the errors of `ConfigStore.change`.
 */
export async function saveLogin(
  login: NewLogin,
  store: ConfigStore,
  secrets: () => Promise<SecretStore>,
): Promise<SavedLogin> {
  // Before the lock: other commands need not wait while the keyring is asked for every account.
  const keys = await readStoredKeys((await store.read()).accounts, secrets)
  let takeBack = async (): Promise<void> => {}
  let oldInKeyring = false
  let saved: SavedLogin
  try {
    saved = await store.change(async draft => {
      const { accounts, activeAccount, storage: wanted } = draft.config
      const plan = planLogin(login, accounts, activeAccount, account => keys.of(account)?.key ?? null)
      const { name, aliases, ...fields } = plan.account
      const before = accounts.find(account => account.name === name)
      oldInKeyring = before !== undefined && before.fileKey === null
      let fallback = wanted === 'keyring' ? keys.unavailable : null
      if (wanted === 'keyring' && fallback === null) {
        try {
          takeBack = await placeSecret(await secrets(), name, login.key)
        } catch (error) {
          fallback = asVapiError(error)
        }
      }
      const storage: Storage = wanted === 'keyring' && fallback === null ? 'keyring' : 'file'
      const { organization, organizationId, email, environment, loginTime, baseUrl } = fields
      draft.setAccount(name, { organization, organizationId, email, environment, loginTime, baseUrl })
      draft.setKey(name, login.key, storage)
      for (const alias of aliases) if (before?.aliases.includes(alias) !== true) draft.setAlias(alias, name)
      draft.activate(name)
      return { ...plan, storage, fallback }
    })
  } catch (error) {
    await takeBack()
    throw error
  }
  // What the keyring had is of no use any more; one that does not answer keeps it, and nothing reads it.
  if (saved.storage === 'file' && saved.fallback === null && oldInKeyring) {
    await secrets()
      .then(keyring => keyring.delete(saved.account.name))
      .catch(() => {})
  }
  return saved
}

/** Puts a secret into the keyring; gives what puts back the one that was there before. */
export async function placeSecret(
  keyring: SecretStore,
  name: string,
  key: string,
): Promise<() => Promise<void>> {
  const old = await keyring.get(name)
  if (old !== key) await keyring.set(name, key)
  return async () => {
    if (old === key) return
    await (old === null ? keyring.delete(name) : keyring.set(name, old)).catch(() => {})
  }
}
