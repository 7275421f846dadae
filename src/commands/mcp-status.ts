import { defineCommand } from '../cli/definition.ts'
import { Exit } from '../errors.ts'
import { type StatusRow, statusOf } from '../mcp/setup/status.ts'
import type { Column } from '../output/output.ts'
import { chosenRows, placeOf, runningProgram } from './mcp-place.ts'

const columns: readonly Column<StatusRow>[] = [
  { heading: 'CLIENT', value: ({ client }) => client },
  { heading: 'SCOPE', value: ({ scope }) => scope },
  { heading: 'ENTRY', value: ({ entry }) => entry },
  { heading: 'SERVER', value: serverText, whole: true },
  { heading: 'FILE', value: ({ file }) => file ?? '', wraps: true },
]

export default defineCommand(
  {
    name: 'mcp status',
    summary: 'which editors and coding assistants have the MCP server, and whether it works',
    description:
      'Looks into your own files and those of the project in this folder. Where our entry is there, the server is started as the client would start it, greeted by the protocol, asked for its tools and ended again, within 5 seconds. Of a project’s files only what vapi mcp setup writes is started. Ends with 3 where an entry does not work or a file cannot be read.',
    args: [
      {
        name: 'client',
        summary: 'clients by their ids (default: those used on this machine)',
        required: false,
        variadic: true,
      },
    ],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi mcp status', does: 'every client that is used on this machine' },
      { command: 'vapi mcp status cursor --json', does: 'all that is known of one' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args }, context) => {
    const { output, signal } = context
    const place = placeOf(context)
    const rows = chosenRows(args, place)
    const done = output.waiting('starting the servers')
    const results = await statusOf(rows, place, { running: runningProgram(), signal }).finally(done)
    await output.list(results, columns, ({ client }) => client)
    for (const { label, why, works, entry } of results)
      if (why !== null && (works !== false || entry === 'unreadable')) output.note(`${label}: ${why}`)
    const isWrong = results.some(({ works, entry }) => works === false || entry === 'unreadable')
    return isWrong ? Exit.checkFailed : undefined
  },
)

function serverText({ entry, works, server, tools, why }: StatusRow): string {
  if (works === false) return `does not work: ${why}`
  if (works === null || server === null) return entry === 'ours' ? 'not started' : ''
  return `${server.name} ${server.version}${tools === null ? '' : `, ${tools} tools`}`
}
