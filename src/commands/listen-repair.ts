import { join } from 'node:path'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode } from '../errors.ts'
import { repairServers } from '../listen/tunnel/repair.ts'

export default defineCommand(
  {
    name: 'listen repair',
    summary: 'set back servers that a listener left pointed to its tunnel',
    description:
      'vapi listen --set-server sets them back at its end, and the next vapi listen in this folder after a crash. This does the same at once. What somebody has changed since is left alone.',
    args: [],
    options: {
      force: {
        type: 'boolean',
        summary:
          'also what a listener on another machine or in another container pointed, or one that seems to run',
      },
    },
    formats: ['table', 'json', 'jsonl', 'tsv'],
    examples: [{ command: 'vapi listen repair', does: 'after a listener was killed' }],
    needsLogin: false,
    destructive: false,
  },
  async ({ options }, context): Promise<ExitCode> => {
    const { output, workingDirectory } = context
    const { openServer } = await import('./listen-servers.ts')
    const outcomes = await repairServers({
      folder: join(workingDirectory, '.vapi', 'listen'),
      open: owner => openServer(owner, context),
      force: options.force,
    })
    if (outcomes.length === 0) output.note('nothing is to be set back')
    const rows = outcomes.map(({ owner, state, message, hint }) => ({
      kind: owner.kind,
      id: owner.id,
      name: owner.name,
      state,
      message: hint === null ? message : `${message} (${hint})`,
    }))
    await output.list(
      rows,
      [
        { heading: 'state', value: row => row.state },
        { heading: 'what', value: row => row.message, wraps: true },
      ],
      row => row.id,
    )
    const open = outcomes.some(({ state }) => !['restored', 'changed', 'gone'].includes(state))
    return open ? Exit.failed : Exit.done
  },
)
