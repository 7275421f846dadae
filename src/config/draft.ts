/** The changes that commands make to the configuration file, on its YAML document. */
import { usageError } from '../errors.ts'
import type { ConfigDocument } from './document.ts'
import { type Editor, editorOf } from './edit.ts'
import { environments, isBuiltInUrl } from './environments.ts'
import { defaultAccountUrl, interpretHome } from './home.ts'
import type { Account, EnvironmentName, HomeConfig, Storage } from './types.ts'
import { checkAccountName, checkKey, checkServerUrl, checkTimeoutSeconds } from './values.ts'

/** Fields of an account; absent ones stay as they are, null empties. */
export interface AccountFields {
  organization?: string | null
  organizationId?: string | null
  environment?: EnvironmentName
  /** ISO 8601 with an offset. */
  loginTime?: string | null
  email?: string | null
  /** Kept in `account_urls` where it is not what the account would have anyway. */
  baseUrl?: string
}

/** Settings by their names in the file; null takes one out. */
export interface Settings {
  environment: EnvironmentName
  base_url: string
  dashboard_url: string
  /** Seconds; 0 is no limit. */
  timeout: number
  disable_analytics: boolean
  storage: Storage
  compat: boolean
}

/** The verbs of a change. They throw usage errors; then nothing of the whole change is saved. */
export interface ConfigDraft {
  /** The file as it is at this moment: read again under the lock, with what this change did so far. */
  readonly config: HomeConfig
  /** Makes or updates an account. A new name must be `[a-z0-9_-]+`. Its key is stored by `setKey`. */
  setAccount(name: string, fields: AccountFields): void
  /** Also takes away its aliases, its address, its choice as the active one, and copies of its key in the file. */
  removeAccount(name: string): void
  /** Makes an account the active one; null chooses none. */
  activate(name: string | null): void
  /** Another name for an account; an alias that is there already moves. */
  setAlias(alias: string, account: string): void
  removeAlias(alias: string): void
  set<Name extends keyof Settings>(name: Name, value: Settings[Name] | null): void
  /**
   * Tells where an account's new or moved key is. With `file` it is written into the account; with `keyring` (where
   * the command has put it before) the file loses its copies. Either way the compat copy follows.
   */
  setKey(account: string, key: string, storage: Storage): void
  /** Takes an account's key out of the file: the account is logged out or its key is stored elsewhere. */
  removeFileKey(account: string): void
  /** The top-level `api_key` of older tools; null takes it out. With `compat` on it follows the active account anyway. */
  setLegacyKey(key: string | null): void
  /** Keeps a provider's key in the file; null: the keyring has it, where the command has put it before. */
  setProviderKey(name: string, key: string | null): void
  removeProviderKey(name: string): void
}

/** What the store must know after the change. */
export interface DraftOutcome {
  /** Top-level keys that were changed, as the file spells them. */
  touched: ReadonlySet<string>
  /** Keys that the change told, by account. */
  keys: ReadonlyMap<string, string>
}

/** Order of an account's keys, as older tools write them. */
const accountKeys = ['apikey', 'organization', 'orgid', 'environment', 'logintime', 'email'] as const

/** Makes a draft that edits the document in place. */
export function createDraft(file: ConfigDocument): { draft: ConfigDraft; outcome: DraftOutcome } {
  const edit = editorOf(file)
  const keys = new Map<string, string>()
  let known = { version: edit.version, home: interpretHome(file) }
  const read = () => {
    if (known.version !== edit.version) known = { version: edit.version, home: interpretHome(file) }
    return known.home
  }
  const account = (name: string): Account => {
    const found = read().accounts.find(known => known.name === name)
    if (found === undefined)
      throw usageError(`there is no account "${name}"`, 'vapi auth status lists the accounts')
    return found
  }
  const setField = (name: string, field: string, value: string, ...spellings: string[]) =>
    edit.setIn(['accounts', name], [field, ...spellings], value)
  const setFileKey = (name: string, key: string) => setField(name, 'apikey', key, 'api_key')
  /** The top-level copy that older tools made of an account's key goes with it, unless it is kept on purpose. */
  const dropLegacyCopy = (key: string | null) => {
    const { compat, legacyKey } = read()
    if (!compat && legacyKey !== null && legacyKey === key) edit.remove(['api_key'])
  }

  const draft: ConfigDraft = {
    get config() {
      return read()
    },
    setAccount(name, fields) {
      const before = read()
      if (!before.accounts.some(known => known.name === name)) {
        checkAccountName(name, 'account name')
        for (const key of accountKeys) setField(name, key, key === 'environment' ? before.environment : '')
      }
      const { organization, organizationId, environment, loginTime, email, baseUrl } = fields
      if (organization !== undefined) setField(name, 'organization', organization ?? '')
      if (organizationId !== undefined) setField(name, 'orgid', organizationId ?? '', 'org_id')
      if (environment !== undefined) setField(name, 'environment', environment)
      if (loginTime !== undefined) setField(name, 'logintime', loginTime ?? '')
      if (email !== undefined) setField(name, 'email', email ?? '')
      if (baseUrl !== undefined) {
        const url = checkServerUrl(baseUrl, "the account's address")
        const home = read()
        const own = account(name).environment
        if (url === defaultAccountUrl(own, home.environment, home.baseUrl))
          edit.remove(['account_urls', name])
        else edit.set(['account_urls', name], url)
      }
    },
    removeAccount(name) {
      const { fileKey, aliases } = account(name)
      const { activeAccount, compat } = read()
      dropLegacyCopy(fileKey)
      if (activeAccount === name) {
        edit.set(['active_account'], '')
        if (compat) edit.remove(['api_key'])
      }
      for (const alias of aliases) edit.remove(['aliases', alias])
      edit.remove(['account_urls', name])
      edit.remove(['accounts', name])
    },
    activate(name) {
      const { activeAccount, accounts, compat, legacyKey } = read()
      const target = name === null ? null : account(name)
      const before = accounts.find(known => known.name === activeAccount)
      edit.set(['active_account'], target?.name ?? '')
      // Where the file has both keys anyway, older tools follow the switch.
      const copied = !compat && legacyKey !== null && legacyKey === before?.fileKey
      if (copied && target !== null && target.fileKey !== null) edit.set(['api_key'], target.fileKey)
    },
    setAlias(alias, name) {
      checkAccountName(alias, 'alias')
      const known = read().accounts.some(other => other.name === alias)
      if (known) throw usageError(`"${alias}" is the name of an account`, 'choose another alias')
      edit.set(['aliases', alias], account(name).name)
    },
    removeAlias(alias) {
      if (!edit.remove(['aliases', alias])) throw usageError(`there is no alias "${alias}"`)
    },
    set(name, value) {
      const before = read()
      if (value === null) {
        edit.remove([name])
      } else if (name === 'base_url' || name === 'dashboard_url') {
        edit.set([name], checkServerUrl(String(value), name))
      } else if (name === 'timeout') {
        edit.set([name], checkTimeoutSeconds(Number(value), name))
      } else {
        edit.set([name], value)
      }
      if (name === 'environment') followEnvironment(edit, read().environment)
      // The copy goes with the wish for it.
      if (before.compat && !read().compat && before.activeAccount !== null) edit.remove(['api_key'])
    },
    setKey(name, key, storage) {
      const checked = checkKey(key, `the key of account ${name}`)
      const before = account(name).fileKey
      keys.set(name, checked)
      if (storage === 'file') {
        const { compat, legacyKey } = read()
        setFileKey(name, checked)
        if (!compat && before !== null && legacyKey === before) edit.set(['api_key'], checked)
      } else {
        if (before !== null) setFileKey(name, '')
        dropLegacyCopy(before)
        dropLegacyCopy(checked)
      }
    },
    removeFileKey(name) {
      const { fileKey } = account(name)
      if (fileKey === null) return
      setFileKey(name, '')
      dropLegacyCopy(fileKey)
    },
    setLegacyKey(key) {
      if (key === null) edit.remove(['api_key'])
      else edit.set(['api_key'], checkKey(key, 'api_key'))
    },
    setProviderKey(name, key) {
      edit.set(['provider_keys', name], key === null ? '' : checkKey(key, `the key of ${name}`))
    },
    removeProviderKey(name) {
      edit.remove(['provider_keys', name])
    },
  }
  return { draft, outcome: { touched: edit.touched, keys } }
}

/** Other tools take the addresses from the file, so built-in ones follow the environment. */
function followEnvironment(edit: Editor, environment: EnvironmentName): void {
  const { apiUrl, dashboardUrl } = environments[environment]
  for (const [key, url] of [
    ['base_url', apiUrl],
    ['dashboard_url', dashboardUrl],
  ] as const) {
    const old = edit.text(key)
    if (old !== null && isBuiltInUrl(old.replace(/\/+$/, ''))) edit.set([key], url)
  }
}
