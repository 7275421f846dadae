import type { ConfigStore } from '../config/store.ts'
import type { SecretStore, Storage } from '../config/types.ts'
import { asVapiError, VapiError } from '../errors.ts'

export interface MovedKeys {
  moved: readonly string[]
  /** Accounts of which neither place has a key. */
  keyless: readonly string[]
  /** Why old copies may still be in the keyring, or null. */
  leftBehind: VapiError | null
}

/**
 * Changes where secrets are kept and moves them: first they are written to the new place, then the file says so, then
 * the old copies go. Throws `keyring-unavailable` where one is in the keyring, or has to go there, and it does not
 * answer; then everything is as it was.
 */
export async function moveKeys(
  to: Storage,
  store: ConfigStore,
  secrets: () => Promise<SecretStore>,
): Promise<MovedKeys> {
  return to === 'keyring' ? toKeyring(store, await secrets()) : toFile(store, secrets)
}

async function toKeyring(store: ConfigStore, keyring: SecretStore): Promise<MovedKeys> {
  const { accounts } = await store.read()
  const placed: { name: string; key: string; old: string | null }[] = []
  const keyless: string[] = []
  try {
    // Proves that it answers, also where nothing is to be moved.
    if (accounts.length === 0) await keyring.get('vapi')
    for (const { name, fileKey } of accounts) {
      const old = await keyring.get(name)
      if (fileKey === null) {
        if (old === null) keyless.push(name)
        continue
      }
      await keyring.set(name, fileKey)
      placed.push({ name, key: fileKey, old })
      if ((await keyring.get(name)) !== fileKey) {
        throw new VapiError({
          code: 'keyring-unavailable',
          message: 'the system keyring does not keep what is put into it',
          hint: 'vapi config set storage file',
        })
      }
    }
    await store.change(draft => {
      draft.set('storage', 'keyring')
      for (const { name, key } of placed) {
        // A login in between has put another key into the file, which must not be lost.
        if (draft.config.accounts.some(account => account.name === name && account.fileKey === key)) {
          draft.setKey(name, key, 'keyring')
        }
      }
    })
  } catch (error) {
    for (const { name, old } of placed) {
      await (old === null ? keyring.delete(name) : keyring.set(name, old)).catch(() => {})
    }
    throw error
  }
  return { moved: placed.map(({ name }) => name), keyless, leftBehind: null }
}

async function toFile(store: ConfigStore, secrets: () => Promise<SecretStore>): Promise<MovedKeys> {
  const { accounts } = await store.read()
  const found: { name: string; key: string }[] = []
  const keyless: string[] = []
  for (const { name, fileKey } of accounts) {
    if (fileKey !== null) continue
    const key = await (await secrets()).get(name)
    if (key === null) keyless.push(name)
    else found.push({ name, key })
  }
  await store.change(draft => {
    draft.set('storage', 'file')
    for (const { name, key } of found) {
      if (draft.config.accounts.some(account => account.name === name && account.fileKey === null)) {
        draft.setKey(name, key, 'file')
      }
    }
  })
  let leftBehind: VapiError | null = null
  for (const { name } of found) {
    try {
      await (await secrets()).delete(name)
    } catch (error) {
      leftBehind = asVapiError(error)
    }
  }
  return { moved: found.map(({ name }) => name), keyless, leftBehind }
}
