import type { ConfigDraft, ConfigStore } from '../config/store.ts'
import type { HomeConfig, SecretStore, Storage } from '../config/types.ts'
import { asVapiError, VapiError } from '../errors.ts'
import { providerSecret } from './provider-keys.ts'

export interface MovedKeys {
  /** Names of accounts, and of providers as `provider NAME`. */
  moved: readonly string[]
  /** Accounts of which neither place has a key. */
  keyless: readonly string[]
  /** The same of providers. */
  keylessProviders: readonly string[]
  /** Why old copies may still be in the keyring, or null. */
  leftBehind: VapiError | null
}

/** A key that the file knows of. */
interface Known {
  type: 'account' | 'provider'
  name: string
  /** As messages name its owner. */
  label: string
  /** Its name in the keyring. */
  secret: string
  /** Null where the keyring has it. */
  fileKey: string | null
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

function knownKeys({ accounts, providerKeys }: HomeConfig): Known[] {
  return [
    ...accounts.map(({ name, fileKey }): Known => {
      return { type: 'account', name, label: name, secret: name, fileKey }
    }),
    ...[...providerKeys].map(([name, fileKey]): Known => {
      return { type: 'provider', name, label: `provider ${name}`, secret: providerSecret(name), fileKey }
    }),
  ]
}

/** Says where a key is now, unless another command has put another one there in between, which must not be lost. */
function tell(draft: ConfigDraft, known: Known, key: string, storage: Storage): void {
  const { type, name, secret, fileKey } = known
  const now = knownKeys(draft.config).find(other => other.secret === secret)
  if (now?.fileKey !== fileKey) return
  if (type === 'account') draft.setKey(name, key, storage)
  else draft.setProviderKey(name, storage === 'file' ? key : null)
}

async function toKeyring(store: ConfigStore, keyring: SecretStore): Promise<MovedKeys> {
  const all = knownKeys(await store.read())
  const placed: { known: Known; key: string; old: string | null }[] = []
  const keyless: Known[] = []
  try {
    // Proves that it answers, also where nothing is to be moved.
    if (all.length === 0) await keyring.get('vapi')
    for (const known of all) {
      const { secret, fileKey } = known
      const old = await keyring.get(secret)
      if (fileKey === null) {
        if (old === null) keyless.push(known)
        continue
      }
      await keyring.set(secret, fileKey)
      placed.push({ known, key: fileKey, old })
      if ((await keyring.get(secret)) !== fileKey) {
        throw new VapiError({
          code: 'keyring-unavailable',
          message: 'the system keyring does not keep what is put into it',
          hint: 'vapi config set storage file',
        })
      }
    }
    await store.change(draft => {
      draft.set('storage', 'keyring')
      for (const { known, key } of placed) tell(draft, known, key, 'keyring')
    })
  } catch (error) {
    for (const { known, old } of placed) {
      await (old === null ? keyring.delete(known.secret) : keyring.set(known.secret, old)).catch(() => {})
    }
    throw error
  }
  return report(placed, keyless, null)
}

async function toFile(store: ConfigStore, secrets: () => Promise<SecretStore>): Promise<MovedKeys> {
  const found: { known: Known; key: string }[] = []
  const keyless: Known[] = []
  for (const known of knownKeys(await store.read())) {
    if (known.fileKey !== null) continue
    const key = await (await secrets()).get(known.secret)
    if (key === null) keyless.push(known)
    else found.push({ known, key })
  }
  await store.change(draft => {
    draft.set('storage', 'file')
    for (const { known, key } of found) tell(draft, known, key, 'file')
  })
  let leftBehind: VapiError | null = null
  for (const { known } of found) {
    try {
      await (await secrets()).delete(known.secret)
    } catch (error) {
      leftBehind = asVapiError(error)
    }
  }
  return report(found, keyless, leftBehind)
}

function report(
  moved: readonly { known: Known }[],
  keyless: readonly Known[],
  leftBehind: VapiError | null,
): MovedKeys {
  const namesOf = (wanted: Known['type']) =>
    keyless.filter(({ type }) => type === wanted).map(({ name }) => name)
  return {
    moved: moved.map(({ known }) => known.label),
    keyless: namesOf('account'),
    keylessProviders: namesOf('provider'),
    leftBehind,
  }
}
