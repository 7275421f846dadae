import { defineCommand } from '../cli/definition.ts'
import { environments, parseEnvironment } from '../config/environments.ts'

export default defineCommand(
  {
    name: 'config env',
    summary: 'print or choose the environment',
    args: [{ name: 'environment', summary: 'production, staging or development', required: false }],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi config env', does: 'the environment of the configuration file' },
      { command: 'vapi config env staging', does: 'for logins to come; accounts keep theirs' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args }, context) => {
    const { output, env } = context
    const [wanted] = args
    const store = await context.config()
    if (wanted !== undefined) {
      const name = parseEnvironment(wanted)
      await store.change(draft => draft.set('environment', name))
    }
    const { environment, baseUrl, dashboardUrl, accounts, activeAccount } = await store.read()
    const addresses = {
      environment,
      baseUrl: baseUrl ?? environments[environment].apiUrl,
      dashboardUrl: dashboardUrl ?? environments[environment].dashboardUrl,
    }
    if (output.isJson || output.options.format === 'yaml') await output.document(addresses)
    else output.text(`${environment}\n`)
    output.note(`API ${addresses.baseUrl}, dashboard ${addresses.dashboardUrl}`)
    const variable = ['VAPI_ENV', 'VAPI_ENVIRONMENT'].find(name => (env[name] ?? '').trim() !== '')
    if (variable !== undefined) output.warning(`${variable} is set and wins over it`)
    const active = accounts.find(account => account.name === activeAccount)
    if (active !== undefined && active.baseUrl !== addresses.baseUrl) {
      output.warning(
        `the active account ${active.name} stays with ${active.environment} (${active.baseUrl}): vapi auth switch, or vapi login`,
      )
    }
    return undefined
  },
)
