import { maskKey } from '../auth/key.ts'
import { readStoredKeys, type StoredKeys } from '../auth/stored-keys.ts'
import type { Context } from '../cli/context.ts'
import { readProjectConfig } from '../config/project.ts'
import { resolveConnection } from '../config/resolve.ts'
import type { ConfigStore } from '../config/store.ts'
import type { Account, Connection, HomeConfig, ProjectConfig, Storage } from '../config/types.ts'

/** The files that say who is logged in and where. */
export interface Setup {
  store: ConfigStore
  home: HomeConfig
  project: ProjectConfig | null
}

export async function readSetup(context: Context): Promise<Setup> {
  const store = await context.config()
  const [home, project] = await Promise.all([
    store.read(),
    readProjectConfig(context.workingDirectory, store.path),
  ])
  return { store, home, project }
}

/** The connection of this run, without asking the keyring for its key. Warns of what was refused. */
export function connectionOf({ flags, env, output }: Context, { home, project }: Setup): Connection {
  const { connection, warnings } = resolveConnection({ flags, env, home, project })
  for (const warning of warnings) output.warning(warning)
  return connection
}

/** An account as commands show it; never with its key. */
export interface AccountView {
  name: string
  active: boolean
  aliases: readonly string[]
  organization: string | null
  organizationId: string | null
  email: string | null
  environment: string
  baseUrl: string
  loginTime: string | null
  /** Masked; null where there is none, or where the keyring does not answer. */
  key: string | null
  storage: Storage | null
}

/** Accounts by name, so that the order is always the same. */
export function sortedAccounts(home: HomeConfig): Account[] {
  return home.accounts.toSorted((first, second) => (first.name < second.name ? -1 : 1))
}

export function viewOf(account: Account, home: HomeConfig, keys: StoredKeys): AccountView {
  const stored = keys.of(account)
  const { name, aliases, organization, organizationId, email, environment, baseUrl, loginTime } = account
  return {
    name,
    active: home.activeAccount === name,
    aliases,
    organization,
    organizationId,
    email,
    environment,
    baseUrl,
    loginTime,
    key: stored === null ? null : maskKey(stored.key),
    storage: stored?.storage ?? (keys.unavailable === null ? null : 'keyring'),
  }
}

/** Prints one account after something was done with it: its name, or all of it in the form that was asked for. */
export async function reportAccount(context: Context, name: string, what: string): Promise<void> {
  const { output } = context
  output.note(what)
  const home = await (await context.config()).read()
  const account = home.accounts.find(candidate => candidate.name === name)
  if (account === undefined) return
  if (!output.isJson && output.options.format !== 'yaml') return output.text(`${name}\n`)
  const keys = await readStoredKeys([account], context.secrets)
  await output.document(viewOf(account, home, keys))
}

/** An account in a line: its name and what is known of it. */
export function inWords({ name, organization, email }: Account): string {
  const known = [organization, email].filter(part => part !== null)
  return known.length === 0 ? name : `${name} (${known.join(', ')})`
}

/** Warns where something nearer than the active account decides which account or key is used. */
export function warnOfOverrides(context: Context, setup: Setup): void {
  const { env } = context
  const active = setup.home.activeAccount
  const variable = (name: string) => (env[name] ?? '').trim()
  if (variable('VAPI_API_KEY') !== '') {
    context.output.warning('VAPI_API_KEY is set: its key is used in place of the active account')
  } else if (variable('VAPI_ACCOUNT') !== '') {
    context.output.warning(
      `VAPI_ACCOUNT is set: account ${variable('VAPI_ACCOUNT')} is used in place of the active one`,
    )
  } else if (setup.project?.account && setup.project.account !== active) {
    context.output.warning(
      `${setup.project.path} chooses account ${setup.project.account} for this folder in place of the active one`,
    )
  } else if (setup.project?.key) {
    context.output.warning(
      `${setup.project.path} has a key, which is used in this folder in place of the active account`,
    )
  }
}
