import { defineCommand } from '../cli/definition.ts'
import { keyVendors } from '../providers/keys.ts'
import { type ProviderKeyView, readKept, viewOf } from './provider-key-view.ts'

export default defineCommand(
  {
    name: 'provider-key list',
    summary: 'list the providers, and where the key of each comes from',
    description:
      'A key comes from a variable of the environment, else from the keyring or the configuration file (vapi provider-key ' +
      'set). Credentials inside an assistant go before both, and only for that assistant.',
    args: [],
    options: { set: { type: 'boolean', summary: 'only those that have a key' } },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi provider-key list', does: 'all that a local call can use' },
      { command: 'vapi provider-key list --set --json', does: 'with all that is known of each' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context) => {
    const { output, env } = context
    const vendors = keyVendors()
    const kept = await readKept(context, vendors)
    const views = vendors
      .map(vendor => viewOf(vendor, env, kept))
      .filter(({ source }) => !options.set || source !== null)
      .sort((first, second) => (first.id < second.id ? -1 : 1))
    await output.list<ProviderKeyView>(
      views,
      [
        { heading: 'NAME', value: view => view.id },
        { heading: 'PROVIDER', value: view => view.label },
        { heading: 'KEY FROM', value: view => view.source ?? '' },
        { heading: 'VARIABLE', value: view => view.variable ?? view.variables[0] ?? '', whole: true },
        { heading: 'FOR', value: view => view.uses.join(', ') },
      ],
      view => view.id,
    )
    return undefined
  },
)
