import { readStoredKeys } from '../auth/stored-keys.ts'
import { keyLabel } from '../cli/create-context.ts'
import { defineCommand } from '../cli/definition.ts'
import { type AccountView, connectionOf, readSetup, sortedAccounts, viewOf } from './account-setup.ts'

export default defineCommand(
  {
    name: 'auth status',
    summary: 'list the accounts and say which key is in use',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi auth status', does: 'accounts, with the active one marked' },
      { command: 'vapi auth status --json --jq .authenticated', does: 'true where commands have a key' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async (_invocation, context) => {
    const { output } = context
    const setup = await readSetup(context)
    const { home } = setup
    const connection = connectionOf(context, setup)
    const accounts = sortedAccounts(home)
    const keys = await readStoredKeys(accounts, context.secrets)
    const views = accounts.map(account => viewOf(account, home, keys))
    const { keySource, account } = connection
    const stored = account === null ? null : keys.of(account)
    // A key of the keyring may be gone, and then there is none to use.
    const hasKey = keySource !== null && (keySource.from !== 'account' || stored !== null)
    if (keys.unavailable !== null) output.warning(keys.unavailable.message)

    if (output.isJson || output.options.format === 'yaml') {
      await output.document({
        authenticated: hasKey,
        active: home.activeAccount,
        keySource,
        account: account?.name ?? null,
        baseUrl: connection.baseUrl,
        dashboardUrl: connection.dashboardUrl,
        environment: connection.environment,
        storage: home.storage,
        compat: home.compat,
        config: setup.store.path,
        accounts: views,
      })
      return undefined
    }
    await output.list<AccountView>(
      views,
      [
        { heading: 'ACTIVE', value: view => (view.active ? '*' : '') },
        { heading: 'NAME', value: view => view.name },
        { heading: 'ALIASES', value: view => view.aliases.join(', ') },
        { heading: 'ORGANISATION', value: view => view.organization ?? '' },
        { heading: 'EMAIL', value: view => view.email ?? '' },
        { heading: 'API', value: view => view.baseUrl },
        { heading: 'KEY', value: view => view.key ?? 'missing' },
        { heading: 'STORED IN', value: view => view.storage ?? '' },
        { heading: 'ENVIRONMENT', value: view => view.environment },
        { heading: 'ORGANISATION ID', value: view => view.organizationId ?? '' },
      ],
      view => view.name,
    )
    if (hasKey) {
      output.note(`commands use ${keyLabel(keySource)} at ${connection.baseUrl} (${connection.environment})`)
    } else if (account !== null) {
      output.note(`account ${account.name} has no key that can be read: vapi login`)
    } else {
      output.note(
        accounts.length === 0 ? 'not logged in: vapi login' : 'no account is active: vapi auth switch',
      )
    }
    return undefined
  },
)
