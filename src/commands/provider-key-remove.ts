import { removeProviderKey } from '../auth/provider-keys.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, VapiError } from '../errors.ts'
import { environmentKey, findKeyVendor, keptName } from '../providers/keys.ts'
import { confirmed, needsYes, yesOption } from './resource/delete.ts'

export default defineCommand(
  {
    name: 'provider-key remove',
    summary: 'forget a kept key of a provider',
    description: 'It goes from the keyring and from the configuration file. At the provider it stays valid.',
    args: [{ name: 'name', summary: 'provider, as vapi provider-key list has it', required: true }],
    options: { ...yesOption },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi provider-key remove deepgram', does: 'asks first' },
      { command: 'vapi provider-key remove deepgram --yes', does: 'without asking' },
    ],
    needsLogin: false,
    destructive: true,
  },
  async ({ args: [name = ''], options }, context) => {
    const { output, env } = context
    const vendor = findKeyVendor(name)
    const { id, label } = vendor
    const store = await context.config()
    const set = environmentKey(vendor, env)
    const inEnvironment = `${set?.variable} is set: local calls use its key`
    const missing = new VapiError({
      code: 'not-found',
      message: `no key of ${label} is kept`,
      exit: Exit.notFound,
      hint: set === null ? 'vapi provider-key list --set' : `${inEnvironment}; unset ${set.variable}`,
    })
    if (!(await store.read()).providerKeys.has(keptName(vendor))) throw missing
    if (!options.yes) {
      if (!context.interactive) throw needsYes(`forget the key of ${label}`)
      await confirmed(context, `Forget the kept key of ${label}?`)
    }
    const removed = await removeProviderKey(keptName(vendor), store, context.secrets)
    if (removed === null) throw missing
    const { storage, unavailable } = removed
    if (unavailable !== null) output.warning(`${unavailable.message}; the key may still be in it`)
    await output.done({ id, label, removedFrom: storage }, `the kept key of ${label} is forgotten`)
    if (set !== null) output.warning(inEnvironment)
    return undefined
  },
)
