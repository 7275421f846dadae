import { defineCommand } from '../cli/definition.ts'
import { findAccount } from '../config/lookup.ts'
import { usageError } from '../errors.ts'
import { readSetup, reportAccount } from './account-setup.ts'

export default defineCommand(
  {
    name: 'auth alias',
    summary: 'give an account another name, or take one away',
    args: [
      { name: 'account', summary: 'account by name, alias or email', required: true },
      { name: 'alias', summary: 'further name: a-z, 0-9, _ and -', required: true },
    ],
    options: { remove: { type: 'boolean', summary: 'take the alias away' } },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      {
        command: 'vapi auth alias dev@example.com work',
        does: 'vapi auth switch work and --account work go then',
      },
      { command: 'vapi auth alias work work --remove', does: 'takes the alias away' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const { store } = await readSetup(context)
    const [word = '', alias = ''] = args
    let name = ''
    await store.change(draft => {
      const { config } = draft
      name = findAccount(config, word, 'auth alias').name
      const owner = config.accounts.find(account => account.aliases.includes(alias))
      if (options.remove) {
        if (owner?.name !== name)
          throw usageError(`account ${name} has no alias ${alias}`, 'vapi auth status')
        draft.removeAlias(alias)
        return
      }
      if (owner !== undefined && owner.name !== name) {
        throw usageError(
          `the alias ${alias} belongs to account ${owner.name}`,
          `take it away first: vapi auth alias ${owner.name} ${alias} --remove`,
        )
      }
      draft.setAlias(alias, name)
    })
    const what = options.remove ? `${alias} is no alias any more` : `${alias} means account ${name}`
    await reportAccount(context, name, what)
    return undefined
  },
)
