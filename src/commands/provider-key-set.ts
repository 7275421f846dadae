import { saveProviderKey } from '../auth/provider-keys.ts'
import { defineCommand } from '../cli/definition.ts'
import { environmentKey, findKeyVendor, keptName } from '../providers/keys.ts'
import { readProviderKey } from './provider-key-input.ts'
import { furtherVariables } from './provider-key-view.ts'

export default defineCommand(
  {
    name: 'provider-key set',
    summary: 'keep a provider’s key for calls on this machine',
    description:
      'The key is typed unseen, or comes from a file, standard input or a variable. It is never an argument: everybody ' +
      'on the machine can read the arguments of a running program, and shells keep them. It is kept in the keyring of ' +
      'the system, or in the configuration file (mode 0600) where there is none. vapi call local uses the assistant’s ' +
      'own credentials first, then the environment, then kept keys. Calls on the platform use the credentials of the ' +
      'account instead (vapi credential).',
    args: [{ name: 'name', summary: 'provider, as vapi provider-key list has it', required: true }],
    options: {
      file: { type: 'string', placeholder: 'FILE', summary: 'file that holds the key; - is standard input' },
      'key-env': { type: 'string', placeholder: 'VAR', summary: 'variable that holds the key' },
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi provider-key set deepgram', does: 'asks for the key' },
      { command: 'vapi provider-key set openai --file - < key.txt', does: 'from standard input' },
      { command: 'vapi provider-key set elevenlabs --key-env MY_KEY', does: 'from a variable' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [name = ''], options }, context) => {
    const { output, env } = context
    const vendor = findKeyVendor(name)
    const key = await readProviderKey(vendor, { file: options.file, variable: options['key-env'] }, context)
    const store = await context.config()
    const { storage, replaced, fallback } = await saveProviderKey(
      keptName(vendor),
      key,
      store,
      context.secrets,
    )
    if (fallback !== null)
      output.warning(
        `${fallback.message}; the key is in ${store.path} (mode 0600) instead. To keep it so: vapi config set storage file`,
      )
    const place = storage === 'keyring' ? 'in the keyring' : `in ${store.path}`
    await output.done(
      { id: vendor.id, label: vendor.label, keptIn: storage, replaced },
      `the key of ${vendor.label} is ${place}${replaced ? ', in place of the one before' : ''}; vapi provider-key test ${vendor.id} tries it`,
    )
    const set = environmentKey(vendor, env)
    if (set !== null) output.warning(`${set.variable} is set: its key is used before the kept one`)
    const missing = furtherVariables(vendor, env).filter(({ value }) => value === null)
    for (const { variables } of missing)
      output.warning(`${vendor.label} needs more than a key: set ${variables.join(' or ')} too`)
    return undefined
  },
)
