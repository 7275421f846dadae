import { resolve } from 'node:path'
import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'

const MODES = ['detect', 'undo', 'list'] as const

export default defineCommand(
  {
    name: 'init',
    summary: 'put an assistant into a project that is there: button, webhook, example',
    description:
      'Finds out what the folder is, shows what it will write, and asks once. Front ends get a button for calls with a live transcript, back ends a webhook that answers tool calls, both an example of their environment; the SDK comes by the project’s own package manager. A file of yours is never replaced unless you say so: at a terminal each is asked for, --yes and runs without a terminal leave it, --force keeps it as .backup. Nothing is sent anywhere, no account is needed.',
    args: [{ name: 'dir', summary: 'the project (default: the current folder)', required: false }],
    options: {
      framework: { type: 'string', placeholder: 'ID', summary: 'what the project is: an id of --list' },
      with: {
        type: 'string',
        placeholder: 'PARTS',
        summary: 'button, webhook, example, env: some of them, with commas (default: all that there are)',
      },
      'skip-install': { type: 'boolean', summary: 'show the command that installs the SDK, do not run it' },
      'dry-run': { type: 'boolean', summary: 'show what would be done, and do nothing' },
      yes: { type: 'boolean', short: 'y', summary: 'do not ask; leave files of yours that are in the way' },
      force: {
        type: 'boolean',
        summary: 'replace files that are in the way, kept as .backup; with --undo also files changed since',
      },
      template: {
        type: 'string',
        placeholder: 'DIR|PACKAGE',
        summary: 'a template of your own: a folder with a template.yaml, or a package of npm',
      },
      'package-manager': { type: 'string', placeholder: 'PM', summary: 'npm, pnpm, yarn, uv …' },
      detect: { type: 'boolean', summary: 'only tell what the project is' },
      undo: { type: 'boolean', summary: 'take back what the last run wrote here' },
      list: { type: 'boolean', summary: 'the frameworks, and what there is for each' },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi init', does: 'in the folder of a project' },
      { command: 'vapi init apps/web --with button,env --dry-run', does: 'what would be written' },
      { command: 'vapi init --framework express --yes --skip-install', does: 'without questions' },
      { command: 'vapi init --detect --json', does: 'what this project is' },
      { command: 'vapi init --undo', does: 'everything as it was before the last run' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [dir = '.'], options }, context) => {
    const { output } = context
    const folder = resolve(context.workingDirectory, dir)
    const modes = MODES.filter(name => options[name])
    if (modes.length > 1)
      throw usageError(`--${modes.join(' and --')} are different things`, 'give one of them')
    if (options.list) return (await import('./init-list.ts')).listFrameworks(output)
    output.requireFormat('table', 'json', 'yaml')
    if (options.undo) return (await import('./init-undo.ts')).undoLastRun(folder, options.force, context)
    const choice = { framework: options.framework, packageManager: options['package-manager'] }
    if (options.detect) {
      const { detectProject } = await import('../init/detect.ts')
      await output.one(await detectProject(folder, { ...choice, env: context.env }))
      return undefined
    }
    const { addToProject } = await import('./init-add.ts')
    return addToProject(
      {
        folder,
        ...choice,
        parts: options.with,
        template: options.template,
        skipInstall: options['skip-install'],
        dryRun: options['dry-run'],
        yes: options.yes,
        force: options.force,
      },
      context,
    )
  },
)
