import { defineCommand } from '../cli/definition.ts'
import { findSetting, printSettings, rowOf, valueText } from './config-settings.ts'

export default defineCommand(
  {
    name: 'config get',
    summary: 'print a setting of the configuration file',
    description: 'Without a key it prints all of them, like vapi config list. Keys are shown masked.',
    args: [{ name: 'key', summary: 'setting: base_url, timeout, storage …', required: false }],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi config get base_url', does: 'address of the API' },
      { command: 'vapi config get', does: 'all settings' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args }, context) => {
    const { output, env } = context
    const [key] = args
    if (key === undefined) {
      await printSettings(context)
      return undefined
    }
    const { name } = findSetting(key)
    const row = rowOf(name, await (await context.config()).read(), env)
    if (output.isJson || output.options.format === 'yaml') await output.document(row)
    else output.text(`${valueText(row.value)}\n`)
    if (row.overriddenBy !== null) output.note(`${row.overriddenBy} is set and wins over it`)
    return undefined
  },
)
