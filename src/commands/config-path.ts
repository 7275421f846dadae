import { defineCommand } from '../cli/definition.ts'
import { readSetup } from './account-setup.ts'

export default defineCommand(
  {
    name: 'config path',
    summary: 'print where the configuration file is',
    args: [],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [{ command: 'vapi config path', does: 'the file of this user, or that of --config' }],
    needsLogin: false,
    destructive: false,
  },
  async (_invocation, context) => {
    const { output } = context
    const { path } = await context.config()
    if (output.isJson || output.options.format === 'yaml') {
      const { project } = await readSetup(context)
      await output.document({ path, project: project?.path ?? null })
    } else output.text(`${path}\n`)
    return undefined
  },
)
