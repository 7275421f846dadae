import { defineCommand } from '../cli/definition.ts'
import { usageError } from '../errors.ts'
import { planSetup } from '../mcp/setup/plan.ts'
import type { Scope } from '../mcp/setup/types.ts'
import { carryOut } from './mcp-changes.ts'
import { chosenRows, placeOf, runningProgram } from './mcp-place.ts'

export default defineCommand(
  {
    name: 'mcp setup',
    summary: 'make editors and coding assistants start the MCP server of this program',
    description:
      'Puts an entry named vapi into the configuration of each client: cursor, windsurf, vscode, claude-code, claude-desktop, codex, zed, cline, jetbrains, gemini; without names, of those that are used on this machine. Files are edited in place: every other entry, comment and line stays as it is, and a copy is kept beside the file as .backup. Where a client is best asked by its own command (claude, code), that is run. The changes are shown first and asked for once. Broken files are left alone. Running it again changes nothing.',
    args: [{ name: 'client', summary: 'clients by their ids', required: false, variadic: true }],
    options: {
      scope: {
        type: 'string',
        placeholder: 'SCOPE',
        choices: ['user', 'project'],
        default: 'user',
        summary: 'your own files, or those of the project in this folder, which are shared',
      },
      'dry-run': { type: 'boolean', summary: 'show what would be changed, and change nothing' },
      yes: { type: 'boolean', short: 'y', summary: 'do not ask' },
      force: { type: 'boolean', summary: 'replace an entry named vapi that starts something else' },
    },
    formats: ['table', 'json', 'yaml'],
    examples: [
      { command: 'vapi mcp setup', does: 'every client that is used on this machine' },
      { command: 'vapi mcp setup cursor claude-code --yes', does: 'these two, without a question' },
      { command: 'vapi mcp setup vscode --scope project', does: '.vscode/mcp.json of this project' },
      { command: 'vapi mcp setup --dry-run', does: 'what would be changed' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args, options }, context) => {
    context.output.requireFormat('table', 'json', 'yaml')
    const place = placeOf(context)
    const scope = options.scope as Scope
    const chosen = chosenRows(args, place)
    // Clients that were not named and have no file of a project are not meant.
    const rows =
      scope === 'project' && args.length === 0 ? chosen.filter(row => row.projectFile !== null) : chosen
    if (rows.length === 0)
      throw usageError('none of the clients found here has a file for a single project', 'name a client')
    const items = await planSetup(rows, scope, place, { running: runningProgram(), force: options.force })
    return carryOut(items, { dryRun: options['dry-run'], yes: options.yes }, place, context)
  },
)
