import { defineCommand } from '../cli/definition.ts'
import { printSettings } from './config-settings.ts'

export default defineCommand(
  {
    name: 'config list',
    summary: 'list the settings of the configuration file',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [{ command: 'vapi config list', does: 'every setting, and the variables that win over one' }],
    needsLogin: false,
    destructive: false,
  },
  async (_invocation, context) => {
    await printSettings(context)
    return undefined
  },
)
