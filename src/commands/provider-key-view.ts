import { type KeptKeys, readProviderKeys } from '../auth/provider-keys.ts'
import type { Context } from '../cli/context.ts'
import { environmentKey, keptName } from '../providers/keys.ts'
import { MODELS } from '../providers/models/table.ts'
import { TRANSCRIBERS } from '../providers/transcribers/table.ts'
import { type Environment, VENDORS, type Vendor } from '../providers/vendors.ts'
import { VOICES } from '../providers/voices/table.ts'

/** A provider as `vapi provider-key list` shows it; never with its key, nor with a part of it. */
export interface ProviderKeyView {
  id: string
  label: string
  /** Where a local call takes the key from; null where there is none. */
  source: 'environment' | 'keyring' | 'file' | null
  /** The variable that holds it, where it is from the environment. */
  variable: string | null
  /** Where one is kept, also where the environment goes before it. */
  keptIn: 'keyring' | 'file' | null
  /** Variables of the key; the first that is set counts. */
  variables: readonly string[]
  /** Further variables that calls need, each with what it is set to. */
  needs: readonly FurtherVariable[]
  uses: readonly ('transcriber' | 'model' | 'voice')[]
  /** vapi provider-key test can try it. */
  testable: boolean
}

export interface FurtherVariable {
  /** The first that is set counts. */
  variables: readonly string[]
  value: string | null
}

/** What a vendor wants to be told beside the key: its region, the account of the key. */
export function furtherVariables(vendor: Vendor, env: Environment): FurtherVariable[] {
  const { regionVariables = [], accountVariables = [], accountRequired = false } = vendor
  return [regionVariables, accountRequired ? accountVariables : []]
    .filter(variables => variables.length > 0)
    .map(variables => ({
      variables,
      value: variables.map(name => env[name]?.trim()).find(text => text) ?? null,
    }))
}

/** The kept keys of these vendors, by the names under which they are kept. Warns where the keyring cannot be read. */
export async function readKept(context: Context, vendors: readonly Vendor[]): Promise<KeptKeys> {
  const home = await (await context.config()).read()
  const kept = await readProviderKeys(home, [...new Set(vendors.map(keptName))], context.secrets)
  if (kept.unavailable !== null) context.output.warning(kept.unavailable.message)
  return kept
}

export function viewOf(vendor: Vendor, env: Environment, { keys }: KeptKeys): ProviderKeyView {
  const set = environmentKey(vendor, env)
  const kept = keys.get(keptName(vendor)) ?? null
  return {
    id: vendor.id,
    label: vendor.label,
    source: set === null ? (kept?.storage ?? null) : 'environment',
    variable: set?.variable ?? null,
    keptIn: kept?.storage ?? null,
    variables: vendor.keyVariables,
    needs: furtherVariables(vendor, env),
    uses: usesOf(vendor),
    testable: vendor.keyTest !== undefined,
  }
}

/** Where a key comes from, in a few words. */
export function sourceText({ source, variable }: Pick<ProviderKeyView, 'source' | 'variable'>): string {
  return source === 'environment' ? (variable ?? '') : (source ?? 'none')
}

function usesOf({ keyVariables }: Vendor): ProviderKeyView['uses'] {
  const ids = VENDORS.filter(other => other.keyVariables[0] === keyVariables[0]).map(({ id }) => id)
  const has = (rows: readonly { id: string }[]) => rows.some(({ id }) => ids.includes(id))
  return [
    ...(has(TRANSCRIBERS) ? (['transcriber'] as const) : []),
    ...(has(MODELS) ? (['model'] as const) : []),
    ...(has(VOICES) ? (['voice'] as const) : []),
  ]
}
