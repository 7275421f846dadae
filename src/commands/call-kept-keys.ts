import { readProviderKeys } from '../auth/provider-keys.ts'
import type { FindKeptKey } from '../call/live/parts/keys.ts'
import type { Context } from '../cli/context.ts'
import type { HomeConfig } from '../config/types.ts'
import { messageOf } from '../errors.ts'
import { keptName } from '../providers/keys.ts'

/**
 * Finds the keys that the user keeps for providers. The configuration is read once, and the keyring asked only for keys
 * that it says are there; where either cannot be read, that is told as a warning, and there is no kept key.
 */
export function keptKeysOf(context: Context): FindKeptKey {
  const { output } = context
  let reading: Promise<HomeConfig | null> | undefined
  const readHome = async (): Promise<HomeConfig | null> => {
    try {
      return await (await context.config()).read()
    } catch (error) {
      output.warning(`kept keys are not used: ${messageOf(error)}`)
      return null
    }
  }
  return async vendor => {
    reading ??= readHome()
    const home = await reading
    if (home === null) return null
    const name = keptName(vendor)
    const { keys, unavailable } = await readProviderKeys(home, [name], context.secrets)
    if (unavailable !== null)
      output.warning(`the kept key of ${vendor.label} is not used: ${unavailable.message}`)
    return keys.get(name) ?? null
  }
}
