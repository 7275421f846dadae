import { checkKey } from '../auth/check-key.ts'
import type { NewLogin } from '../auth/plan-login.ts'
import { type SavedLogin, saveLogin } from '../auth/save-login.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { isBuiltInUrl } from '../config/environments.ts'
import { resolveConnection, resolveLoginServer } from '../config/resolve.ts'
import type { Connection } from '../config/types.ts'
import { checkAccountName } from '../config/values.ts'
import { usageError } from '../errors.ts'
import { askBrowser, type BrowserAnswer } from './account-browser.ts'
import { readOneWith } from './account-check.ts'
import { readKeyInput } from './account-key-input.ts'
import { inWords, readSetup, reportAccount, type Setup, warnOfOverrides } from './account-setup.ts'

export default defineCommand(
  {
    name: 'auth login',
    summary: 'log in to Vapi and make the account the active one',
    description:
      'The browser is opened at the dashboard, which gives this machine a private key. The key is checked, then stored ' +
      'in the keyring of the system, or in the configuration file where there is none. A login to an organisation that ' +
      'is known already renews its account.',
    args: [],
    options: {
      'no-browser': { type: 'boolean', summary: 'show the address and wait; the callback may be pasted' },
      'with-token': { type: 'boolean', summary: 'read a private key from standard input' },
      alias: { type: 'string', placeholder: 'ALIAS', summary: 'another name for the account' },
      email: { type: 'string', placeholder: 'EMAIL', summary: 'email that the account is remembered by' },
      org: { type: 'string', placeholder: 'NAME', summary: 'name of the organisation to remember' },
    },
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi auth login', does: 'through the browser' },
      { command: 'vapi auth login --no-browser', does: 'over SSH: open the address elsewhere' },
      { command: 'vapi auth login --with-token --alias work < key.txt', does: 'with a key of the dashboard' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context) => {
    if (options['with-token'] && options['no-browser']) {
      throw usageError('--with-token and --no-browser exclude each other')
    }
    if (context.flags.apiKey !== undefined) {
      throw usageError('a key of --api-key is never stored', 'vapi auth login --with-token < key.txt')
    }
    const alias = options.alias === undefined ? null : checkAccountName(options.alias, 'alias')
    const setup = await readSetup(context)
    const server = serverOf(context, setup)
    const answer = options['with-token']
      ? await fromInput(context)
      : await askBrowser(context, { dashboardUrl: server.dashboardUrl, open: !options['no-browser'] })
    try {
      const readOne = await readOneWith(context, server, answer.key, 'the key of this login')
      const { organizationId } = await checkKey(readOne, answer.organizationId)
      const saved = await saveLogin(
        {
          key: answer.key,
          organization: options.org ?? answer.organization,
          organizationId,
          email: options.email ?? answer.email,
          alias,
          baseUrl: server.baseUrl,
          environment: server.environment,
          loginTime: new Date().toISOString(),
        } satisfies NewLogin,
        setup.store,
        context.secrets,
      )
      await answer.finish('saved')
      await report(context, setup, saved)
    } catch (error) {
      await answer.finish('failed')
      throw error
    }
    return undefined
  },
)

/**
 * The server of a login: of the account that `--account` names, else what flags, variables and files say. A project's
 * file may come from a stranger: the key does not go to an address that only it knows.
 */
function serverOf({ flags, env, output }: Context, { home, project }: Setup): Connection {
  const stranger = project?.baseUrl != null && !isBuiltInUrl(project.baseUrl)
  const trusted = project === null || !stranger ? project : { ...project, baseUrl: null }
  const sources = { flags, env, home, project: trusted }
  const { connection, warnings } =
    flags.account === undefined ? resolveLoginServer(sources) : resolveConnection(sources)
  for (const warning of warnings) output.warning(warning)
  if (stranger && flags.baseUrl === undefined) {
    output.warning(
      `base_url of ${project.path} is not used for a login; if you trust it: vapi login --base-url ${project.baseUrl}`,
    )
  }
  return connection
}

async function fromInput(context: Context): Promise<BrowserAnswer> {
  const key = await readKeyInput(context)
  return { key, organization: null, organizationId: null, email: null, finish: async () => {} }
}

async function report(context: Context, setup: Setup, saved: SavedLogin): Promise<void> {
  const { output } = context
  const { account, isNew, storage, fallback, refusedAlias } = saved
  if (fallback !== null) {
    output.warning(
      `${fallback.message}; the key is in ${setup.store.path} (mode 0600) instead. To keep it so: vapi config set storage file`,
    )
  }
  if (refusedAlias !== null) {
    output.warning(`the alias ${refusedAlias.alias} belongs to account ${refusedAlias.owner} and stays there`)
  }
  const place = storage === 'keyring' ? 'in the keyring' : `in ${setup.store.path}`
  await reportAccount(
    context,
    account.name,
    `logged in: ${isNew ? 'new account' : 'renewed account'} ${inWords(account)}, now active; its key is ${place}`,
  )
  warnOfOverrides(context, setup)
}
