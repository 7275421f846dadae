import { outputFormats } from '../output/output.ts'
import type { OptionDefinition } from './definition.ts'

/** Options that every command takes. */
export const globalOptions = {
  output: {
    type: 'string',
    short: 'o',
    placeholder: 'FORMAT',
    choices: outputFormats,
    summary: 'form of the output',
  },
  json: { type: 'boolean', summary: 'short for --output json; commands that stream print JSON lines' },
  jq: { type: 'string', placeholder: 'EXPRESSION', summary: 'filter the JSON output with jq' },
  account: { type: 'string', placeholder: 'NAME', summary: 'account by name, alias or email' },
  'api-key': {
    type: 'string',
    placeholder: 'KEY',
    summary: 'private key for this run; never stored (VAPI_API_KEY keeps it out of the process list)',
  },
  'base-url': { type: 'string', placeholder: 'URL', summary: 'address of the API' },
  config: { type: 'string', placeholder: 'FILE', summary: 'configuration file in place of ~/.vapi-cli.yaml' },
  timeout: {
    type: 'number',
    placeholder: 'SECONDS',
    minimum: 0,
    summary: 'limit of one request (default 30; 0 is none)',
  },
  quiet: { type: 'boolean', short: 'q', summary: 'only results, warnings and errors' },
  debug: { type: 'boolean', summary: 'trace requests (secrets masked) and show stack traces' },
  'no-input': { type: 'boolean', summary: 'never ask anything' },
  'no-color': { type: 'boolean', summary: 'no colour' },
} as const satisfies Record<string, OptionDefinition>
