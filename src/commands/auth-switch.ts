import { defineCommand } from '../cli/definition.ts'
import { findAccount } from '../config/lookup.ts'
import { Exit, usageError, VapiError } from '../errors.ts'
import { inWords, readSetup, reportAccount, sortedAccounts, warnOfOverrides } from './account-setup.ts'

export default defineCommand(
  {
    name: 'auth switch',
    summary: 'make another account the active one',
    description:
      'Without a name it asks. Every command uses the active account unless --account says otherwise.',
    args: [{ name: 'account', summary: 'account by name, alias or email', required: false }],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi auth switch', does: 'choose from a list' },
      { command: 'vapi auth switch work', does: 'by name, alias or email' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args }, context) => {
    const setup = await readSetup(context)
    const { home, store } = setup
    const accounts = sortedAccounts(home)
    if (accounts.length === 0) {
      throw new VapiError({
        code: 'not-logged-in',
        message: 'there is no account to switch to',
        exit: Exit.notLoggedIn,
        hint: 'vapi login',
      })
    }
    let wanted = args[0] ?? context.flags.account
    if (wanted === undefined) {
      if (!context.interactive) throw usageError('which account?', 'vapi auth switch NAME')
      const prompt = await context.prompt()
      wanted = await prompt.select({
        message: 'Which account?',
        choices: accounts.map(account => ({
          value: account.name,
          label: `${inWords(account)}${account.name === home.activeAccount ? ', active' : ''}`,
        })),
        ...(home.activeAccount !== null && { default: home.activeAccount }),
      })
    }
    const { name } = findAccount(home, wanted, 'auth switch')
    await store.change(draft => draft.activate(name))
    const account = home.accounts.find(candidate => candidate.name === name)
    await reportAccount(context, name, `active account: ${account === undefined ? name : inWords(account)}`)
    warnOfOverrides(context, setup)
    return undefined
  },
)
