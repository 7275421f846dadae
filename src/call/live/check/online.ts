import { Exit } from '../../../errors.ts'
import type { HttpClient } from '../../../net/http.ts'
import { type KeyOrigin, keyAdvice } from '../../../providers/key-origin.ts'
import { type KeyTestResult, keyAccess, testKey } from '../../../providers/key-test.ts'
import type { Vendor } from '../../../providers/vendors.ts'
import type { CallKeys } from '../parts/keys.ts'
import type { FoundPart } from './parts.ts'
import type { CheckedPart, Problem } from './types.ts'

/**
 * Asks the vendors of these parts whether they take the keys, each of them once for each key and address. What is wrong
 * becomes the problem of the part. Servers of the user's own are not asked.
 */
export async function askVendors(
  found: readonly FoundPart[],
  keys: CallKeys,
  http: HttpClient,
  signal: AbortSignal,
): Promise<void> {
  const asked = new Map<string, Promise<KeyTestResult>>()
  await Promise.all(
    found.map(async ({ part, vendor, configuration, address }) => {
      if (vendor === null || part.problem !== null || part.runs === 'own-server') return
      const access = keyAccess(vendor, keys.environmentOf(configuration), address)
      const name = JSON.stringify([vendor.keyVariables[0], access])
      const asking = asked.get(name) ?? testKey(vendor, access, http, signal)
      asked.set(name, asking)
      part.keyTest = await asking
      part.problem = problemWith(part.keyTest, vendor, part)
    }),
  )
}

/** Asks servers of this machine whether they are there: those that a call would find, or not, without any key. */
export async function askLocalServers(
  found: readonly FoundPart[],
  keys: CallKeys,
  http: HttpClient,
  signal: AbortSignal,
): Promise<void> {
  const local = found.filter(
    ({ part, vendor }) => part.runs === 'this-machine' && vendor !== null && 'startHint' in vendor,
  )
  const asked = local.map(one => ({ ...one, part: { ...one.part } }))
  await askVendors(asked, keys, http, signal)
  for (const [place, { part }] of asked.entries()) {
    const own = local[place]
    // Another answer than the usual one is an answer.
    if (own !== undefined && part.keyTest?.status === null) own.part.problem = part.problem
  }
}

function problemWith(
  { outcome, status, said }: KeyTestResult,
  { label, id, keyVariables, startHint }: Vendor & { startHint?: string },
  { key }: CheckedPart,
): Problem | null {
  if (outcome === 'refused')
    return {
      code: 'provider-key-refused',
      message: `${label} refuses the key: ${said}`,
      exit: Exit.notLoggedIn,
      hint: `${keyAdvice({ id, label, keyVariables }, originOf(key))}; vapi provider-key test ${id} tries it alone`,
      blocks: true,
    }
  if (outcome !== 'failed') return null
  return {
    code: 'provider-not-answering',
    message:
      status === null ? `${label} does not answer: ${said}` : `${label} answered with ${status}: ${said}`,
    exit: Exit.failed,
    hint: startHint ?? null,
    blocks: true,
  }
}

function originOf(key: CheckedPart['key']): KeyOrigin | undefined {
  return key.from === 'server' || key.from === 'none' || key.from === 'not-needed' ? undefined : key
}
