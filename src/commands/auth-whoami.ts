import { checkKey } from '../auth/check-key.ts'
import { maskKey } from '../auth/key.ts'
import { defineCommand } from '../cli/definition.ts'

export default defineCommand(
  {
    name: 'auth whoami',
    summary: 'ask the API whether the key works and whose it is',
    description:
      'The API tells the id of the organisation as far as it has an assistant, phone number, tool or call; the names ' +
      'are those that the login brought. Exit code 4 where the key is refused.',
    args: [],
    options: {},
    formats: ['json', 'yaml', 'jsonl', 'id'],
    examples: [
      { command: 'vapi auth whoami', does: 'account, organisation and server' },
      { command: 'vapi auth whoami --jq .organizationId', does: 'the id of the organisation' },
    ],
    needsLogin: true,
    destructive: false,
  },
  async (_invocation, context) => {
    const api = await context.api()
    const { account, baseUrl, environment, keySource } = await context.connection()
    const known = keySource?.from === 'account' ? account : null
    const { organizationId } = await checkKey(
      path => api.request({ method: 'GET', path, query: { limit: 1 } }),
      null,
    )
    const key = await context.key()
    await context.output.one({
      id: organizationId ?? known?.organizationId ?? '',
      account: known?.name ?? null,
      aliases: known?.aliases ?? [],
      organization: known?.organization ?? null,
      organizationId: organizationId ?? known?.organizationId ?? null,
      email: known?.email ?? null,
      environment,
      baseUrl,
      keySource,
      key: key === null ? null : maskKey(key),
      keyWorks: true,
    })
    return undefined
  },
)
