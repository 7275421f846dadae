import { resourceOf } from '../api/resources.ts'
import { defineCommand } from '../cli/definition.ts'
import { limitOptions, printList } from './resource/list.ts'
import { filterOptions } from './resource/options.ts'

const resource = resourceOf('call')

export default defineCommand(
  {
    name: 'call list',
    summary: 'list calls',
    args: [],
    options: {
      ...limitOptions,
      ...filterOptions(resource.filters),
      status: {
        type: 'string',
        placeholder: 'STATUS',
        choices: ['scheduled', 'queued', 'ringing', 'in-progress', 'forwarding', 'ended'],
        summary: 'with this status (looked for here: the API has no such filter)',
      },
      'ended-reason': {
        type: 'string',
        placeholder: 'TEXT',
        summary: 'whose ended reason contains this (looked for here)',
      },
    },
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi call list --status in-progress', does: 'calls that run now' },
      {
        command: 'vapi call list --assistant Reception --created-at-gt 1d --ended-reason error',
        does: 'what broke',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const status = options.status
    const reason = options['ended-reason']
    const looksHere = status !== undefined || reason !== undefined
    await printList(
      resource,
      options,
      context,
      looksHere
        ? row =>
            (status === undefined || row.status === status) &&
            (reason === undefined || String(row.endedReason ?? '').includes(reason))
        : undefined,
    )
    return undefined
  },
)
