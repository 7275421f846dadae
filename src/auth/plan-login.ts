import type { Account, EnvironmentName } from '../config/types.ts'
import { makeAccountName } from './account-name.ts'

/** A login whose key was checked, ready to be stored. */
export interface NewLogin {
  key: string
  organization: string | null
  organizationId: string | null
  email: string | null
  /** A further name that the user wants for it. */
  alias: string | null
  baseUrl: string
  environment: EnvironmentName
  /** ISO 8601. */
  loginTime: string
}

/** The account that a login becomes. */
export interface LoginPlan {
  account: Account
  isNew: boolean
  /** The wanted alias, where it means another account already; it is not in `account` then. */
  refusedAlias: { alias: string; owner: string } | null
}

/**
 * Decides which account a login belongs to: the one of the same organisation at the same API, else the one that has
 * the same key at the same API, else a new one. Names of organisations decide nothing: two may share one.
 * `keyOf` gives the stored key of an account.
 */
export function planLogin(
  login: NewLogin,
  accounts: readonly Account[],
  activeAccount: string | null,
  keyOf: (account: Account) => string | null,
): LoginPlan {
  const existing = findExisting(login, accounts, activeAccount, keyOf)
  const names = accounts.flatMap(account => [account.name, ...account.aliases])
  const name =
    existing?.name ??
    makeAccountName([login.organization, login.alias, login.email?.split('@')[0] ?? null], names)
  const owner = accounts.find(
    account => account.name !== name && login.alias !== null && answersTo(account, login.alias),
  )
  const aliases = new Set(existing?.aliases)
  if (login.alias !== null && owner === undefined && login.alias !== name) aliases.add(login.alias)
  return {
    account: {
      name,
      aliases: [...aliases],
      organization: login.organization ?? existing?.organization ?? null,
      organizationId: login.organizationId ?? existing?.organizationId ?? null,
      email: login.email ?? existing?.email ?? null,
      environment: login.environment,
      baseUrl: login.baseUrl,
      loginTime: login.loginTime,
      fileKey: null,
    },
    isNew: existing === null,
    refusedAlias:
      owner === undefined || login.alias === null ? null : { alias: login.alias, owner: owner.name },
  }
}

function findExisting(
  login: NewLogin,
  accounts: readonly Account[],
  activeAccount: string | null,
  keyOf: (account: Account) => string | null,
): Account | null {
  const here = accounts.filter(account => sameAddress(account.baseUrl, login.baseUrl))
  const sameOrganization = here.filter(
    ({ organizationId }) => organizationId !== null && organizationId === login.organizationId,
  )
  // Older tools made several accounts of one organisation.
  const candidates = sameOrganization.length > 0 ? sameOrganization : here
  return (
    candidates.find(account => keyOf(account) === login.key) ??
    sameOrganization.find(account => account.name === activeAccount) ??
    sameOrganization[0] ??
    null
  )
}

/** True where a word means the account: its name or one of its aliases. */
export function answersTo(account: Account, word: string): boolean {
  return account.name === word || account.aliases.includes(word)
}

function sameAddress(first: string, second: string): boolean {
  const plain = (address: string) =>
    (URL.canParse(address) ? new URL(address).href : address).replace(/\/+$/, '')
  return plain(first) === plain(second)
}
