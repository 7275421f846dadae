import { maskKey } from '../auth/key.ts'
import { keyLabel } from '../cli/create-context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, VapiError } from '../errors.ts'

export default defineCommand(
  {
    name: 'auth token',
    summary: 'print the key in use, masked unless --show',
    args: [],
    options: { show: { type: 'boolean', summary: 'print the whole key' } },
    formats: ['json', 'yaml', 'jsonl'],
    examples: [
      { command: 'vapi auth token', does: 'masked' },
      {
        command: 'VAPI_API_KEY=$(vapi auth token --show --account work) node server.js',
        does: 'hands the key to another program',
      },
    ],
    needsLogin: true,
    destructive: false,
  },
  async ({ options }, context) => {
    const { output } = context
    const [key, { keySource, account }] = await Promise.all([context.key(), context.connection()])
    if (key === null) {
      throw new VapiError({
        code: 'not-logged-in',
        message: account === null ? 'there is no key' : `there is no key of account ${account.name}`,
        exit: Exit.notLoggedIn,
        hint: 'vapi login',
      })
    }
    const shown = options.show ? key : maskKey(key)
    if (output.isJson || output.options.format === 'yaml') {
      await output.document({ key: shown, masked: !options.show, keySource })
      return undefined
    }
    output.text(`${shown}\n`)
    if (!options.show) output.note(`${keyLabel(keySource)}; vapi auth token --show prints all of it`)
    return undefined
  },
)
