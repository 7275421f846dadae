import { defineCommand } from '../cli/definition.ts'
import { clients, rowsNamed } from '../mcp/setup/clients.ts'
import { planRemoval } from '../mcp/setup/plan.ts'
import { SCOPES, type Scope } from '../mcp/setup/types.ts'
import { carryOut } from './mcp-changes.ts'
import { placeOf } from './mcp-place.ts'

export default defineCommand(
  {
    name: 'mcp remove',
    summary: 'take the entry of vapi mcp setup out of editors and coding assistants',
    description:
      'Takes out the entry named vapi that starts this program, from your own files and from those of the project in this folder, and nothing else. An entry of that name that starts something else is left.',
    args: [
      { name: 'client', summary: 'clients by their ids (default: all)', required: false, variadic: true },
    ],
    options: {
      scope: {
        type: 'string',
        placeholder: 'SCOPE',
        choices: ['user', 'project'],
        summary: 'only your own files, or only those of the project',
      },
      'dry-run': { type: 'boolean', summary: 'show what would be changed, and change nothing' },
      yes: { type: 'boolean', short: 'y', summary: 'do not ask' },
    },
    formats: ['table', 'json', 'yaml'],
    examples: [
      { command: 'vapi mcp remove', does: 'from every client' },
      { command: 'vapi mcp remove cursor --yes', does: 'from Cursor, without a question' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args, options }, context) => {
    context.output.requireFormat('table', 'json', 'yaml')
    const place = placeOf(context)
    const rows = args.length === 0 ? clients : rowsNamed(args)
    const scopes = options.scope === undefined ? SCOPES : [options.scope as Scope]
    const items = await planRemoval(rows, scopes, place)
    // Of clients that were not named only what concerns the entry is told.
    const told =
      args.length > 0
        ? items
        : items.filter(({ change, notes }) => change?.action !== 'none' || notes.length > 0)
    return carryOut(told, { dryRun: options['dry-run'], yes: options.yes }, place, context)
  },
)
