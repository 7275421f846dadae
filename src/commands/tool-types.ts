import { toolTypes } from '../api/tool-types.ts'
import { defineCommand } from '../cli/definition.ts'

export default defineCommand(
  {
    name: 'tool types',
    summary: 'the types of tools, what each does and needs',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi tool types', does: 'all types' },
      { command: 'vapi tool types --json --jq ".[] | select(.creatable) | .type"', does: 'names alone' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async (_, { output }) => {
    await output.list(
      toolTypes,
      [
        { heading: 'TYPE', value: ({ type }) => type },
        { heading: 'NEEDS', value: ({ required }) => required.join(', ') || '-' },
        {
          heading: 'DOES',
          value: ({ summary, creatable }) => (creatable ? summary : `${summary} (cannot be created)`),
        },
      ],
      ({ type }) => type,
    )
    return undefined
  },
)
