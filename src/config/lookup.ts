/** Finding an account by what the user typed. */
import { closest } from '../closest.ts'
import { usageError } from '../errors.ts'
import type { Account, HomeConfig } from './types.ts'

/**
 * The account of a name, else an alias, else an email; case matters only where it decides. Throws a usage error for an
 * email of several accounts, which lists them, and for nothing found, with the nearest names. `source` is what the text
 * came from: `--account`.
 */
export function findAccount(home: HomeConfig, text: string, source: string): Account {
  const wanted = text.trim()
  const lower = wanted.toLowerCase()
  const { accounts } = home
  const named =
    accounts.find(account => account.name === wanted) ??
    accounts.find(account => account.aliases.includes(wanted)) ??
    accounts.find(account => account.name.toLowerCase() === lower) ??
    accounts.find(account => account.aliases.some(alias => alias.toLowerCase() === lower))
  if (named !== undefined) return named
  const [first, ...others] = accounts.filter(({ email }) => lower !== '' && email?.toLowerCase() === lower)
  if (first !== undefined && others.length === 0) return first
  if (first !== undefined) {
    const names = [first, ...others].map(describeAccount)
    throw usageError(
      `${source}: ${names.length} accounts have the email ${wanted}: ${names.join(', ')}`,
      'choose one by its name or alias',
    )
  }
  throw usageError(`${source}: there is no account "${wanted}"`, suggestion(accounts, wanted))
}

function suggestion(accounts: readonly Account[], wanted: string): string {
  if (accounts.length === 0) return 'no account is stored yet: vapi login'
  const names = accounts.flatMap(({ name, aliases, email }) => [name, ...aliases, ...(email ? [email] : [])])
  const near = closest(wanted.toLowerCase(), names)
  if (near !== null) return `did you mean ${near}?`
  const shown = accounts.slice(0, 5).map(describeAccount)
  return `accounts: ${shown.join(', ')}${accounts.length > shown.length ? ', …' : ''}`
}

function describeAccount({ name, organization }: Account): string {
  return organization === null ? name : `${name} (${organization})`
}
