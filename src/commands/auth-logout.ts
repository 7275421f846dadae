import { removeAccounts } from '../auth/remove-account.ts'
import { defineCommand } from '../cli/definition.ts'
import { findAccount } from '../config/lookup.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { readSetup } from './account-setup.ts'
import { confirmed, needsYes, yesOption } from './resource/delete.ts'

export default defineCommand(
  {
    name: 'auth logout',
    summary: 'forget an account and its key',
    description:
      'Without a name it forgets the active account alone. Its key goes from the keyring and from the file; it stays ' +
      'valid until it is deleted in the dashboard.',
    args: [{ name: 'account', summary: 'account by name, alias or email', required: false }],
    options: { all: { type: 'boolean', summary: 'forget every account' }, ...yesOption },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi auth logout', does: 'the active account' },
      { command: 'vapi auth logout work', does: 'by name, alias or email' },
      { command: 'vapi auth logout --all --yes', does: 'every account, without asking' },
    ],
    needsLogin: false,
    destructive: true,
  },
  async ({ args, options }, context) => {
    const { output, flags } = context
    const { store, home } = await readSetup(context)
    const wanted = args[0] ?? flags.account
    if (options.all && wanted !== undefined)
      throw usageError('--all and the name of an account exclude each other')
    const nothing = home.accounts.length === 0 && home.legacyKey === null
    // The single key of older tools is all there is: it is the login that ends.
    const everything = options.all || (wanted === undefined && home.accounts.length === 0)
    if (nothing) {
      output.note('nobody is logged in')
      if (output.isJson || output.options.format === 'yaml')
        await output.document({ removed: [], active: null })
      return undefined
    }
    if (options.all && !options.yes) {
      if (!context.interactive) throw needsYes('forget every account')
      const names = home.accounts.map(({ name }) => name).sort()
      await confirmed(context, `Forget every account (${names.join(', ') || 'the key of older tools'})?`)
    }
    const names = everything ? null : [nameOf(wanted)]
    const { removed, active, legacyKeyRemoved, unavailable } = await removeAccounts(
      names,
      store,
      context.secrets,
    )
    if (unavailable !== null) {
      output.warning(`${unavailable.message}; keys of the removed accounts may still be in it`)
    }
    output.note(
      removed.length === 0
        ? `the key in ${store.path} is removed`
        : `logged out: ${removed.toSorted().join(', ')}`,
    )
    const left = home.accounts.length - removed.length
    if (active !== null) output.note(`active account: ${active}`)
    else if (left > 0) output.note('no account is active now: vapi auth switch')
    if (output.isJson || output.options.format === 'yaml') {
      await output.document({ removed, active, legacyKeyRemoved })
    } else output.text(removed.map(name => `${name}\n`).join(''))
    return undefined

    function nameOf(word: string | undefined): string {
      if (word !== undefined) return findAccount(home, word, 'auth logout').name
      if (home.accounts.some(({ name }) => name === home.activeAccount)) return home.activeAccount ?? ''
      throw new VapiError({
        code: 'no-active-account',
        message: 'no account is active',
        exit: Exit.usage,
        hint: 'vapi auth logout NAME, or --all',
      })
    }
  },
)
