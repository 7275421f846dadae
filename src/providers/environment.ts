/** Settings of providers in variables of the environment. */
import { usageError } from '../errors.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The name of the first of these variables that holds something. */
export function nameOfFirst(environment: Environment, names: readonly string[]): string {
  return names.find(name => environment[name]?.trim()) ?? ''
}

/** The first of these variables that holds something. */
export function firstOf(environment: Environment, names: readonly string[]): string | undefined {
  return names.map(name => environment[name]?.trim()).find(value => value)
}

/** Throws a usage error for what is no address. It is not repeated: it may hold a password. `source` names where it stands. */
export function requireAddress(address: string, source: string, label: string, protocols: RegExp): void {
  if (URL.canParse(address) && protocols.test(new URL(address).protocol)) return
  throw usageError(
    `${source} is not an address that begins with http:// or https://`,
    `set ${source} to the address of ${label}, or leave it out`,
  )
}
