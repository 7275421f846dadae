import { readFile } from 'node:fs/promises'
import { defineCommand } from '../cli/definition.ts'
import type { DescribedProgram } from '../cli/describe.ts'
import { packageFile } from '../package-root.ts'

export default defineCommand(
  {
    name: 'commands',
    summary: 'every command, as a table or as data for machines',
    description:
      '--json prints one object: version, globalOptions, and commands with arguments, options (type, choices, default), forms of output, examples, whether they need a login (needsLogin) and whether they ask before they destroy (destructive). --output jsonl prints a command a line.',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv', 'id'],
    examples: [
      { command: 'vapi commands', does: 'all of them, with what they do' },
      {
        command: "vapi commands --jq '.commands[] | select(.destructive).name'",
        does: 'what can destroy something',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async (_invocation, { output }) => {
    const program: DescribedProgram = JSON.parse(await readFile(packageFile('dist', 'commands.json'), 'utf8'))
    const { format } = output.options
    if (format !== 'jsonl' && (output.isJson || format === 'yaml')) await output.document(program)
    else {
      await output.list(
        program.commands,
        [
          { heading: 'COMMAND', value: row => row.name },
          { heading: 'SUMMARY', value: row => row.summary },
        ],
        row => row.name,
      )
    }
    return undefined
  },
)
