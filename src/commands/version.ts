import { readFile } from 'node:fs/promises'
import { configPath } from '../cli/create-context.ts'
import { defineCommand } from '../cli/definition.ts'
import { packageFile } from '../package-root.ts'

export default defineCommand(
  {
    name: 'version',
    summary: 'versions and places of this program',
    description: 'What to send along with a report of a fault. vapi --version prints the number alone.',
    args: [],
    options: {},
    formats: ['table', 'json', 'yaml', 'jsonl'],
    examples: [
      { command: 'vapi version', does: 'for people' },
      { command: 'vapi version --jq .version', does: 'one value' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async (_invocation, { output, env, flags, workingDirectory }) => {
    const { version } = JSON.parse(await readFile(packageFile('package.json'), 'utf8'))
    const facts = {
      version: String(version),
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      program: packageFile('bin', 'vapi.js'),
      config: configPath(flags, env, workingDirectory),
    }
    if (output.isJson || output.options.format === 'yaml') await output.document(facts)
    else {
      const lines = { vapi: facts.version, ...facts, version: undefined }
      for (const [name, value] of Object.entries(lines)) {
        if (value !== undefined) output.text(`${name.padEnd(8)}  ${value}\n`)
      }
    }
    return undefined
  },
)
