import type { KeptKeys } from '../auth/provider-keys.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { asVapiError, Exit, type ExitCode, usageError, VapiError } from '../errors.ts'
import { type KeyOrigin, keyAdvice } from '../providers/key-origin.ts'
import { type KeyTestResult, keyAccess, testKey } from '../providers/key-test.ts'
import { environmentKey, findKeyVendor, keptName, keyVendors, withKey } from '../providers/keys.ts'
import type { Vendor } from '../providers/vendors.ts'
import { type ProviderKeyView, readKept, sourceText, viewOf } from './provider-key-view.ts'

type Row = Pick<ProviderKeyView, 'id' | 'label' | 'source' | 'variable'> & KeyTestResult

export default defineCommand(
  {
    name: 'provider-key test',
    summary: 'try the key of a provider with one cheap real request',
    description:
      'Asks the provider for something small: a list with one entry, the own account; where a provider has nothing else ' +
      'that tells, two letters of speech or one token, which cost next to nothing. Exits with 4 where a key is refused, ' +
      'with 1 where no answer came or the answer tells nothing of the key.',
    args: [{ name: 'name', summary: 'provider, as vapi provider-key list has it', required: false }],
    options: { all: { type: 'boolean', summary: 'all providers that have a key' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi provider-key test deepgram', does: 'the key that a local call would use' },
      { command: 'vapi provider-key test --all', does: 'every key, of the environment and kept' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [name], options }, context): Promise<ExitCode | undefined> => {
    const { output, env } = context
    if (options.all && name !== undefined)
      throw usageError('--all and the name of a provider exclude each other')
    if (!options.all && name === undefined)
      throw usageError('the provider is missing', 'name one (vapi provider-key list), or give --all')
    const vendors = name === undefined ? keyVendors() : [findKeyVendor(name)]
    const kept = await readKept(context, vendors)
    const keyed = vendors.filter(vendor => viewOf(vendor, env, kept).source !== null)
    if (keyed.length === 0) throw noKey(name === undefined ? null : (vendors[0] ?? null))
    const done = output.waiting(
      keyed.length === 1 ? `asking ${keyed[0]?.label}` : `asking ${keyed.length} providers`,
    )
    const rows = await Promise.all(keyed.map(vendor => tryKey(vendor, kept, context))).finally(done)
    await output.list<Row>(
      rows,
      [
        { heading: 'NAME', value: row => row.id },
        { heading: 'KEY FROM', value: sourceText },
        { heading: 'RESULT', value: row => row.outcome },
        { heading: 'STATUS', value: row => row.status?.toString() ?? '' },
        { heading: 'SAID', value: row => row.said ?? '', wraps: true },
      ],
      row => row.id,
    )
    for (const { label, outcome } of rows)
      if (outcome === 'restricted')
        output.warning(
          `${label} knows the key, but it may not do what was asked for the trial; a call may work`,
        )
    return conclude(rows)
  },
)

async function tryKey(vendor: Vendor, kept: KeptKeys, context: Context): Promise<Row> {
  const { id, label, source, variable } = viewOf(vendor, context.env, kept)
  const stored = kept.keys.get(keptName(vendor))
  const own = environmentKey(vendor, context.env) === null && stored !== undefined
  const origin = { from: 'kept', storage: stored?.storage ?? '' } as const
  const env = own ? withKey(context.env, vendor, stored.key, origin) : context.env
  const result = await testWith(vendor, env, context)
  return { id, label, source, variable, ...result }
}

async function testWith(vendor: Vendor, env: Context['env'], context: Context): Promise<KeyTestResult> {
  try {
    return await testKey(vendor, keyAccess(vendor, env), await context.http(), context.signal)
  } catch (error) {
    context.signal.throwIfAborted()
    // Something else than the key is missing: the region, the address of a server of one's own.
    const { message, hint } = asVapiError(error)
    return { outcome: 'untested', status: null, said: hint === undefined ? message : `${message}: ${hint}` }
  }
}

/** Fails as the worst result does: a refused key counts more than a missing answer. */
function conclude(rows: readonly Row[]): undefined {
  const worst = (['refused', 'failed', 'untested'] as const).find(outcome =>
    rows.some(row => row.outcome === outcome),
  )
  const such = rows.filter(({ outcome }) => outcome === worst)
  const labels = such.map(({ label }) => label).join(', ')
  const [first] = such
  // Of many, some that cannot be tried are no fault.
  if (first === undefined || (worst === 'untested' && rows.length > 1)) return
  const details = { status: first.status ?? undefined }
  if (worst === 'refused')
    throw new VapiError({
      code: 'provider-key-refused',
      message: `the key is refused by ${labels}`,
      exit: Exit.notLoggedIn,
      hint: such.map(adviceOf).join('; '),
      ...(details.status !== undefined && { status: details.status }),
    })
  throw new VapiError({
    code: worst === 'failed' ? 'provider-key-unclear' : 'provider-key-untested',
    message:
      worst === 'failed'
        ? `${labels} gave no answer that tells whether the key is taken`
        : `the key of ${labels} was not tried: ${first.said ?? 'no request is known that tells whether it is taken'}`,
    ...(details.status !== undefined && { status: details.status }),
    ...(worst === 'failed' && { retryable: true, hint: 'try again; --debug shows the request' }),
  })
}

function adviceOf({ id, label, source, variable }: Row): string {
  const origin: KeyOrigin =
    variable === null ? { from: 'kept', storage: source ?? 'none' } : { from: 'environment', variable }
  return keyAdvice({ id, label, keyVariables: [] }, origin)
}

function noKey(vendor: Vendor | null): VapiError {
  return new VapiError({
    code: 'provider-key-missing',
    message: vendor === null ? 'there is no key of any provider' : `there is no key of ${vendor.label}`,
    exit: Exit.notLoggedIn,
    hint:
      vendor === null
        ? 'vapi provider-key set NAME keeps one'
        : `vapi provider-key set ${vendor.id}, or set ${vendor.keyVariables[0]}`,
  })
}
