import { moveKeys } from '../auth/move-keys.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import type { Storage } from '../config/types.ts'
import { usageError } from '../errors.ts'
import { findSetting, rowOf, type SettingName, textOrDefault, valueText } from './config-settings.ts'

export default defineCommand(
  {
    name: 'config set',
    summary: 'change a setting of the configuration file',
    description:
      'The word default takes a setting out of the file. "storage" moves the keys of all accounts and providers: keyring or file. ' +
      '"compat on" keeps a copy of the active key in api_key, for tools that read only that.',
    args: [
      {
        name: 'key',
        summary:
          'environment, base_url, dashboard_url, timeout, storage, compat, disable_analytics or api_key',
        required: true,
      },
      { name: 'value', summary: 'new value, or default', required: true },
    ],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi config set timeout 60', does: 'seconds for one request' },
      {
        command: 'vapi config set storage file',
        does: 'moves the keys from the keyring into the file (mode 0600)',
      },
      { command: 'vapi config set base_url default', does: 'the address of the environment again' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args }, context) => {
    const [key = '', given = ''] = args
    const { name, setting } = findSetting(key)
    const text = textOrDefault(given)
    if (name === 'storage') await setStorage(text, context)
    else if (setting.change === undefined) throw usageError(`${name} is not set here`, setting.elsewhere)
    else await (await context.config()).change(setting.change(text))
    await report(name, context)
    return undefined
  },
)

async function setStorage(text: string | null, context: Context): Promise<void> {
  const { output } = context
  const to = text?.trim().toLowerCase() ?? 'keyring'
  if (to !== 'keyring' && to !== 'file') throw usageError('storage is keyring or file')
  const store = await context.config()
  const { moved, keyless, keylessProviders, leftBehind } = await moveKeys(
    to satisfies Storage,
    store,
    context.secrets,
  )
  const place = to === 'keyring' ? 'the keyring' : `${store.path} (mode 0600)`
  if (moved.length > 0) output.note(`moved to ${place}: ${moved.toSorted().join(', ')}`)
  for (const name of keyless) output.warning(`account ${name} has no key: vapi login --account ${name}`)
  for (const name of keylessProviders)
    output.warning(`provider ${name} has no key: vapi provider-key set ${name}`)
  if (leftBehind !== null) output.warning(`${leftBehind.message}; old copies of the keys may still be in it`)
  const { legacyKey, compat } = await store.read()
  if (to === 'keyring' && legacyKey !== null && !compat) {
    output.warning(
      'api_key in the file belongs to no account and stays there; store it with vapi login --with-token, then vapi config set api_key default',
    )
  }
}

async function report(name: SettingName, context: Context): Promise<void> {
  const { output, env } = context
  const home = await (await context.config()).read()
  const row = rowOf(name, home, env)
  output.note(`${name}: ${valueText(row.value) || 'not set'}`)
  if (output.isJson || output.options.format === 'yaml') await output.document(row)
  if (row.overriddenBy !== null) output.warning(`${row.overriddenBy} is set and wins over it`)
  const active = home.accounts.find(account => account.name === home.activeAccount)
  if (name === 'api_key' && home.legacyKey !== null && active !== undefined && !home.compat) {
    output.warning(`account ${active.name} is active: its key is used before api_key`)
  }
  const isAddress = name === 'environment' || name === 'base_url'
  const here =
    active?.environment === home.environment && active.baseUrl === rowOf('base_url', home, env).value
  if (isAddress && active !== undefined && !here) {
    output.warning(
      `the active account ${active.name} stays with ${active.baseUrl}, for which its key was made`,
    )
  }
}
